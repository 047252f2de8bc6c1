"""Detectors: how a searcher learns of a change that nobody announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.types import IntArray


class Detector(Protocol):
    """Looks for a change before each generation."""

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """Rows of the population to evaluate again, at the budget's cost; none is allowed."""

    def changed(self, before: Batch, after: Batch) -> bool:
        """Whether the sentinels' values, then and now, show a change."""


@dataclass(frozen=True)
class Announced:
    """Trust announcements alone; costs nothing, and misses every change that is not announced."""

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """None."""
        return np.empty(0, dtype=np.intp)

    def changed(self, before: Batch, after: Batch) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class Reevaluate:
    """Evaluate a random share of the population again and compare objectives and constraints.

    share: of the population; tolerance: relative difference above which a value has changed. On a
    noisy problem set it above the noise.
    Source: Deb, Rao & Karthik (2007), section 3, with constraints compared too: some problems move
    nothing else.
    """

    share: float = 0.1
    tolerance: float = 1e-9

    def __post_init__(self) -> None:
        fraction("share", self.share)
        at_least("tolerance", self.tolerance, 0.0)

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """A random share of the rows, at least one."""
        count = max(1, round(self.share * len(population)))
        return rng.choice(len(population), size=count, replace=False).astype(np.intp)

    def changed(self, before: Batch, after: Batch) -> bool:
        """Whether any objective or constraint value differs."""
        close = np.allclose(before.f, after.f, rtol=self.tolerance, atol=self.tolerance)
        return not (close and np.allclose(before.g, after.g, rtol=self.tolerance, atol=self.tolerance))
