"""NSGA-II with constrained dominance, on arrays, for real and integer variables."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from dmo.batch import Batch
from dmo.dominance import select
from dmo.optimisers.breeding import Genetic, duel
from dmo.optimisers.generations import Generations
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class NSGA2(Genetic):
    """Non-dominated sorting genetic algorithm II.

    Settings: see `Genetic`.
    Source: Deb et al., A fast and elitist multiobjective genetic algorithm: NSGA-II (2002).
    Deviation: of points with equal variables only one survives, as in pymoo.
    """

    def start(self, space: Space, rng: Generator) -> Generations:
        """A new evolution; its population is sorted by rank, then crowding."""
        return Generations(self, space, rng)

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """pop_size children of parents that won binary tournaments."""
        return duel(population.x, self.pop_size, self, space, rng)

    def survivors(self, batch: Batch) -> IntArray:
        """The pop_size best by constrained rank and crowding, best first."""
        return select(batch, self.pop_size)
