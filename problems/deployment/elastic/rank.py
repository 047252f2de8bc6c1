"""Low rank: a layer becomes two thin ones, which is the best product of such a size."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn

from dmo.checks import at_least
from dmo.errors import ArgumentError

LEAST = 16  # inputs and outputs below which a layer stays as it is: it is cheap, or the classifier


def factorise(module: nn.Module, per_cent: int) -> nn.Module:
    """A copy whose convolutions and linear layers keep `per_cent` of their multiply-adds, as two each.

    A layer of weights (o, i k k) becomes one that gives r channels, of the same kernel, stride and
    padding, and a 1x1 one from r to o; their product is the nearest of rank r. Grouped layers, those with
    fewer than 16 inputs or outputs and all at 100 stay. Batch-norm statistics do not fit any more.
    Raises ArgumentError for per cents outside 1..100.
    Source: Zhang et al., Accelerating Very Deep Convolutional Networks (2016), section 2.1.
    Deviation: the singular vectors are those of the weights, not of the responses to images; batch norms
    recalibrated afterwards take the place of the fitted means.
    """
    at_least("rank", per_cent, 1)
    if per_cent > 100:
        raise ArgumentError("rank", "per cent up to 100", repr(per_cent), "use 100 for the network as it is")
    if per_cent == 100:
        return module
    thin = copy.deepcopy(module)
    for name, layer in list(thin.named_modules()):
        pair = _pair(layer, per_cent / 100.0)
        if pair is not None:
            parent, _, own = name.rpartition(".")
            setattr(thin.get_submodule(parent), own, pair)
    return thin


def _pair(layer: nn.Module, share: float) -> nn.Sequential | None:
    """The two layers, None where this one stays."""
    if not isinstance(layer, nn.Conv2d | nn.Linear) or getattr(layer, "groups", 1) > 1:
        return None
    weight = layer.weight.detach()
    outputs, inputs = weight.shape[0], math.prod(weight.shape[1:])
    if min(outputs, weight.shape[1]) < LEAST:
        return None
    rank = max(int(share * outputs * inputs / (outputs + inputs)), 1)
    u, s, v = torch.linalg.svd(weight.reshape(outputs, inputs), full_matrices=False)
    root = s[:rank].sqrt()
    second, first = u[:, :rank] * root, root[:, None] * v[:rank]
    biased = layer.bias is not None
    thin: nn.Conv2d | nn.Linear
    wide: nn.Conv2d | nn.Linear
    if isinstance(layer, nn.Linear):
        thin = nn.Linear(layer.in_features, rank, bias=False)
        wide = nn.Linear(rank, outputs, bias=biased)
    else:
        kernel = layer.kernel_size, layer.stride, layer.padding, layer.dilation
        thin = nn.Conv2d(layer.in_channels, rank, *kernel, bias=False)  # type: ignore[arg-type]
        wide = nn.Conv2d(rank, outputs, 1, bias=biased)
    with torch.no_grad():
        thin.weight.copy_(first.reshape(thin.weight.shape))
        wide.weight.copy_(second.reshape(wide.weight.shape))
        if wide.bias is not None:
            wide.bias.copy_(layer.bias)
    return nn.Sequential(thin, wide)
