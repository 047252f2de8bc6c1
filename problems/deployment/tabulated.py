"""Tabulated: the deployment problem among the rows of its table alone, so that every outcome is measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmo.batch import Batch
from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray
from problems.deployment.choice import Chooser, choose
from problems.deployment.problem import Deployment


@dataclass(frozen=True, eq=False)
class Tabulated:
    """What policies choose among: the strategies of `problem`'s table, by predictions of their own.

    mean, relied: (levels, n, 3) objectives (latency ms, memory MiB, error) of the n strategies at each
    level of contention that was profiled, as predicted, and with the margin that limits add; for a fair
    comparison by a surrogate that has not seen the strategy. What a choice led to is the measured row.

    It is a problem like any other too, of ceil(log2 n) variables that are 0 or 1, so that every searcher
    can search it: the table is halved along the feature that spreads most, and its halves again, and
    each variable says which half. So every strategy can be reached, by one or two points, and points that
    differ in late variables alone stand for like strategies. Nearest neighbours of points of the full space
    would reach few: most of such a space is far from all rows, and near the same ones.
    Raises ArgumentError for predictions of another shape.
    """

    problem: Deployment
    mean: Array
    relied: Array

    def __post_init__(self) -> None:
        wanted = self.problem.tabulated.shape
        for name in ("mean", "relied"):
            if getattr(self, name).shape != wanted:
                raise ArgumentError(
                    name, f"shape {wanted}", str(getattr(self, name).shape), "predict all rows of the table"
                )

    def __len__(self) -> int:
        return len(self.x)

    @property
    def x(self) -> Array:
        """The strategies, (n, d) level indices."""
        return self.problem.rows

    @cached_property
    def space(self) -> Space:
        """One variable for each halving of the table."""
        d, whole = self._bits, self.problem.space
        return Space(np.zeros(d), np.ones(d), np.ones(d, bool), whole.n_obj, whole.n_con)

    def context(self, t: float) -> Array:
        """What an announced change reveals."""
        return self.problem.context(t)

    def evaluate(self, x: Array, t: float) -> Batch:
        """Predictions for the strategies that x, (n, d), stands for, at time t."""
        predicted = self.predicted(t)[self.row(x)]
        return Batch(np.asarray(x, dtype=float).copy(), predicted.f, predicted.g)

    def front(self, t: float, n: int) -> Array | None:
        """Not asked for: the oracle is the best of the measured rows."""
        return None

    def row(self, x: Array) -> IntArray:
        """The row that each of x, (n, d), stands for: (n,)."""
        code = np.asarray(x, dtype=float).round().astype(np.intp) @ (1 << np.arange(self._bits)[::-1])
        return self._rows[code]

    def predicted(self, t: float) -> Batch:
        """All strategies as predicted for time t, limits with their margin."""
        f, relied = (self.problem.slowed(part, t) for part in (self.mean, self.relied))
        return Batch(self.x, f, self.problem.constraints(relied, t))

    def hoped(self, t: float, margins: float) -> Batch:
        """All strategies at time t, were each objective lower than predicted by so many such margins."""
        f = self.problem.slowed(self.mean - margins * (self.relied - self.mean), t)
        return Batch(self.x, f, self.problem.constraints(f, t))

    def truth(self, t: float) -> Batch:
        """All strategies as measured, under the budgets of time t."""
        return self.problem.truth(t)

    def cost(self, f: Array, t: float) -> Array:
        """What each of f, (n, 3), costs by the preference of time t, (n,)."""
        return self.prefers(t).cost(f, self.problem.full)

    def prefers(self, t: float) -> Chooser:
        """The user's preference at time t."""
        return self.problem.prefers(t)

    def pick(self, batch: Batch, t: float, among: BoolArray | None = None) -> int:
        """The row that limits and preference choose from `batch` of all strategies, or `among` some."""
        rows = np.arange(len(self)) if among is None else np.flatnonzero(among)
        return int(rows[choose(batch[rows], self.problem.full, self.prefers(t))])

    def adapts(self, *layers: str) -> BoolArray:
        """(n,) which strategies are the full network's in all knobs of other layers."""
        knobs = self.problem.strategies.knobs
        others = np.array([knob.layer not in layers for knob in knobs])
        full = self.problem.strategies.encode(self.problem.strategies.full)
        plain = self.x.copy()
        plain[:, others] = full[others]
        return np.asarray((self.problem.strategies.canonical(plain) == self.x).all(axis=1))

    @cached_property
    def full(self) -> int:
        """The row of the static full network."""
        strategies = self.problem.strategies
        wanted = strategies.canonical(strategies.encode(strategies.full)[None])
        return int(np.flatnonzero((self.x == wanted).all(axis=1))[0])

    @cached_property
    def switching(self) -> Array:
        """What it takes to load each strategy and run it for the first time, ms, (n,), as measured."""
        return self.problem.switching

    @property
    def _bits(self) -> int:
        return max(1, (len(self) - 1).bit_length())

    @cached_property
    def _rows(self) -> IntArray:
        return halved(self.problem.strategies.features(self.x), self._bits)


def halved(features: Array, depth: int) -> IntArray:
    """Rows of (n, q) `features` in the leaves of a tree of halves, (2**depth,): near leaves, like rows.

    Each part is cut at the median of the feature, by standard deviations over all rows, that spreads most
    in it. Each row is in one leaf at least; a part of one row fills all leaves below it.
    """
    spread = features.std(axis=0)
    z = features / np.where(spread > 0.0, spread, 1.0)
    parts = [np.arange(len(z))]
    for _ in range(depth):
        parts = [half for part in parts for half in _halves(z, part)]
    return np.concatenate(parts)


def _halves(z: Array, part: IntArray) -> tuple[IntArray, IntArray]:
    if len(part) == 1:
        return part, part
    order = part[np.argsort(z[part, np.argmax(np.ptp(z[part], axis=0))], kind="stable")]
    return order[: len(part) // 2], order[len(part) // 2 :]
