"""A network of inverted residuals for small grey images, as a function of widths, depths and exit."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from problems.deployment.networks.exits import Exits

WIDTH = (16, 40, 96)  # channels of each stage of the full network
DEPTH = (2, 3, 3)  # blocks of each stage of the full network
EXPANSION = 4  # a block works on so many times the channels it reads


class InvertedResidual(nn.Module):
    """Widen (1x1), filter each channel (3x3), narrow linearly (1x1); a shortcut where sizes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        hidden = EXPANSION * inputs
        self.widen = nn.Sequential(
            nn.Conv2d(inputs, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6()
        )
        self.filter = nn.Sequential(
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(),
        )
        self.narrow = nn.Sequential(nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.narrow(self.filter(self.widen(x)))
        return x + y if self.adds else y


class MobileNet(nn.Module):
    """Stem, stages of inverted residuals (each but the first halves the image), mean pool, linear head.

    width: channels of each stage; depth: blocks of each stage, at least one; exit: the stage after
    which it classifies, None for the last. Input (n, 1, r, r), output (n, classes) logits.
    Source: Sandler et al., MobileNetV2 (2018), sections 3.2-3.4.
    Deviation: three stages of expansion 4 for small images, no convolution before the pooling.
    """

    def __init__(
        self,
        width: Sequence[int] = WIDTH,
        depth: Sequence[int] = DEPTH,
        exit: int | None = None,
        classes: int = 10,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, width[0], 3, 1, 1, bias=False), nn.BatchNorm2d(width[0]), nn.ReLU6()
        )
        inputs = (width[0], *width[:-1])
        stages = [
            nn.Sequential(
                InvertedResidual(inputs[s], width[s], stride=1 if s == 0 else 2),
                *(InvertedResidual(width[s], width[s], stride=1) for _ in range(depth[s] - 1)),
            )
            for s in range(len(width))
        ]
        self.exits = Exits(stages, width, classes, exit)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.exits(self.stem(x))
        return y
