"""Reevaluate: old points, evaluated again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.space import Space
from dmo.types import IntArray


@dataclass(frozen=True)
class Reevaluate:
    """Evaluate a random share of the population again, before each generation, and compare
    objectives and constraints.

    share: of the population, at least one point; tolerance: relative difference above which a value
    has changed. On a noisy problem set it above the noise; without noise there is no false alarm.
    Source: Deb, Rao & Karthik (2007), section 3, with constraints compared too: some problems move
    nothing else.
    """

    share: float = 0.1
    tolerance: float = 1e-9

    def __post_init__(self) -> None:
        fraction("share", self.share)
        at_least("tolerance", self.tolerance, 0.0)

    def start(self, space: Space) -> Reevaluate:
        """Itself: it has no state."""
        return self

    def observe(self, parents: Batch, children: Batch) -> bool:
        """Never: it looks at the sentinels alone."""
        return False

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """A random share of the rows, at least one."""
        count = max(1, round(self.share * len(population)))
        return rng.choice(len(population), size=count, replace=False).astype(np.intp)

    def changed(self, before: Batch, after: Batch) -> bool:
        """Whether any objective or constraint value differs."""
        close = np.allclose(before.f, after.f, rtol=self.tolerance, atol=self.tolerance)
        return not (close and np.allclose(before.g, after.g, rtol=self.tolerance, atol=self.tolerance))

    def reset(self) -> None:
        """Nothing to forget."""
