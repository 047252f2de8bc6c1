"""SPEA2: strength of those who dominate a point, density about it, and truncation by nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.spatial.distance import cdist

from dmo.batch import Batch
from dmo.optimisers.breeding import Genetic, breed, entrants
from dmo.optimisers.generations import Generations
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray


@dataclass(frozen=True)
class SPEA2(Genetic):
    """Strength Pareto evolutionary algorithm 2.

    Settings: see `Genetic`.
    Source: Zitzler, Laumanns & Thiele, SPEA2: improving the strength Pareto evolutionary algorithm
    (2001), sections 3.1 to 3.3.
    Deviations: distances are measured in units of the range of the non-dominated points; dominance
    is constrained dominance; of points with equal variables only one survives.
    """

    def start(self, space: Space, rng: Generator) -> Generations:
        """A new evolution; its population, the archive, is sorted by fitness."""
        return Generations(self, space, rng)

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """pop_size children of parents that won binary tournaments."""
        x, n = population.x, self.pop_size
        # Sorted by fitness: of two, the one placed earlier wins.
        a, b = entrants(len(x), (n + 1) // 2, rng).min(axis=2).T
        return breed(x[a], x[b], n, self, space, rng)

    def survivors(self, batch: Batch) -> IntArray:
        """The pop_size best by fitness, best first; non-dominated ones by truncation."""
        return survivors(batch, self.pop_size)


def survivors(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, best first: by fitness, non-dominated ones by truncation.

    n may exceed the number of points: all survive.
    """
    dominance = dominates(batch)
    raw = raw_fitness(dominance)
    best = raw == 0.0
    span = np.ptp(batch.f[best], axis=0)
    f = batch.f / np.where(span > 0.0, span, 1.0)
    apart = cdist(f, f)
    np.fill_diagonal(apart, np.inf)
    fitness = raw + density(apart)
    kept = np.flatnonzero(best)
    if len(kept) > n:
        kept = kept[truncate(apart[np.ix_(kept, kept)], n)]
        return np.asarray(kept[np.argsort(fitness[kept], kind="stable")])
    return np.argsort(fitness, kind="stable")[:n]


def dominates(batch: Batch) -> BoolArray:
    """(n, n) whether point i constrained-dominates point j."""
    f = batch.f
    least = np.ones((len(f), len(f)), dtype=bool)
    for column in f.T:
        least &= column[:, None] <= column
    dominance = least & ~least.T
    if batch.g.shape[1]:
        violation = batch.violation
        infeasible = violation > 0.0
        by_violation = violation[:, None] < violation
        dominance = np.where(infeasible[:, None] | infeasible, by_violation, dominance)
    return dominance


def raw_fitness(dominance: BoolArray) -> Array:
    """How many points are dominated by those that dominate each point, summed, (n,); 0 is non-dominated.

    Source: SPEA2, eqs. for S(i) and R(i).
    """
    return np.asarray(dominance.sum(axis=1) @ dominance.astype(float))


def density(apart: Array) -> Array:
    """1 / (distance to the k-th nearest + 2), k = sqrt(n), of mutual distances (n, n), inf on the diagonal.

    Source: SPEA2, eq. for D(i).
    """
    n = len(apart)
    if n == 1:
        return np.full(1, 0.5)
    k = min(max(int(np.sqrt(n)), 1), n - 1)
    return np.asarray(1.0 / (np.partition(apart, k - 1, axis=1)[:, k - 1] + 2.0))


def truncate(apart: Array, n: int) -> IntArray:
    """Indices, ascending, of the n >= 1 points left when the one nearest to another leaves, again and again.

    Of the two nearest, and of all that are as near, it is the one whose second, third, ... neighbour
    is nearer; the first where all are equally near.
    apart: (k, k) mutual distances, inf on the diagonal; left as it is.
    Source: SPEA2, section 3.2.
    """
    apart = apart.copy()
    nearest = apart.min(axis=1)
    alive = np.ones(len(apart), dtype=bool)
    for _ in range(len(apart) - n):
        tied = (nearest == nearest.min()).nonzero()[0]
        if len(tied) > 1:
            rows = np.sort(apart[tied], axis=1)
            for column in range(1, rows.shape[1]):
                least = rows[:, column] == rows[:, column].min()
                tied, rows = tied[least], rows[least]
                if len(tied) == 1:
                    break
        gone = tied[0]
        alive[gone] = False
        lost = (apart[gone] == nearest).nonzero()[0]
        apart[gone] = apart[:, gone] = np.inf
        nearest[gone] = np.inf
        nearest[lost] = apart[lost].min(axis=1)
    return np.flatnonzero(alive)
