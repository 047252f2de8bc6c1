"""PopulationTest: a sequential rank test of what is evaluated anyway."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array, IntArray

ALLOWANCE = 0.5  # of the cumulative sum: half the shift, in standard deviations, that it finds soonest


@dataclass(frozen=True)
class PopulationTest:
    """Detect a change by children whose values are too far from their parents'; costs no evaluations.

    Each child is set beside the nearest member of the population it came from: for every objective and
    constraint, the difference of their values over their distance. A change adds to the differences,
    most visibly to those of children that hardly moved; convergence alone does not. A rank-sum
    statistic compares each generation's quotients with those of the `window` before, and its
    cumulative sum, one for each objective and constraint, gives the alarm.

    level: false alarms per generation, at most, as long as a quotient of a generation exceeds one of those
    before with a probability of at most 0.5 + drift; window: generations compared with; drift: see
    level, as a search without a change drifts too; proof: whether a child that is a copy of its parent
    but has other values proves a change, as it does unless values are noisy. Where proof is off, or an
    optimiser makes no copies, a population of fewer than about ten is too small to tell much.

    Source: the idea, a test on generations instead of sensors, of Richter, Detecting change in dynamic
    fitness landscapes (2009); Page, Continuous inspection schemes (1954); the threshold by Siegmund's
    approximation of the run length (1985) and Bonferroni. Deviation: quotients instead of fitness,
    whose distribution moves with every generation of a search that converges.
    """

    level: float = 0.001
    window: int = 5
    drift: float = 0.05
    proof: bool = True

    def __post_init__(self) -> None:
        fraction("level", self.level)
        if not 0.0 < self.level < 0.5:
            raise ArgumentError("level", "a share in (0, 0.5)", repr(self.level), "0.001 is usual")
        at_least("window", self.window, 1)
        fraction("drift", self.drift)

    def start(self, space: Space) -> PopulationTestWatch:
        """A new watch."""
        return PopulationTestWatch(self, space)


class PopulationTestWatch:
    """One run of PopulationTest."""

    def __init__(self, settings: PopulationTest, space: Space) -> None:
        self._settings, self._space = settings, space
        self._outputs = space.n_obj + space.n_con
        self._threshold = threshold(self._outputs / settings.level)
        self._parts: list[Array] = []  # of a generation that is not complete
        self._past: deque[Array] = deque(maxlen=settings.window)
        self._sums = np.zeros(self._outputs)

    def observe(self, parents: Batch, children: Batch) -> bool:
        """Whether a copy proves a change, or the cumulative sum of any output passes its threshold."""
        part = quotients(parents, children, self._space)
        if self._settings.proof and np.isinf(part).any():
            return True
        # An optimiser may ask for its children in parts: as many as there are parents are a generation.
        self._parts.append(part)
        if sum(map(len, self._parts)) < len(parents):
            return False
        fresh = np.concatenate(self._parts)
        self._parts = []
        if self._past:
            self._sums = np.maximum(0.0, self._sums + self._scores(fresh) - ALLOWANCE)
        self._past.append(fresh)
        return bool((self._sums > self._threshold).any())

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """None: nothing is evaluated for detection."""
        return np.empty(0, dtype=np.intp)

    def changed(self, before: Batch, after: Batch) -> bool:
        """Never asked, as there are no sentinels."""
        return False

    def reset(self) -> None:
        """Begin anew."""
        self._parts = []
        self._past.clear()
        self._sums = np.zeros(self._outputs)

    def _scores(self, fresh: Array) -> Array:
        """How far the fresh quotients rank above the past ones, in standard deviations, less the drift."""
        past = np.concatenate(self._past)
        pairs = zip(fresh.T, past.T, strict=True)
        return np.array(
            [superiority(a[~np.isnan(a)], b[~np.isnan(b)], self._settings.drift) for a, b in pairs]
        )


def quotients(parents: Batch, children: Batch, space: Space) -> Array:
    """|difference of values| / distance of each child and its nearest parent, (n, m + c).

    Distances are of variables scaled to their span. A copy has inf where its value differs, and tells
    nothing, nan, where it is the same.
    """
    span = np.where(space.span > 0.0, space.span, 1.0)
    a, b = children.x / span, parents.x / span
    squares = (a * a).sum(axis=1)[:, None] - 2.0 * a @ b.T + (b * b).sum(axis=1)
    nearest = squares.argmin(axis=1)
    distance = np.sqrt(((a - b[nearest]) ** 2).sum(axis=1))[:, None]
    old, new = (np.concatenate([batch.f, batch.g], axis=1) for batch in (parents, children))
    difference = np.abs(new - old[nearest])
    copies = np.where(difference > 0.0, np.inf, np.nan)
    return np.where(distance > 0.0, difference / np.where(distance > 0.0, distance, 1.0), copies)


def superiority(a: Array, b: Array, drift: float) -> float:
    """The rank-sum statistic of a, (n,), against b, (k,), as a standard normal; 0 where one is empty.

    Under the hypothesis that a value of a exceeds one of b with probability 0.5 + drift.
    Source: Mann & Whitney (1947), with the correction for ties.
    """
    n, k = len(a), len(b)
    if not n or not k:
        return 0.0
    from scipy.stats import rankdata  # here, for `import dmo` is to load no scipy

    ranks = rankdata(np.concatenate([a, b]))
    share = (ranks[:n].sum() - 0.5 * n * (n + 1)) / (n * k)
    _, ties = np.unique(ranks, return_counts=True)
    total = n + k
    spread = total + 1.0 - float((ties**3 - ties).sum()) / (total * (total - 1.0))
    return float((share - 0.5 - drift) / np.sqrt(spread / (12.0 * n * k))) if spread > 0.0 else 0.0


def threshold(run_length: float) -> float:
    """Where a cumulative sum of standard normals, less the allowance, passes once in `run_length` steps.

    Source: Siegmund, Sequential Analysis (1985), (exp(2kb) - 2kb - 1) / 2k^2 with b = h + 1.166.
    """
    from scipy.optimize import brentq

    def excess(h: float) -> float:
        b = 2.0 * ALLOWANCE * (h + 1.166)
        return float((np.exp(b) - b - 1.0) / (2.0 * ALLOWANCE**2) - run_length)

    return float(brentq(excess, 0.0, 100.0)) if excess(0.0) < 0.0 else 0.0
