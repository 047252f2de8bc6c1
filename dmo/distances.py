"""Distances between rows of points."""

from __future__ import annotations

import numpy as np

from dmo.types import Array


def squared_distances(a: Array, b: Array) -> Array:
    """The squared distance of each row of a, (n, p), to each of b, (k, p): (n, k)."""
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * (a @ b.T)
    return np.asarray(np.maximum(square, 0.0))
