"""Generations: an evolution whose only state is its population, where children compete with parents."""

from __future__ import annotations

from typing import Protocol

from numpy.random import Generator

from dmo.batch import Batch
from dmo.optimisers.members import distinct, nobody
from dmo.space import Space
from dmo.types import Array, IntArray


class Selecting(Protocol):
    """Settings of an optimiser that says how a population breeds and who survives."""

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """The next generation of a population that is ordered as `survivors` left it, (k, d), k >= 1."""

    def survivors(self, batch: Batch) -> IntArray:
        """Rows of a batch without repetitions that keep their places, in the population's order."""


class Generations:
    """The population of one evolution; of points with equal variables it holds one."""

    def __init__(self, settings: Selecting, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._population = nobody(space)

    @property
    def population(self) -> Batch:
        """The present population, in the order in which it survived."""
        return self._population

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._survive(batch)

    def ask(self) -> Array:
        """The next generation's points."""
        return self._settings.offspring(self._population, self._space, self._rng)

    def tell(self, batch: Batch) -> None:
        """Parents and children compete for the places."""
        self._survive(Batch.concat(self._population, batch))

    def _survive(self, batch: Batch) -> None:
        batch = distinct(batch)
        self._population = batch[self._settings.survivors(batch)]
