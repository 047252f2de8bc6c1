"""Restart: forget everything."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from dmo.history import History
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Restart:
    """Start every environment from a random population: the baseline without a memory (RIS)."""

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Random points."""
        return space.sample(n, rng)
