"""The joint strategy space: every knob of the model, graph and memory layers, as one integer vector."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray
from problems.deployment.cost import CostTable
from problems.deployment.counted import Counted
from problems.deployment.elastic.shape import Elastic
from problems.deployment.features import Features
from problems.deployment.graph.executed import Executed
from problems.deployment.inert import RESIDUAL
from problems.deployment.knobs import (
    DEFAULT,
    Inert,
    Knob,
    engine_knobs,
    ignored,
    left_out,
    model_knobs,
    unsplit,
)
from problems.deployment.strategy import Strategy

if TYPE_CHECKING:
    from problems.deployment.network import Network


@dataclass(frozen=True, eq=False)
class StrategySpace:
    """All strategies of an elastic network: vectors of level indices, one per knob.

    elastic: the network's sizes; threads: the most a strategy may use; costs: of all its subnets,
    for features; inert: where knobs change nothing (see inert); engines: those
    to choose among, the default last; patches: the most tiles per side; executed: what every subnet
    executes, counted from its graph, for features too (None: without these); segments: the most
    parts that are loaded in turn; ranks: levels of the knob `rank`, per cent, the last 100; branches:
    the most parts of a convolution that run side by side.

    Which engine honours which knob is in `knobs`: a knob that none of the engines honours is not
    there, and one that some ignore has its default with them in every canonical row.
    Raises ArgumentError for an engine that is named twice or does not exist.
    """

    elastic: Elastic
    threads: int = 2
    costs: CostTable | None = None
    inert: tuple[Inert, ...] = RESIDUAL
    engines: tuple[str, ...] = ("onnxruntime",)
    patches: int = 3
    executed: Executed | None = None
    segments: int = 1
    ranks: tuple[int, ...] = (100,)
    branches: int = 1
    knobs: tuple[Knob, ...] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("threads", "patches", "segments", "branches"):
            if getattr(self, name) < 1:
                raise ArgumentError(name, "a whole number >= 1", repr(getattr(self, name)), "use 1 or more")
        object.__setattr__(self, "engines", tuple(self.engines))  # a configuration gives a list
        object.__setattr__(self, "ranks", tuple(map(int, self.ranks)))
        if list(self.ranks) != sorted({*self.ranks, 100}) or self.ranks[0] < 1:
            raise ArgumentError("ranks", "ascending per cents up to 100", repr(self.ranks), "end with 100")
        if not self.engines or len(set(self.engines)) < len(self.engines):
            raise ArgumentError("engines", "different names", repr(self.engines), "name each engine once")
        knobs = (
            *model_knobs(self.elastic, self.ranks),
            *engine_knobs(self.engines, self.threads, self.patches, self.segments, self.branches),
        )
        object.__setattr__(self, "knobs", knobs)

    @classmethod
    def of(cls, network: Network, threads: int = 2, **options: Any) -> StrategySpace:
        """The space of a network, with the costs of its subnets (takes a second); options as above.

        Counted graphs are those that ship with the network, if they are of its sizes and of these
        patches: see experiments.count.
        """
        costs = CostTable.of(network.module, network.elastic)
        space = cls(network.elastic, threads, costs, **{"inert": network.inert, **options})
        file = Executed.file(network.name)
        if not file.is_file():
            return space
        remedy = f"make it with: python -m experiments.count network={network.name} out={file}"
        executed = Executed.load(file, remedy)
        fits = executed.elastic == network.elastic and Counted(executed, space.knobs).covers
        return replace(space, executed=executed) if fits else space

    @property
    def options(self) -> dict[str, Any]:
        """The keywords of `of` that make this space, as JSON has them."""
        return {
            "threads": self.threads,
            "engines": list(self.engines),
            "patches": self.patches,
            "segments": self.segments,
            "ranks": list(self.ranks),
            "branches": self.branches,
        }

    @property
    def dim(self) -> int:
        """The number of knobs d."""
        return len(self.knobs)

    @cached_property
    def sizes(self) -> IntArray:
        """The number of levels of each knob, (d,)."""
        return np.array([len(knob.levels) for knob in self.knobs])

    def space(self, n_obj: int, n_con: int = 0) -> Space:
        """The decision space: d whole variables, each 0 .. its knob's levels - 1."""
        upper = self.sizes.astype(np.float64) - 1.0
        return Space(np.zeros(self.dim), upper, np.ones(self.dim, bool), n_obj, n_con)

    @property
    def smallest(self) -> Strategy:
        """The smallest subnet in int8, otherwise as `full`."""
        return replace(self.full, shape=self.elastic.smallest, precision="int8")

    @property
    def full(self) -> Strategy:
        """The static baseline: the full network in fp32 with the engine's own defaults and all threads."""
        threads = int(self._knob("threads").levels[-1])
        return Strategy(self.elastic.largest, threads=threads, engine=self.engines[-1])

    def decode(self, row: Array) -> Strategy:
        """The strategy of one vector of level indices, (d,)."""
        index = self.indices(np.asarray(row)[None])[0]
        value = {knob.name: knob.levels[i] for knob, i in zip(self.knobs, index, strict=True)}
        shape = self.elastic.shape({name: value.pop(name) for name in self.elastic.levels})
        return Strategy(shape, **{"engine": self.engines[-1], **value})

    def encode(self, strategy: Strategy) -> Array:
        """The vector of a strategy, (d,). Raises ArgumentError naming the knob that lacks its value."""
        if strategy.engine not in self.engines:
            raise ArgumentError(
                "engine", f"one of {self.engines}", repr(strategy.engine), "add it to the space's engines"
            )
        value = strategy.shape.sizes
        row = []
        for knob in self.knobs:
            wanted = value[knob.name] if knob.name in value else getattr(strategy, knob.name, None)
            if wanted not in knob.levels:
                raise ArgumentError(
                    knob.name, f"one of {knob.levels}", repr(wanted), "choose a level of this space"
                )
            row.append(knob.levels.index(wanted))
        return np.array(row, dtype=float)

    def indices(self, x: Array) -> IntArray:
        """x, (n, d), as checked level indices.

        Raises ArgumentError that names the first knob out of its levels.
        """
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ArgumentError(
                "x",
                f"shape (n, {self.dim})",
                str(x.shape),
                "one column per knob, in the order of space.knobs",
            )
        bad = ~((x >= 0) & (x < self.sizes) & (x == np.rint(x)))
        if bad.any():
            row, column = np.argwhere(bad)[0]
            knob = self.knobs[column]
            raise ArgumentError(
                f"x[{row}, {column}] ({knob.name})",
                f"a whole index 0..{len(knob.levels) - 1} into the levels {knob.levels}",
                repr(float(x[row, column])),
                "repair the points first: space.space(n_obj).repair(x)",
            )
        return x.astype(np.intp)

    def canonical(self, x: Array) -> Array:
        """x, (n, d), with every knob that changes nothing set to one level; applying it twice is once.

        Rows with equal canonical rows execute the same thing.
        """
        return self._canonical(self.indices(x)).astype(float)

    def _canonical(self, index: IntArray) -> IntArray:
        """canonical of checked indices, which it changes."""
        for when, then in self._rules:
            match = np.ones(len(index), dtype=bool)
            for column, among in when:
                match &= among[index[:, column]]
            for column, level in then:
                index[match, column] = level
        return index

    def count(self) -> int:
        """How many strategies differ in what is executed."""
        # Knobs that share no rule are counted apart.
        groups = [{k} for k in range(self.dim)]
        for when, then in self._rules:
            bound = {column for column, _ in (*when, *then)}
            apart = [group for group in groups if not group & bound]
            groups = [*apart, set().union(*(group for group in groups if group & bound))]
        return math.prod(self._count(sorted(group)) for group in groups)

    def _count(self, columns: list[int]) -> int:
        """How many combinations of the levels of these columns differ."""
        grid = np.indices(self.sizes[columns]).reshape(len(columns), -1).T
        x = np.zeros((len(grid), self.dim))
        x[:, columns] = grid
        return len(np.unique(self.canonical(x)[:, columns], axis=0))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of features."""
        return self._features.names

    def features(self, x: Array) -> Array:
        """(n, k) numbers for a surrogate, see features.Features; rows that execute the same have the same.

        Raises ArgumentError without costs.
        """
        return self._features(self._canonical(self.indices(x)))

    @cached_property
    def _features(self) -> Features:
        return Features(self.elastic, self.knobs, self.costs, self.executed)

    def _knob(self, name: str) -> Knob:
        return self.knobs[self._column(name)]

    def _column(self, name: str) -> int:
        return next(k for k, knob in enumerate(self.knobs) if knob.name == name)

    @cached_property
    def _rules(self) -> list[tuple[list[tuple[int, BoolArray]], list[tuple[int, int]]]]:
        """All rules in columns: which levels of which columns match, and the level that others take.

        What an engine ignores comes first, so that the rules of one engine find the others at
        their defaults, which no rule moves. What this space does not choose has its default.
        """
        column = {knob.name: k for k, knob in enumerate(self.knobs)}
        fixed = {**DEFAULT, "engine": self.engines[-1]}
        rules = []
        for rule in (
            *left_out(self.elastic),
            *ignored(self.knobs, self.engines),
            *unsplit(self.branches),
            *self.inert,
        ):
            if any(n not in column and fixed[n] not in values for n, values in rule.when.items()):
                continue
            among = [
                (column[n], np.array([level in values for level in self.knobs[column[n]].levels]))
                for n, values in rule.when.items()
                if n in column
            ]
            then = [
                (column[n], self.knobs[column[n]].levels.index(v))
                for n, v in rule.then.items()
                if n in column
            ]
            rules.append((among, then))
        return rules
