"""How far constraints are relaxed: epsilon-level comparison, and what epsilon is in each generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least


class Relaxation(Protocol):
    """The violation that counts as none, generation by generation since the search began from new points."""

    def epsilon(self, worst: float, generation: int) -> float:
        """Its value after so many generations; worst: the largest violation met in them."""


@dataclass(frozen=True)
class Unlimited:
    """Constraints never count."""

    def epsilon(self, worst: float, generation: int) -> float:
        """Infinity."""
        return float("inf")


@dataclass(frozen=True)
class Shrinking:
    """Unlimited at first, then opened as far as points violate, and closed after some generations.

    opened: generations without a limit; closed: generations until constraints count in full, all told;
    power: of the way down, large for a fast start: worst * (1 - (k - opened) / (closed - opened))^power
    after k generations. `closed` has to be less than an environment's generations, which nobody tells a
    search.
    Source: Takahama & Sakai, Constrained optimization by the epsilon constrained differential evolution
    with gradient-based mutation and feasible elites (2006). To search without a limit first, to open at
    the largest violation, and a power of 2 are from Fan et al., Push and pull search for solving
    constrained multi-objective optimization problems (2019).
    Deviations: the first stage has a fixed length, where Fan et al. look back 20 generations to see
    objectives stagnate, and an environment may have ten; the largest violation is that of all points
    met since the search began, not of one population.
    """

    opened: int = 3
    closed: int = 8
    power: float = 2.0

    def __post_init__(self) -> None:
        at_least("opened", self.opened, 0)
        at_least("closed", self.closed, self.opened + 1)
        at_least("power", self.power, 0.0)

    def epsilon(self, worst: float, generation: int) -> float:
        """Infinity until the generation `opened`, 0 from `closed` on."""
        if generation < self.opened:
            return float("inf")
        left = (self.closed - generation) / (self.closed - self.opened)
        return worst * left**self.power if left > 0.0 else 0.0


def relaxed(batch: Batch, epsilon: float) -> Batch:
    """The batch with one constraint in place of all: the summed violation, or 0 where it is epsilon at most.

    Constrained dominance of it is epsilon-level comparison of the batch: with 0 that of the batch
    itself, with infinity that of its objectives alone.
    """
    violation = batch.violation
    return Batch(batch.x, batch.f, np.where(violation <= epsilon, 0.0, violation)[:, None])
