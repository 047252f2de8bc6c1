"""A plain stack of convolutions for small grey images, as a function of widths, depths and exit."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from problems.deployment.networks.exits import Exits

WIDTH = (24, 48, 96)  # channels of each stage of the full network
DEPTH = (2, 2, 3)  # convolutions of each stage of the full network


class VGG(nn.Module):
    """Stages of 3x3 convolutions (a max pool before each but the first), mean pool, linear head.

    width: channels of each stage; depth: convolutions of each stage, at least one; exit: the stage
    after which it classifies, None for the last. Input (n, 1, r, r), output (n, classes) logits.
    Source: Simonyan & Zisserman, Very Deep Convolutional Networks (2015), table 1.
    Deviation: three stages, batch norm, and a mean pool for the three hidden linear layers.
    """

    def __init__(
        self,
        width: Sequence[int] = WIDTH,
        depth: Sequence[int] = DEPTH,
        exit: int | None = None,
        classes: int = 10,
    ) -> None:
        super().__init__()
        inputs = (1, *width[:-1])
        stages = [
            nn.Sequential(
                nn.Identity() if s == 0 else nn.MaxPool2d(2),
                _convolution(inputs[s], width[s]),
                *(_convolution(width[s], width[s]) for _ in range(depth[s] - 1)),
            )
            for s in range(len(width))
        ]
        self.exits = Exits(stages, width, classes, exit)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.exits(x)
        return y


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
