"""SMS-EMOA: whoever contributes least to the dominated hypervolume leaves."""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import rank
from dmo.optimisers.breeding import breed, check
from dmo.optimisers.members import distinct, nobody
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class SMSEMOA:
    """S-metric selection evolutionary multiobjective algorithm.

    pop_size: points kept; children: points asked for at once, pop_size where None; crossover: share
    of pairs that cross; eta_crossover, eta_mutation: distribution indices; mutation: chance of each
    variable, 1/d where None.
    Source: Beume, Naujoks & Emmerich, SMS-EMOA: multiobjective selection based on dominated
    hypervolume (2007), algorithms 1 and 2.
    Deviations: the source has one child at a time, children=1; otherwise a whole generation competes,
    and of parents and children together the least contributor leaves until pop_size are left. With
    children=1 the dominated hypervolume never falls, with more that is not guaranteed. Contributions
    are measured in units of the range of the last front, from a reference point one such unit beyond
    its worst values. Dominance is constrained dominance; of points with equal variables only one
    survives.
    """

    pop_size: int = 100
    children: int | None = None
    crossover: float = 0.9
    eta_crossover: float = 15.0
    mutation: float | None = None
    eta_mutation: float = 20.0

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        if self.children is not None:
            at_least("children", self.children, 1)
        check(self)

    def start(self, space: Space, rng: Generator) -> SMSEMOAEvolution:
        """A new evolution."""
        return SMSEMOAEvolution(self, space, rng)


class SMSEMOAEvolution:
    """The population of one SMS-EMOA."""

    def __init__(self, settings: SMSEMOA, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._population = nobody(space)

    @property
    def population(self) -> Batch:
        """The present population, best rank first."""
        return self._population

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._survive(batch)

    def ask(self) -> Array:
        """Children of random pairs."""
        settings, x = self._settings, self._population.x
        n = settings.children or settings.pop_size
        pairs = (n + 1) // 2
        a, b = self._rng.integers(len(x), size=(2, pairs))
        return breed(x[a], x[b], n, settings, self._space, self._rng)

    def tell(self, batch: Batch) -> None:
        """Parents and children compete for the places."""
        self._survive(Batch.concat(self._population, batch))

    def _survive(self, batch: Batch) -> None:
        batch, n = distinct(batch), self._settings.pop_size
        ranks = rank(batch)
        order = np.argsort(ranks, kind="stable")
        if len(batch) > n:
            last = ranks[order[n - 1]]
            better, level = order[ranks[order] < last], order[ranks[order] == last]
            order = np.concatenate([better, level[contributors(batch.f[level], n - len(better))]])
        self._population = batch[order]


def contributors(f: Array, n: int) -> IntArray:
    """Indices, ascending, of the n of mutually non-dominated f, (k, m), left when the least contributors go.

    Contributions are exclusive hypervolumes, measured anew after every removal.
    """
    alive = np.arange(len(f))
    if f.shape[1] == 1:
        return alive[:n]
    worst, span = f.max(axis=0), np.ptp(f, axis=0)
    reference = np.full(f.shape[1], 2.0)
    f = np.ascontiguousarray(1.0 + (f - worst) / np.where(span > 0.0, span, 1.0))
    while len(alive) > n:
        least = int(moocore.hv_contributions(f[alive], ref=reference).argmin())
        alive = np.delete(alive, least)
    return alive
