"""NSGA-II with constrained dominance, on arrays, for real and integer variables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.dominance import select
from dmo.optimisers.members import distinct, nobody
from dmo.space import Space
from dmo.types import Array, IntArray
from dmo.variation import polynomial_mutation, sbx


@dataclass(frozen=True)
class NSGA2:
    """Non-dominated sorting genetic algorithm II.

    pop_size: points kept, and points asked for each generation; crossover: share of pairs that
    cross; eta_crossover, eta_mutation: distribution indices; mutation: chance of each variable,
    1/d where None.
    Source: Deb et al., A fast and elitist multiobjective genetic algorithm: NSGA-II (2002).
    Deviation: of points with equal variables only one survives, as in pymoo.
    """

    pop_size: int = 100
    crossover: float = 0.9
    eta_crossover: float = 15.0
    mutation: float | None = None
    eta_mutation: float = 20.0

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        at_least("eta_crossover", self.eta_crossover, 0.0)
        at_least("eta_mutation", self.eta_mutation, 0.0)
        fraction("crossover", self.crossover)
        if self.mutation is not None:
            fraction("mutation", self.mutation)

    def start(self, space: Space, rng: Generator) -> NSGA2Evolution:
        """A new evolution."""
        return NSGA2Evolution(self, space, rng)


class NSGA2Evolution:
    """The population of one NSGA-II, its members kept in the order of their fitness."""

    def __init__(self, settings: NSGA2, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._population = nobody(space)

    @property
    def population(self) -> Batch:
        """The present population, best first."""
        return self._population

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._survive(batch)

    def ask(self) -> Array:
        """pop_size children of parents that won binary tournaments."""
        settings, space, rng = self._settings, self._space, self._rng
        pairs = (settings.pop_size + 1) // 2
        parents = self._population.x.take(self._tournament(2 * pairs), axis=0)
        a, b = parents[:pairs], parents[pairs:]
        children = sbx(a, b, space, rng, prob=settings.crossover, eta=settings.eta_crossover)
        children = children[: settings.pop_size]
        return polynomial_mutation(children, space, rng, prob=settings.mutation, eta=settings.eta_mutation)

    def tell(self, batch: Batch) -> None:
        """Parents and children compete for the places."""
        self._survive(Batch.concat(self._population, batch))

    def _survive(self, batch: Batch) -> None:
        batch = distinct(batch)
        self._population = batch[select(batch, self._settings.pop_size)]

    def _tournament(self, n: int) -> IntArray:
        # Survivors are sorted by rank, then crowding: of two, the one placed earlier wins.
        a, b = self._rng.integers(len(self._population), size=(n, 2)).T
        return np.asarray(np.minimum(a, b))
