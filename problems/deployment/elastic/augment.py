"""What a training step shows: images shifted, mirrored, resized, and as spread filters see larger ones."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from problems.deployment.images import MEAN, STD


def augmented(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """Normalised (n, 1, 28, 28), each image shifted by up to 2 pixels and mirrored half of the time."""
    n, side = len(pixels), pixels.shape[-1]
    padded = pad(pixels, (2, 2, 2, 2))
    dx, dy = (torch.from_numpy(rng.integers(0, 5, n)) for _ in range(2))
    grid = torch.arange(side)
    rows, columns = dy[:, None] + grid, dx[:, None] + grid
    mirror = torch.from_numpy(rng.random(n) < 0.5)
    columns = torch.where(mirror[:, None], columns.flip(1), columns)
    shifted = padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return ((shifted.float() / 255.0 - MEAN) / STD).unsqueeze(1)


def seen(x: Tensor, spread: int, rng: np.random.Generator) -> Tensor:
    """One of the k * k interleaved images that spread filters see of `x` made k times as large."""
    if spread == 1:
        return x
    k = int(rng.integers(1, spread + 1))
    i, j = rng.integers(k, size=2)
    return resized(x, k * x.shape[-1])[:, :, i::k, j::k]


def resized(x: Tensor, side: int) -> Tensor:
    """Images (n, c, r, r) at another size, (n, c, side, side)."""
    return interpolate(x, size=side, mode="bilinear", antialias=True, align_corners=False)
