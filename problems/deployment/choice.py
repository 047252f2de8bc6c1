"""The choice of one strategy from many: constraints first, then the user's preference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.batch import Batch
from dmo.errors import ArgumentError
from dmo.types import Array


@dataclass(frozen=True)
class Preference:
    """How much latency, memory and error matter, relative to the static full network's.

    The weighted sum of latency / full latency, memory / full memory and error / full error is to
    be small. Raises ArgumentError when a weight is negative or all are zero.
    """

    latency: float = 0.1
    memory: float = 0.1
    error: float = 0.8

    def __post_init__(self) -> None:
        weights = self.weights
        if (weights < 0.0).any() or not np.isfinite(weights).all() or weights.sum() <= 0.0:
            raise ArgumentError(
                "preference", "finite weights >= 0, not all 0", repr(weights.tolist()), "e.g. 0.1, 0.1, 0.8"
            )

    @property
    def weights(self) -> Array:
        """(3,)"""
        return np.array([self.latency, self.memory, self.error], dtype=float)

    def cost(self, f: Array, full: Array) -> Array:
        """What each row of f, (n, 3), costs; 1 is the cost of the full network. full: (3,)."""
        return np.asarray((f / full) @ self.weights / self.weights.sum())


def choose(batch: Batch, full: Array, preference: Preference) -> int:
    """Row of the feasible point of least cost; where none is feasible, of the least violated one."""
    cost = preference.cost(batch.f, full)
    feasible = batch.feasible
    if feasible.any():
        return int(np.argmin(np.where(feasible, cost, np.inf)))
    return int(np.lexsort((cost, batch.violation))[0])
