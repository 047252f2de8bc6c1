"""A residual network for small grey images, as a function of its widths and depths."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import relu

WIDTH = (32, 64, 128)  # channels of each stage of the full network
DEPTH = (2, 2, 2)  # residual blocks of each stage of the full network


class Block(nn.Module):
    """Two 3x3 convolutions with batch norm, and a shortcut; the first may stride and widen."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = relu(self.norm1(self.conv1(x)))
        return relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    """Stem, stages of residual blocks (each but the first halves the image), mean pool, linear head.

    width: channels of each stage; depth: blocks of each stage, at least one. Input (n, 1, r, r),
    output (n, classes) logits. Names of parameters do not depend on width or depth, so that a
    smaller network's are found, as leading corners, in a larger one's (see elastic.sharing).
    Source: He et al. 2016, section 4.2 (CIFAR variant), with projection shortcuts.
    """

    def __init__(self, width: Sequence[int] = WIDTH, depth: Sequence[int] = DEPTH, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, width[0], 3, 1, 1, bias=False), nn.BatchNorm2d(width[0]), nn.ReLU()
        )
        inputs = (width[0], *width[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(
                Block(inputs[s], width[s], stride=1 if s == 0 else 2),
                *(Block(width[s], width[s], stride=1) for _ in range(depth[s] - 1)),
            )
            for s in range(len(width))
        )
        self.head = nn.Linear(width[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.head(x.mean(dim=(2, 3)))
