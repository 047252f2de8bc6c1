"""Announced: no detection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.space import Space
from dmo.types import IntArray


@dataclass(frozen=True)
class Announced:
    """Trust announcements alone; costs nothing, and misses every change that is not announced."""

    def start(self, space: Space) -> Announced:
        """Itself: it has no state."""
        return self

    def observe(self, parents: Batch, children: Batch) -> bool:
        """Never."""
        return False

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """None."""
        return np.empty(0, dtype=np.intp)

    def changed(self, before: Batch, after: Batch) -> bool:
        """Never."""
        return False

    def reset(self) -> None:
        """Nothing to forget."""
