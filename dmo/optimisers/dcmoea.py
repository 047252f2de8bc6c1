"""dCMOEA's search: few feasible points are all kept, the best penalised ones join them; an archive beside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.dominance import select
from dmo.optimisers.breeding import Genetic, duel
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.penalty_nsga2 import select_penalised
from dmo.penalty import penalised
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class DCMOEA(Genetic):
    """Dynamic constrained multi-objective evolutionary algorithm, its search.

    pop_size: points that breed, points in the archive, and points asked for each generation; other
    settings: see `Genetic`.
    Points breed by rank and crowding of penalised objectives. While some, but fewer than pop_size, are
    feasible, none of these is lost; infeasible ones take the places left. Else all compete. The
    population is the archive: the best ever met in the environment, under constrained dominance.
    Source: Chen, Ding, Yang & Chai, A Novel Evolutionary Algorithm for Dynamic Constrained
    Multiobjective Optimization Problems, IEEE Trans. Evolutionary Computation 24(4), 2020; the penalty
    is that of Woldesenbet, Yen & Tessema (2009), see `penalised`.
    Deviations: the paper's text was not at hand; this is the algorithm as a later comparison runs it
    (d-CMOEA of the program DCMOEA-CTD, 2024). Where nobody is feasible that program adds the
    objectives to the violation, which in the penalty's source then counts alone, as here.
    """

    crossover: float = 1.0
    eta_crossover: float = 20.0

    def start(self, space: Space, rng: Generator) -> DCMOEAEvolution:
        """A new evolution."""
        return DCMOEAEvolution(self, space, rng)


class DCMOEAEvolution:
    """The breeding population of one DCMOEA, in the order of its fitness, and its archive."""

    def __init__(self, settings: DCMOEA, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._breeding = self._archive = nobody(space)

    @property
    def population(self) -> Batch:
        """The archive, best first."""
        return self._archive

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._breeding = self._archive = batch[:0]
        self.tell(batch)

    def ask(self) -> Array:
        """pop_size children of parents that won binary tournaments."""
        settings = self._settings
        return duel(self._breeding.x, settings.pop_size, settings, self._space, self._rng)

    def tell(self, batch: Batch) -> None:
        """Parents and children compete for the places; so do archive and children."""
        n = self._settings.pop_size
        both = distinct(Batch.concat(self._breeding, batch))
        self._breeding = both[joined(both, n)]
        both = distinct(Batch.concat(self._archive, batch))
        self._archive = both[select(both, n)]


def joined(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that go on breeding, best first; n may exceed the number of points: all do.

    Source: dCMOEA, its population selection.
    """
    inside, outside = np.flatnonzero(batch.feasible), np.flatnonzero(~batch.feasible)
    if not 0 < len(inside) < n:
        return select_penalised(batch, n)
    others = Batch.unconstrained(batch.x, penalised(batch))[outside]
    kept = np.concatenate([inside, outside[select(others, n - len(inside))]])
    return np.asarray(kept[select_penalised(batch[kept], n)])
