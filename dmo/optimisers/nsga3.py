"""NSGA-III: non-dominated sorting, and niches about directions in place of crowding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.dominance import rank
from dmo.optimisers.breeding import Genetic, breed, entrants
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.niching import associate, turns
from dmo.optimisers.weights import weights
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class NSGA3(Genetic):
    """Non-dominated sorting genetic algorithm III.

    pop_size: points kept, points asked for each generation, and directions; other settings: see
    `Genetic`.
    Source: Deb & Jain, An evolutionary many-objective optimization algorithm using
    reference-point-based nondominated sorting approach, part I (2014); Jain & Deb, part II (2014),
    for constraints: two parents' duel goes to the smaller violation.
    Deviations: directions come from `weights`, as many as points; extreme points are remembered
    since begin, as in pymoo, so that the hyperplane does not jump when one is lost; where it has no
    use, the worst values of the front stand in; of points with equal variables only one survives.
    """

    crossover: float = 1.0
    eta_crossover: float = 30.0

    def start(self, space: Space, rng: Generator) -> NSGA3Evolution:
        """A new evolution."""
        return NSGA3Evolution(self, space, rng)


class NSGA3Evolution:
    """The population of one NSGA-III, and the frame in which it sees the objectives."""

    def __init__(self, settings: NSGA3, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._directions = weights(settings.pop_size, space.n_obj)
        self._population = nobody(space)
        self._frame = Frame(space.n_obj)

    @property
    def population(self) -> Batch:
        """The present population, best rank first."""
        return self._population

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._frame = Frame(self._space.n_obj)
        self._survive(batch)

    def ask(self) -> Array:
        """pop_size children of random pairs; where violations differ, of duels' winners."""
        settings, x = self._settings, self._population.x
        rivals = entrants(len(x), (settings.pop_size + 1) // 2, self._rng)
        violation = self._population.violation[rivals]
        # The rivals come in random order: where they violate alike, the first wins by chance.
        a, b = np.where(violation[..., 1] < violation[..., 0], rivals[..., 1], rivals[..., 0]).T
        return breed(x[a], x[b], settings.pop_size, settings, self._space, self._rng)

    def tell(self, batch: Batch) -> None:
        """Parents and children compete for the places."""
        self._survive(Batch.concat(self._population, batch))

    def _survive(self, batch: Batch) -> None:
        batch, n = distinct(batch), self._settings.pop_size
        ranks = rank(batch)
        order = np.argsort(ranks, kind="stable")
        batch, ranks = batch[order], ranks[order]
        feasible = batch.feasible
        seen = feasible if feasible.any() else np.ones(len(batch), dtype=bool)
        self._frame.update(batch.f[seen], batch.f[seen & (ranks == 0)])
        if len(batch) > n:
            batch = batch[self._selected(batch.f, ranks)]
        self._population = batch

    def _selected(self, f: Array, ranks: IntArray) -> IntArray:
        """Rows that survive: whole ranks, and of the rank that fits in part those of the emptiest niches."""
        n, k = self._settings.pop_size, len(self._directions)
        better = int(np.searchsorted(ranks, ranks[n - 1]))
        last = int(np.searchsorted(ranks, ranks[n - 1], side="right"))
        niche, distance = associate(self._frame.scaled(f[:last]), self._directions)
        count = np.bincount(niche[:better], minlength=k)
        chosen = niched(niche[better:], distance[better:], count, n - better, self._rng)
        return np.concatenate([np.arange(better), better + chosen])


def niched(niche: IntArray, distance: Array, count: IntArray, n: int, rng: Generator) -> IntArray:
    """Which n of the points the niches take, ascending; the emptiest niche always comes next.

    An empty niche takes its nearest point, any other a random one; of equally empty niches a random
    one comes first. niche, distance: (k,) of each point; count: points that each niche holds already.
    Source: Deb & Jain (2014), algorithm 4. What it does one by one is one sort here: as a niche has
    one more point after each turn, the turn at which a point is taken is known beforehand.
    """
    luck = rng.random(len(niche))
    # The nearest point of an empty niche goes before all its others, whose order is left to luck.
    order = np.lexsort((luck, distance, niche))
    first = np.r_[True, np.diff(niche[order]) != 0] & (count[niche[order]] == 0)
    key = luck.copy()
    key[order[first]] = -1.0
    turn = turns(niche, key, count)
    return np.sort(np.lexsort((rng.random(len(niche)), turn))[:n])


class Frame:
    """The ideal point and the intercepts of the hyperplane through the extreme points seen so far."""

    def __init__(self, n_obj: int) -> None:
        self.ideal = np.full(n_obj, np.inf)
        self.nadir = np.full(n_obj, -np.inf)
        self._worst = np.full(n_obj, -np.inf)
        self._extremes = np.empty((0, n_obj))

    def update(self, f: Array, front: Array) -> None:
        """Learn from the points f, (n, m), of which `front` are the non-dominated ones."""
        m = f.shape[1]
        self.ideal = np.minimum(self.ideal, f.min(axis=0))
        self._worst = np.maximum(self._worst, f.max(axis=0))
        known = np.concatenate([self._extremes, front])
        away = known - self.ideal
        # What is next to nothing must not decide between extremes, as it is multiplied by a million.
        away[away < 1e-3 * np.ptp(front, axis=0)] = 0.0
        steep = np.where(np.eye(m, dtype=bool), 1.0, 1e6)
        self._extremes = known[(away * steep[:, None]).max(axis=2).argmin(axis=1)]
        nadir = np.minimum(self.ideal + self._intercepts(), self._worst)
        span = nadir - self.ideal
        useful = np.isfinite(span).all() and (span > 1e-6 * (self._worst - self.ideal)).all()
        self.nadir = nadir if useful else front.max(axis=0)

    def scaled(self, f: Array) -> Array:
        """f with the ideal point at 0 and the intercepts at 1; an objective without extent keeps its unit."""
        span = self.nadir - self.ideal
        return np.asarray(np.maximum(f - self.ideal, 0.0) / np.where(span > 0.0, span, 1.0))

    def _intercepts(self) -> Array:
        """Where the hyperplane meets the axes, (m,); nan where there is none or it slopes the wrong way."""
        away = self._extremes - self.ideal
        try:
            plane = np.linalg.solve(away, np.ones(len(away)))
        except np.linalg.LinAlgError:
            return np.full(len(away), np.nan)
        sound = (plane > 0.0).all() and np.allclose(away @ plane, 1.0)
        return np.asarray(1.0 / plane if sound else np.full(len(away), np.nan))
