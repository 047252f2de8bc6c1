"""C-TAEA: an archive that converges on the feasible front, and one that explores where it has nobody."""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
from numpy.random import Generator
from scipy.spatial.distance import cdist

from dmo.batch import Batch
from dmo.dominance import rank
from dmo.optimisers.breeding import Genetic, breed
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.niching import associate, turns
from dmo.optimisers.weights import weights
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray

LEAST = 1e-4  # in place of a weight of 0, which is divided by


@dataclass(frozen=True)
class CTAEA(Genetic):
    """Constrained two-archive evolutionary algorithm.

    pop_size: points in either archive, points asked for each generation, and directions; other
    settings: see `Genetic`. The population is the convergence archive; the diversity archive ignores
    constraints and fills the niches that the other leaves empty.
    Source: Li, Chen, Fu & Yao, Two-archive evolutionary algorithm for constrained multiobjective
    optimization (2019), algorithms 1 to 5.
    Deviations: objectives are measured in units of the range of the points that compete, where the
    source shifts them alone; of equally filled niches a random one is served first, not that of the
    lower index; of points with equal variables only one survives.
    """

    crossover: float = 1.0
    eta_crossover: float = 30.0

    def start(self, space: Space, rng: Generator) -> CTAEAEvolution:
        """A new evolution."""
        return CTAEAEvolution(self, space, rng)


class CTAEAEvolution:
    """The two archives of one C-TAEA."""

    def __init__(self, settings: CTAEA, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._directions = weights(settings.pop_size, space.n_obj)
        self._converged = self._diverse = nobody(space)

    @property
    def population(self) -> Batch:
        """The convergence archive."""
        return self._converged

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._converged = self._diverse = batch[:0]
        self.tell(batch)

    def ask(self) -> Array:
        """pop_size children, one of each pair: at least one parent comes from the archive that is ahead."""
        n, rng = self._settings.pop_size, self._rng
        front = moocore.is_nondominated(
            np.concatenate([self._converged.f, self._diverse.f]), keep_weakly=True
        )
        ahead = front[: len(self._converged)].sum() / len(front)
        behind = front[len(self._converged) :].sum() / len(front)
        first = self._winners(np.full(n, ahead > behind))
        second = self._winners(rng.random(n) < ahead)
        return breed(first, second, n, self._settings, self._space, rng)

    def tell(self, batch: Batch) -> None:
        """The children compete for both archives."""
        settled = distinct(Batch.concat(self._converged, batch))
        roaming = distinct(Batch.concat(self._diverse, batch))
        self._converged = settled[converge(settled, self._settings.pop_size, self._directions)]
        self._diverse = roaming[
            diversify(roaming, self._converged, self._settings.pop_size, self._directions, self._rng)
        ]

    def _winners(self, converged: BoolArray) -> Array:
        """Winners of binary tournaments, (n, d), each in the convergence archive where told so."""
        both = Batch.concat(self._converged, self._diverse)
        low = np.where(converged, 0, len(self._converged))
        high = np.where(converged, len(self._converged), len(both))
        a, b = self._rng.integers(low[:, None], high[:, None], size=(len(converged), 2)).T
        fa, fb = both.f[a], both.f[b]
        dominated = (fb <= fa).all(axis=1) & (fb < fa).any(axis=1)
        # a came first by chance: it wins unless b is clearly better.
        feasible = both.feasible
        better = feasible[b] & (~feasible[a] | dominated)
        return np.asarray(both.x[np.where(better, b, a)])


def reach(f: Array, directions: Array) -> Array:
    """How far a point is from the ideal point at 0 along its own direction, (n,), both (n, m).

    Source: C-TAEA, g^tch, which divides by the weights.
    """
    return np.asarray((f / np.maximum(directions, LEAST)).max(axis=1))


def scaled(f: Array, ideal: Array) -> Array:
    """f with the ideal point at 0 and its own worst values at 1, (n, m)."""
    span = f.max(axis=0) - ideal
    return np.asarray((f - ideal) / np.where(span > 0.0, span, 1.0))


def converge(batch: Batch, n: int, directions: Array) -> IntArray:
    """Which n points make the convergence archive: feasible first, then good, then spread.

    Too few feasible points: those are joined by infeasible ones, non-dominated in violation and reach.
    Too many: whole ranks; then, in the fullest niche, of the two that are nearest to each other the one
    of the longer reach leaves, again and again.
    Source: C-TAEA, algorithm 2.
    """
    violation = batch.violation
    inside, outside = np.flatnonzero(violation == 0.0), np.flatnonzero(violation > 0.0)
    missing = n - len(inside)
    if missing >= 0:
        if len(outside) <= missing:
            return np.concatenate([inside, outside])
        f = scaled(batch.f[outside], batch.f[outside].min(axis=0))
        both = np.stack([violation[outside], reach(f, directions[associate(f, directions)[0]])], axis=1)
        order = np.lexsort((both[:, 0], moocore.pareto_rank(both)))
        return np.concatenate([inside, outside[order[:missing]]])
    ranks = rank(batch[inside])
    kept = inside[ranks <= np.partition(ranks, n - 1)[n - 1]]
    f = scaled(batch.f[kept], batch.f[kept].min(axis=0))
    niche, _ = associate(f, directions)
    return np.asarray(kept[_spread(f, niche, reach(f, directions[niche]), n, len(directions))])


def _spread(f: Array, niche: IntArray, far: Array, n: int, n_niches: int) -> IntArray:
    """Indices, ascending, of the n points left when the fullest niches thin out."""
    apart = cdist(f, f)
    np.fill_diagonal(apart, np.inf)
    count = np.bincount(niche, minlength=n_niches)
    alive = np.ones(len(f), dtype=bool)
    for _ in range(len(f) - n):
        fullest = int(count.argmax())
        crowd = np.flatnonzero(alive & (niche == fullest))
        gaps = apart[np.ix_(crowd, crowd)]
        pair = crowd[(gaps == gaps.min()).any(axis=1)]
        alive[pair[far[pair].argmax()]] = False
        count[fullest] -= 1
    return np.flatnonzero(alive)


def diversify(batch: Batch, converged: Batch, n: int, directions: Array, rng: Generator) -> IntArray:
    """Which n points, ascending, make the diversity archive: niches that the other left empty come first.

    Within a niche the shortest reach goes first, which nobody there dominates.
    Source: C-TAEA, algorithm 3; its rounds are one sort here, as in `turns`.
    """
    ideal = np.minimum(batch.f.min(axis=0), converged.f.min(axis=0))
    f = scaled(np.concatenate([batch.f, converged.f]), ideal)
    niche, _ = associate(f, directions)
    count = np.bincount(niche[len(batch) :], minlength=len(directions))
    own, f = niche[: len(batch)], f[: len(batch)]
    # Of equal reach, the smaller sum is the one that is not dominated.
    place = np.empty(len(batch))
    place[np.lexsort((f.sum(axis=1), reach(f, directions[own])))] = np.arange(len(batch))
    turn = turns(own, place, count)
    return np.sort(np.lexsort((rng.random(len(batch)), turn))[:n])
