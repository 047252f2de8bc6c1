"""Trained filters on larger images: they are spread, so that they cover the same share of the image."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn
from torch.jit import TracerWarning

from problems.deployment.elastic.shape import Build


@dataclass(frozen=True)
class Atrous:
    """build(width, depth, ...) -> a network whose 3x3 filters read every k-th pixel, k = r / side rounded.

    network: builds it; side: of the images that it was trained on. An image of twice that side is four
    interleaved ones, each of which the same weights see as they were trained to (after a strided
    convolution also shifted by a pixel): larger resolutions cost what they cost, but no training.
    Source: Chen et al., Rethinking Atrous Convolution (2017), section 3.1.
    """

    network: Build
    side: int

    def __call__(self, width: Sequence[int], depth: Sequence[int], **exit: int) -> nn.Module:
        module = self.network(width, depth, **exit)
        module.register_forward_pre_hook(partial(_spread, self.side))
        return module


def _spread(side: int, network: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    with warnings.catch_warnings():  # an export, which is of one size, warns of reading it
        warnings.simplefilter("ignore", TracerWarning)
        step = max(1, round(int(inputs[0].shape[-1]) / side))
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3):
            layer.dilation = layer.padding = (step, step)
