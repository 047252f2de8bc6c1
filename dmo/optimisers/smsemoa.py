"""SMS-EMOA: whoever contributes least to the dominated hypervolume leaves."""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import rank
from dmo.optimisers.breeding import Genetic, breed, entrants
from dmo.optimisers.generations import Generations
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class SMSEMOA(Genetic):
    """S-metric selection evolutionary multiobjective algorithm.

    pop_size: points kept; children: points asked for at once, pop_size where None; other settings: see
    `Genetic`.
    Source: Beume, Naujoks & Emmerich, SMS-EMOA: multiobjective selection based on dominated
    hypervolume (2007), algorithms 1 and 2.
    Deviations: the source has one child at a time, children=1; otherwise a whole generation competes,
    and of parents and children together the least contributor leaves until pop_size are left. With
    children=1 the dominated hypervolume never falls, with more that is not guaranteed. Contributions
    are measured in units of the range of the last front, from a reference point one such unit beyond
    its worst values; with two objectives too, where the source keeps the extremes whatever they
    contribute. Parents win binary tournaments by rank, as in pymoo, where the source draws them at
    random. Dominance is constrained dominance; of points with equal variables only one survives.
    """

    children: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.children is not None:
            at_least("children", self.children, 1)

    def start(self, space: Space, rng: Generator) -> Generations:
        """A new evolution; its population is sorted by rank."""
        return Generations(self, space, rng)

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """Children of parents that won binary tournaments by rank; of equals, by chance."""
        n = self.children or self.pop_size
        rivals = entrants(len(population), (n + 1) // 2, rng)
        ranks = rank(population)[rivals]
        a, b = np.where(ranks[..., 1] < ranks[..., 0], rivals[..., 1], rivals[..., 0]).T
        return breed(population.x[a], population.x[b], n, self, space, rng)

    def survivors(self, batch: Batch) -> IntArray:
        """Whole ranks, and of the one that fits in part those that contribute most."""
        n, ranks = self.pop_size, rank(batch)
        order = np.argsort(ranks, kind="stable")
        if len(batch) <= n:
            return np.asarray(order)
        last = ranks[order[n - 1]]
        better, level = order[ranks[order] < last], order[ranks[order] == last]
        return np.concatenate([better, level[contributors(batch.f[level], n - len(better))]])


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
    if f.shape[1] > 3:
        return _lazily(f, reference, n)
    while len(alive) > n:
        least = int(moocore.hv_contributions(f[alive], ref=reference).argmin())
        alive = np.delete(alive, least)
    return alive


def _lazily(f: Array, reference: Array, n: int) -> IntArray:
    """The same where contributions are dear, from four objectives on.

    A removal lowers nobody's contribution: of old values, the least is measured anew until it is
    still the least. A point contributes its own volume less what the others, cut to it, dominate.
    """
    contribution = moocore.hv_contributions(f, ref=reference)
    volume = np.prod(reference - f, axis=1)
    alive = np.ones(len(f), dtype=bool)
    for _ in range(len(f) - n):
        measured = -1
        while (least := int(contribution.argmin())) != measured:
            alive[least] = False
            cut = np.maximum(f[alive], f[least])
            cut = cut[moocore.is_nondominated(cut)]
            contribution[least] = volume[least] - moocore.hypervolume(cut, ref=reference)
            alive[least] = True
            measured = least
        alive[least] = False
        contribution[least] = np.inf
    return np.flatnonzero(alive)
