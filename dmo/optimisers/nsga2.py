"""NSGA-II with constrained dominance, on arrays, for real and integer variables."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import select
from dmo.optimisers.breeding import check, duel
from dmo.optimisers.generations import Generations
from dmo.space import Space
from dmo.types import Array, IntArray


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
        check(self)

    def start(self, space: Space, rng: Generator) -> Generations:
        """A new evolution; its population is sorted by rank, then crowding."""
        return Generations(self, space, rng)

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """pop_size children of parents that won binary tournaments."""
        return duel(population.x, self.pop_size, self, space, rng)

    def survivors(self, batch: Batch) -> IntArray:
        """The pop_size best by constrained rank and crowding, best first."""
        return select(batch, self.pop_size)
