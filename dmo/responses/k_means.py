"""k-means clustering."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from dmo.types import Array, IntArray

STEPS = 100  # of Lloyd's algorithm at most


def k_means(x: Array, k: int, rng: Generator) -> IntArray:
    """The cluster of each row of x, (n, d), (n,) from 0 on: k, or fewer where there are fewer distinct rows.

    Source: Arthur & Vassilvitskii, k-means++ (2007), for the first centres; then Lloyd's algorithm.
    """
    centres = x[rng.integers(len(x))][None]
    while len(centres) < k:
        gaps = _squares(x, centres).min(axis=1)
        if gaps.max() == 0.0:
            break
        centres = np.concatenate([centres, x[rng.choice(len(x), p=gaps / gaps.sum())][None]])
    labels = _squares(x, centres).argmin(axis=1)
    for _ in range(STEPS):
        labels = np.unique(labels, return_inverse=True)[1]  # a cluster that lost all its members is gone
        belongs = (np.arange(labels.max() + 1)[:, None] == labels).astype(float)
        centres = belongs @ x / belongs.sum(axis=1, keepdims=True)
        nearest = _squares(x, centres).argmin(axis=1)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.intp)


def _squares(x: Array, centres: Array) -> Array:
    return np.asarray(np.square(x[:, None] - centres).sum(axis=2))
