"""Warm: memory, prior front and a learnt response surface, for environments of few evaluations."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction, speaks
from dmo.detectors import Announced, Detector
from dmo.dominance import nondominated, select
from dmo.optimisers.members import nobody
from dmo.rows import Rows, first_of_equals
from dmo.search import Environment
from dmo.space import Space
from dmo.types import Array
from dmo.warm.moves import moves
from dmo.warm.pool import Pool
from dmo.warm.quadratic import Quadratic
from dmo.warm.scale import Scale
from dmo.warm.transfer import Transfer
from dmo.warm.worth import by_worth, gain

ANSWERS = 60  # past environments whose answers are kept
PARENTS = 20  # moves start from at least as many points


@dataclass(frozen=True)
class Warm:
    """Search that begins each environment with all that the past ones taught it.

    After a change it evaluates remembered points, half of them, where a context is told, from the
    answers of the environments with the nearest contexts. By these it learns, for each objective and
    constraint, the affine map from old values to new ones, predicts by it all that it remembers, and
    carries its response surface on. The share of the new values that the map explains is its trust
    in the past: as much of a generation may be remembered points, and the rest of the first one is
    random. Otherwise generations are the points that are predicted to add most hypervolume:
    remembered ones, and moves from the present front by one or two variables or between two points.

    generation: points of a generation, all evaluated at once; opening: the same before the first
    change, while nothing is known and small steps pay; probes: points evaluated first after a
    change; memory: points remembered; recall: past environments whose answers are taken back; moves:
    considered for each generation; explore: share of a generation that are moves chosen at random;
    tolerance: share of the hypervolume below which a gain is none, and the search `done`, though it
    goes on where it is asked to; detector: of changes that are not announced.

    Source: ours. It puts together a memory of solutions by context, as case-based EAs have it (Branke,
    Memory enhanced evolutionary algorithms for changing optimization problems, 1999), pre-selection
    by a surrogate (Jin, Surrogate-assisted evolutionary computation, 2011), and Pareto local search
    (Paquete, Chiarandini & Stuetzle, 2004).
    """

    generation: int = 100
    opening: int = 50
    probes: int = 32
    memory: int = 2000
    recall: int = 3
    moves: int = 800
    explore: float = 0.1
    tolerance: float = 0.01
    detector: Detector = field(default_factory=Announced)

    def __post_init__(self) -> None:
        for name in ("generation", "opening", "probes", "memory", "moves"):
            at_least(name, getattr(self, name), 1)
        at_least("recall", self.recall, 0)
        at_least("tolerance", self.tolerance, 0.0)
        fraction("explore", self.explore)
        speaks("detector", self.detector, ("start",))

    def start(self, space: Space, rng: Generator) -> WarmSearch:
        """A new search."""
        return WarmSearch(self, space, rng)


class _Stage(Enum):
    """Why the pending points are evaluated."""

    SAMPLE = auto()  # the first points of all
    PROBE = auto()  # remembered points, after a change
    GENERATION = auto()
    DETECT = auto()  # points of the front, evaluated again


class WarmSearch:
    """One run of Warm."""

    def __init__(self, settings: Warm, space: Space, rng: Generator) -> None:
        self._settings, self._space, self._rng = settings, space, rng
        self._pool = Pool(nobody(space), settings.memory)
        self._surface = Quadratic(space, space.n_obj + space.n_con)
        self._scale = Scale.none(space.n_obj + space.n_con)
        self._watch = settings.detector.start(space)
        self._environment = Environment(0, None, None)
        self._answers: deque[tuple[Array, Batch]] = deque(maxlen=ANSWERS)  # with their contexts
        self._front = nobody(space)  # of what is measured in this environment
        self._trust = 1.0  # in what is predicted from before the last change
        self._told: list[Batch] = []
        self._stage, self._pending = _Stage.SAMPLE, space.sample(settings.opening, rng)
        self._before = self._front  # the front when the last generation was made
        self._predicted = self._front, self._front  # with that generation, with all that was considered

    @property
    def done(self) -> bool:
        """Whether another generation is not worth while.

        It is not if the last one added less than `tolerance`, or was predicted to leave less to add.
        """
        if len(self._pending) or self._stage is not _Stage.GENERATION:
            return False
        steps = (self._before, self._front), self._predicted
        return any(gain(before, after) < self._settings.tolerance for before, after in steps)

    def ask(self, limit: int) -> Array:
        """The next points, as many as are allowed."""
        if not len(self._pending):
            self._next()
        return self._pending[:limit]

    def tell(self, batch: Batch) -> None:
        """Take the values; when all pending points have theirs, learn."""
        self._pending = self._pending[len(batch) :]
        self._told.append(batch)
        if not len(self._pending):
            self._learn()

    def change(self, environment: Environment) -> None:
        """Close the present environment and prepare for the new one."""
        self._learn()
        if environment.index == 0 or not len(self._pool.batch):
            self._environment = environment
            return
        if self._environment.context is not None and len(self._front):
            best = self._front[by_worth(self._front)[: self._settings.generation]]
            self._answers.append((self._environment.context, best))
        self._environment = environment
        self._pool.close(self._front.x)
        self._watch.reset()
        self._front, self._told = self._front[:0], []
        self._stage, self._pending = _Stage.PROBE, self._probes()

    def answer(self) -> Array:
        """The non-dominated points of all that were evaluated in this environment."""
        self._learn()
        # Before anything is known of an environment, what is asked first is the best guess.
        return self._front.x if len(self._front) else self._pending

    def _next(self) -> None:
        """Look for a change, where a detector does so by old points, or else make a generation."""
        after_probes = self._stage is _Stage.PROBE
        if not after_probes and self._stage is not _Stage.DETECT:
            sentinels = self._watch.sentinels(self._front, self._rng)
            if len(sentinels):
                self._stage, self._pending = _Stage.DETECT, self._front.x[sentinels]
                return
        self._stage = _Stage.GENERATION
        self._before = self._front
        n = self._settings.generation if self._environment.index else self._settings.opening
        strangers = round((1.0 - self._trust) * n) if after_probes else 0
        strange = self._space.sample(strangers, self._rng)
        self._pending = np.concatenate([self._generation(n - strangers), strange])

    def _learn(self) -> None:
        """Take what has been told, be it a part of what was asked for."""
        complete = not len(self._pending)
        if not self._told or (self._stage is _Stage.DETECT and not complete):
            return
        batch = Batch.concat(*self._told)
        self._told = []
        if self._changed(batch):
            self.change(Environment(self._environment.index + 1, None, None))
        elif self._stage is not _Stage.DETECT:
            self._take(batch)

    def _changed(self, batch: Batch) -> bool:
        if self._stage is _Stage.DETECT:
            return self._watch.changed(self._front[Rows(self._front.x).find(batch.x)], batch)
        return self._stage is _Stage.GENERATION and self._watch.observe(self._front, batch)

    def _take(self, batch: Batch) -> None:
        """Learn from points measured in this environment."""
        if not len(self._pool.batch):
            self._scale = Scale.of(self._surface.terms(batch.x), _values(batch))
        values = self._scale(_values(batch))
        if self._stage is _Stage.PROBE:
            self._transfer(batch.x, values)
        self._surface.learn(batch.x, values)
        self._pool.tell(batch)
        merged = Batch.concat(self._front, batch)
        self._front = merged[nondominated(merged)]

    def _transfer(self, x: Array, now: Array) -> None:
        """Predict all that is remembered from its old values, by the points x that have both."""
        old = self._scale(_values(self._pool.batch))
        transfer = Transfer.of(old[self._pool.find(x)], now)
        self._pool.predict(self._scale.back(transfer(old)))
        self._surface.follow(transfer.slope, transfer.offset, transfer.trust)
        self._trust = transfer.trust

    def _probes(self) -> Array:
        """Remembered points that were worth most, in the last environment and in those alike."""
        settings, context = self._settings, self._environment.context
        recalled = self._space.empty()
        if context is not None and self._answers and settings.recall:
            past = np.array([c for c, _ in self._answers])
            span = np.ptp(np.vstack([past, context]), axis=0)
            distance = (((past - context) / np.where(span > 0.0, span, 1.0)) ** 2).sum(axis=1)
            nearest = [self._answers[i][1] for i in distance.argsort(kind="stable")[: settings.recall]]
            self._pool.remember(Batch.concat(*nearest))
            share = -(-settings.probes // (2 * len(nearest)))
            recalled = np.concatenate([batch.x[:share] for batch in nearest])
        best = self._pool.batch.x[by_worth(self._pool.batch)[: settings.probes]]
        x = np.concatenate([recalled, best])
        return x[first_of_equals(x)][: settings.probes]

    def _generation(self, n: int) -> Array:
        """n points not yet measured: those predicted to add most, and some moves."""
        pool, front = self._pool, len(self._front)
        moved = self._moves(self._settings.moves)
        everything = Batch.concat(self._front, pool.batch[~pool.fresh], moved)
        first = len(everything) - len(moved)
        worth = by_worth(everything)
        best = worth[worth >= front]
        # As many remembered points as the past is to be trusted.
        old = best < first
        best = best[~old | (old.cumsum() <= self._trust * n)]
        best = best[: n - int(self._settings.explore * min(n, len(moved)))]
        left = np.ones(len(moved), dtype=bool)
        left[best[best >= first] - first] = False
        others = self._rng.permutation(left.nonzero()[0])[: n - len(best)] + first
        self._predicted = everything[np.r_[:front, best]], everything[worth]
        x = everything.x[np.concatenate([best, others])]
        return x if len(x) == n else np.concatenate([x, self._space.sample(n - len(x), self._rng)])

    def _moves(self, n: int) -> Batch:
        """At most n moves from the front to points that are not remembered, with predicted values."""
        parents = self._front
        if len(parents) < PARENTS:
            measured = self._pool.measured
            parents = measured[select(measured, PARENTS)]
        start, x = moves(parents.x, self._space, n, self._rng)
        new = first_of_equals(x)
        new = new[self._pool.find(x[new]) < 0]
        start, x = start[new], x[new]
        heights = self._surface(np.concatenate([x, parents.x]))
        change = heights[: len(x)] - heights[len(x) :][start]
        values = self._scale.back(self._scale(_values(parents))[start] + change)
        return Batch(x, *np.split(values, [self._space.n_obj], axis=1))


def _values(batch: Batch) -> Array:
    """Objectives and constraints side by side, (n, m + c)."""
    return np.concatenate([batch.f, batch.g], axis=1)
