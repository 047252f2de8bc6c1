"""Draw points from a past population."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from dmo.types import Array


def take(x: Array, n: int, rng: Generator) -> Array:
    """n rows of x, (n, d), in random order: each at most once while they last, then again from the start."""
    repeats = max(1, -(-n // len(x)))
    rows = np.concatenate([rng.permutation(len(x)) for _ in range(repeats)])[:n]
    return np.asarray(x[rows])


def keep(x: Array, n: int, rng: Generator) -> Array:
    """x as it stands where it has n rows, else n rows taken from it: to MOEA/D the order means something."""
    return x if len(x) == n else take(x, n, rng)
