"""The choice of one strategy from many: constraints first, then the user's preference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array

OBJECTIVES = ("latency", "memory", "error")


class Chooser(Protocol):
    """A user's preference among alternatives that satisfy all limits."""

    def cost(self, f: Array, full: Array) -> Array:
        """What each of the alternatives f, (n, 3), costs, (n,): the least is chosen. full: (3,)."""


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


@dataclass(frozen=True)
class Knee:
    """The alternative that bulges furthest from the plane through the best of each objective.

    Without weights: objectives are scaled to [0, 1] between their best and worst among the
    alternatives, and the least sum is furthest from that plane.
    Source: Das (1999), On characterizing the "knee" of the Pareto curve; its normal-boundary
    intersection. Deviation: the plane's corners are the corners of the unit cube, so that dominated
    alternatives need not be taken out first.
    """

    def cost(self, f: Array, full: Array) -> Array:
        """The distance from the ideal corner along the plane's normal, (n,); depends on all of f, (n, 3)."""
        low, high = f.min(axis=0), f.max(axis=0)
        return np.asarray(((f - low) / np.where(high > low, high - low, 1.0)).sum(axis=1) / np.sqrt(3.0))


@dataclass(frozen=True)
class Lexicographic:
    """Objectives in order of importance; within `slack` of the best of one, the next decides.

    order: all of latency, memory and error; slack: share of the best value of an objective among
    those that are left. Raises ArgumentError for another order.
    """

    order: Sequence[str] = ("error", "latency", "memory")
    slack: float = 0.05

    def __post_init__(self) -> None:
        at_least("slack", self.slack, 0.0)
        if sorted(self.order) != sorted(OBJECTIVES):
            raise ArgumentError("order", f"all of {OBJECTIVES}, each once", repr(self.order), "reorder them")
        object.__setattr__(self, "order", tuple(self.order))

    def cost(self, f: Array, full: Array) -> Array:
        """The place of each row of f, (n, 3), in the order, (n,) from 0; depends on all of f."""
        place = np.empty(len(f))
        left = np.arange(len(f))
        for k in range(len(f)):
            near = left
            for name in self.order[:-1]:
                value = f[near, OBJECTIVES.index(name)]
                near = near[value <= (1.0 + self.slack) * value.min()]
            last = near[np.argmin(f[near, OBJECTIVES.index(self.order[-1])])]
            place[last] = k
            left = left[left != last]
        return place


def choose(batch: Batch, full: Array, preference: Chooser) -> int:
    """Row of the feasible point of least cost; where none is feasible, of the least violated one."""
    feasible = np.flatnonzero(batch.feasible)
    if len(feasible):
        return int(feasible[np.argmin(preference.cost(batch.f[feasible], full))])
    return int(np.lexsort((preference.cost(batch.f, full), batch.violation))[0])
