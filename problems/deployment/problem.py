"""Deployment: which strategy runs a network best on a device whose budgets move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least, evaluable
from dmo.errors import ArgumentError
from dmo.identity import describe
from dmo.space import Space
from dmo.types import Array, IntArray
from problems.deployment.choice import Chooser, Preference
from problems.deployment.scenario import Scenario
from problems.deployment.space import StrategySpace
from problems.deployment.table import Table

TARGETS = ("latency_ms", "load_peak_mib", "run_peak_mib", "error")
OBJECTIVES = ("latency ms", "peak memory MiB", "error")
CONSTRAINTS = ("memory", "latency", "accuracy")


class Predictor(Protocol):
    """A fitted surrogate of the profile table."""

    @property
    def targets(self) -> tuple[str, ...]:
        """What the columns of a prediction are."""

    @property
    def sha256(self) -> str:
        """Of its parameters."""

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, (n, k) each, from features (n, q)."""


@dataclass(frozen=True, eq=False)
class Deployment:
    """Choose width, depth, resolution, precision, graph and memory knobs for the budgets of t.

    Objectives f: latency in ms, peak memory in MiB of the process over one with a started engine
    (the greater of load and run peak), and error = 1 - accuracy on held-out images: all predicted by the
    surrogate. Constraints g, relative: (memory / budget - 1), (latency / deadline - 1), (error -
    greatest error allowed, in units of 0.01), each with `margin` standard deviations of the
    prediction added, so that a promise which is uncertain is not relied upon.
    Budgets are shares of what the static full network was measured at.

    Raises ArgumentError when the predictor does not predict what is needed.
    """

    strategies: StrategySpace
    table: Table
    predictor: Predictor
    scenario: Scenario
    margin: float = 1.0
    preference: Chooser = field(default_factory=Preference)

    def __post_init__(self) -> None:
        at_least("margin", self.margin, 0.0)
        if tuple(self.predictor.targets) != TARGETS:
            raise ArgumentError(
                "predictor",
                f"predictions of {TARGETS}",
                str(tuple(self.predictor.targets)),
                "fit it again with python -m experiments.fit",
            )

    @cached_property
    def space(self) -> Space:
        """Levels of the knobs, all integer; three objectives and three constraints."""
        return self.strategies.space(len(OBJECTIVES), len(CONSTRAINTS))

    @cached_property
    def full(self) -> Array:
        """What the static full network was measured at: latency, memory, error, (3,)."""
        row = self.find(self.strategies.encode(self.strategies.full)[None])[0]
        if row < 0:
            raise ArgumentError(
                "table",
                "a row of the static full network",
                "none",
                "profile it: python -m experiments.profile always includes it",
            )
        return self.measured.f[row]

    @cached_property
    def rows(self) -> Array:
        """The strategies that were measured at every profiled level of contention, (n, d)."""
        return self.table.x[self._index[0]].astype(float)

    def by_level(self, values: Array) -> Array:
        """values of the table's rows, (rows, ...), of `rows` at each profiled level: (levels, n, ...)."""
        return np.asarray(values[self._index])

    @cached_property
    def tabulated(self) -> Array:
        """What they were measured at: (levels, n, 3) objectives."""
        table = self.table
        f = np.column_stack([table["latency_ms"], table["memory_mib"], 1.0 - table["accuracy"]])
        return self.by_level(f)

    @cached_property
    def measured(self) -> Batch:
        """All `rows`: objectives as measured without contention, without constraints."""
        return Batch.unconstrained(self.rows, self.tabulated[0])

    @cached_property
    def switching(self) -> Array:
        """What it takes to load each of `rows` and run it once, ms, (n,), as measured."""
        return (self.table["load_ms"] + self.table["first_run_ms"])[self._index[0]]

    @cached_property
    def _index(self) -> IntArray:
        """(levels, n) rows of the table."""
        first = np.flatnonzero(self.table.contention == 0)
        x = self.table.x[first].astype(float)
        found = np.stack([self.table.find(x, level) for level in range(self.table.levels)])
        return np.asarray(found[:, (found >= 0).all(axis=0)])

    def find(self, x: Array) -> IntArray:
        """Which of `rows` each strategy of x, (n, d), is: (n,), -1 where it was not measured."""
        return np.asarray(self._place[self.table.find(self.strategies.canonical(x))])

    @cached_property
    def _place(self) -> IntArray:
        """Which of `rows` each row of the table is, and -1 for what follows: (len(table) + 1,)."""
        place = np.full(len(self.table) + 1, -1)
        place[self._index[0]] = np.arange(len(self.rows))
        return place

    def level(self, t: float) -> int:
        """The profiled level of contention that holds at time t."""
        return min(self.scenario.at(t).contention, self.table.levels - 1)

    def slowed(self, f: Array, t: float) -> Array:
        """Those of f, (levels, n, 3), that hold at time t, (n, 3).

        Where the table knows no contention, latencies take the scenario's SIMULATED slow-down.
        """
        now = f[self.level(t)].copy()
        if self.table.levels == 1:
            now[:, 0] *= self.scenario.at(t).slowdown
        return np.asarray(now)

    def limits(self, t: float) -> Array:
        """(memory budget MiB, deadline ms, greatest error) at time t, (3,)."""
        budgets = self.scenario.at(t)
        latency, memory, error = self.full
        return np.array([budgets.memory * memory, budgets.deadline * latency, error + budgets.accuracy_loss])

    def prefers(self, t: float) -> Chooser:
        """The user's preference at time t: the scenario's where it has one, or else the problem's."""
        return self.scenario.at(t).preference or self.preference

    def context(self, t: float) -> Array:
        """What an announced change reveals: the limits, (3,)."""
        return self.limits(t)

    def evaluate(self, x: Array, t: float) -> Batch:
        """Predicted objectives and constraints of knob levels x, (n, d), at time t.

        Under contention: as predicted for its level, where the table was profiled at it, or else with
        the scenario's SIMULATED slow-down of every latency.
        Raises ArgumentError where x is no such matrix or t no finite number.
        """
        x = evaluable(x, t, self.space.dim)
        f, relied = self.predicted(x, self.level(t))
        slowdown = 1.0 if self.table.levels > 1 else self.scenario.at(t).slowdown
        if slowdown != 1.0:
            f[:, 0] *= slowdown
            relied[:, 0] *= slowdown
        return Batch(x.copy(), f, self.constraints(relied, t))

    def predicted(self, x: Array, level: int = 0) -> tuple[Array, Array]:
        """Objectives of x, (n, d), at a level of contention, as predicted and with the margin that
        constraints add: (n, 3) each."""
        mean, std = self.predictor.predict(state_features(self.strategies, self.table, x, level))
        return objectives(mean), objectives(mean + self.margin * std)

    def constraints(self, f: Array, t: float) -> Array:
        """g, (n, 3), of objectives f, (n, 3), predicted or measured, at time t."""
        budget, deadline, error = self.limits(t)
        return np.column_stack([f[:, 1] / budget - 1.0, f[:, 0] / deadline - 1.0, (f[:, 2] - error) / 0.01])

    def violated(self, f: Array, t: float) -> tuple[str, ...]:
        """Names of the limits at time t that latency, memory and error, (3,), exceed."""
        g = self.constraints(f[None], t)[0]
        return tuple(name for name, value in zip(CONSTRAINTS, g, strict=True) if value > 0.0)

    def truth(self, t: float) -> Batch:
        """All `rows`, as measured at the level of contention of time t, under its budgets."""
        f = self.slowed(self.tabulated, t)
        return Batch(self.rows, f, self.constraints(f, t))

    def front(self, t: float, n: int) -> Array | None:
        """Not known: the space is too large to be measured."""
        return None

    def identity(self) -> Mapping[str, Any]:
        """The contents of table and predictor, not where they lie."""
        return {
            "strategies": describe(self.strategies),
            "table": self.table.sha256,
            "predictor": self.predictor.sha256,
            "scenario": describe(self.scenario),
            "margin": self.margin,
        }


def state_features(strategies: StrategySpace, table: Table, x: Array, level: int | IntArray = 0) -> Array:
    """What surrogates of `table` see of x, (n, d): the strategies' features and, where the table was
    profiled under contention, the logarithm of the processes that compete and this one, so that a level
    never seen lies between or beyond those that were."""
    features = strategies.features(x)
    if table.levels == 1:
        return features
    processes = np.log1p(np.broadcast_to(np.asarray(level, dtype=float), len(features)))
    return np.column_stack([features, processes])


def state_names(strategies: StrategySpace, table: Table) -> tuple[str, ...]:
    """The columns of state_features."""
    return (*strategies.feature_names, *(["log_processes"] if table.levels > 1 else []))


def objectives(prediction: Array) -> Array:
    """latency, the greater of load and run peak, error."""
    return np.column_stack([prediction[:, 0], prediction[:, 1:3].max(axis=1), prediction[:, 3]])
