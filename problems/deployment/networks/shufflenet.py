"""A network of channel shuffles for small grey images, as a function of widths, depths and exit."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from problems.deployment.networks.exits import Exits

STEM = 24  # channels of the first convolution
WIDTH = (96, 192, 384)  # channels of each stage of the full network, even
DEPTH = (4, 4, 3)  # blocks of each stage of the full network


class Shuffle(nn.Module):
    """One half of the channels is convolved, then both are interleaved; where it strides, both read all."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        half = outputs // 2
        self.halves = stride == 1
        read = inputs // 2 if self.halves else inputs
        self.right = nn.Sequential(
            *_pointwise(read, half), *_depthwise(half, stride), *_pointwise(half, half)
        )
        self.left: nn.Module = nn.Identity()
        if not self.halves:
            self.left = nn.Sequential(*_depthwise(read, stride), *_pointwise(read, half))

    def forward(self, x: Tensor) -> Tensor:
        left, right = x.chunk(2, dim=1) if self.halves else (x, x)
        y = torch.stack([self.left(left), self.right(right)], dim=2)  # (n, half, 2, h, w)
        return y.flatten(1, 2)


class ShuffleNet(nn.Module):
    """Stem, stages of shuffled blocks (each halves the image), mean pool, linear head.

    width: channels of each stage, even; depth: blocks of each stage, at least one; exit: the stage
    after which it classifies, None for the last. Input (n, 1, r, r), output (n, classes) logits. The
    halves are interleaved, so that a narrower network has the first channels of both.
    Source: Ma et al., ShuffleNet V2 (2018), section 3 and figure 3 c, d.
    Deviation: a stem that keeps the image's size, without its max pool; no convolution before the mean.
    """

    def __init__(
        self,
        width: Sequence[int] = WIDTH,
        depth: Sequence[int] = DEPTH,
        exit: int | None = None,
        classes: int = 10,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, STEM, 3, 1, 1, bias=False), nn.BatchNorm2d(STEM), nn.ReLU())
        inputs = (STEM, *width[:-1])
        stages = [
            nn.Sequential(
                Shuffle(inputs[s], width[s], stride=2),
                *(Shuffle(width[s], width[s], stride=1) for _ in range(depth[s] - 1)),
            )
            for s in range(len(width))
        ]
        self.exits = Exits(stages, width, classes, exit)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.exits(self.stem(x))
        return y


def _pointwise(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()


def _depthwise(channels: int, stride: int) -> tuple[nn.Module, ...]:
    filters = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
    return filters, nn.BatchNorm2d(channels)
