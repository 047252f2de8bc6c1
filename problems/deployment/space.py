"""The joint strategy space: every knob of the model, graph and memory layers, as one integer vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray
from problems.deployment.cost import CostTable
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.strategy import FUSIONS, LEVELS, PRECISIONS, Strategy

if TYPE_CHECKING:
    from problems.deployment.network import Network

Layer = Literal["model", "graph", "memory"]
CATEGORICAL = frozenset({"level", "fusion"})  # features one-hot; every other knob's levels are ordered


@dataclass(frozen=True)
class Knob:
    """One variable of a strategy. levels: its values, last the full network's or the engine's default;
    engines: which engines execute something else when it is turned."""

    name: str
    layer: Layer
    levels: tuple[Any, ...]
    engines: tuple[str, ...] = ("onnxruntime",)


@dataclass(frozen=True)
class Inert:
    """Where a knob changes nothing: strategies that match `when` execute as if they had `then`."""

    when: Mapping[str, tuple[Any, ...]]
    then: Mapping[str, Any]


# Found by comparing the optimised graphs of all combinations, and the allocations of all memory
# settings, of residual networks in ONNX Runtime 1.32; tests/problems/deployment/test_engine.py
# compares the graphs again. In this order one pass suffices. Other networks may need other rules.
INERT = (
    # Both passes belong to levels above; the layout pass to `all` alone.
    Inert({"level": ("disabled", "basic")}, {"fusion": "none"}),
    Inert({"level": ("extended",), "fusion": ("nchwc",)}, {"fusion": "none"}),
    Inert({"level": ("extended",), "fusion": ("both",)}, {"fusion": "activation"}),
    # Integer convolutions absorb their activation when they are made, and keep their layout.
    Inert({"precision": ("int8",)}, {"fusion": "none"}),
    # What `extended` adds to `basic` here is that pass; the layout pass brings its own fusion.
    Inert({"level": ("extended",), "fusion": ("activation",)}, {"level": "basic", "fusion": "none"}),
    Inert({"level": ("all",), "fusion": ("activation",)}, {"fusion": "none"}),
    # Quantisation has already merged the batch norms; between tiles, `basic` still moves a quantiser.
    Inert({"precision": ("int8",), "level": ("basic",), "patches": (1,)}, {"level": "disabled"}),
    # Optimised not at all, the file optimised beforehand is the file itself.
    Inert({"level": ("disabled",)}, {"preoptimised": False}),
    # Only integer convolutions store weights again (and the classifier, some kilobytes).
    Inert({"precision": ("fp32",)}, {"prepacking": True}),
    Inert({"level": ("disabled", "basic")}, {"prepacking": True}),
)


@dataclass(frozen=True, eq=False)
class StrategySpace:
    """All strategies of an elastic network: vectors of level indices, one per knob.

    elastic: the network's sizes; threads: the most a strategy may use; costs: of all its subnets,
    for features; inert: where knobs change nothing (see canonical).

    Which engine honours which knob is in `knobs`. Model knobs choose another network and so bind
    every engine. ONNX Runtime honours all others: level, fusion and preoptimised by the nodes it
    executes; threads by its pool; arena, pattern (also without arena) and prepacking by what
    it allocates; patches by the graph itself.
    """

    elastic: Elastic
    threads: int = 2
    costs: CostTable | None = None
    inert: tuple[Inert, ...] = INERT
    knobs: tuple[Knob, ...] = field(init=False)

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise ArgumentError(
                "threads", "a whole number >= 1", repr(self.threads), "give the cores available"
            )
        object.__setattr__(self, "knobs", tuple(_knobs(self.elastic, self.threads)))

    @classmethod
    def of(cls, network: Network, threads: int = 2) -> StrategySpace:
        """The space of a network, with the costs of its subnets (takes a second)."""
        return cls(network.elastic, threads, CostTable.of(network.module, network.elastic))

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
        return Strategy(
            self.elastic.smallest, precision="int8", threads=int(self._knob("threads").levels[-1])
        )

    @property
    def full(self) -> Strategy:
        """The static baseline: the full network in fp32 with the engine's own defaults and all threads."""
        return Strategy(self.elastic.largest, threads=int(self._knob("threads").levels[-1]))

    def decode(self, row: Array) -> Strategy:
        """The strategy of one vector of level indices, (d,)."""
        index = self.indices(np.asarray(row)[None])[0]
        value = {knob.name: knob.levels[i] for knob, i in zip(self.knobs, index, strict=True)}
        stages = range(len(self.elastic.width))
        shape = Shape(
            tuple(value.pop(f"width_{s + 1}") for s in stages),
            tuple(value.pop(f"depth_{s + 1}") for s in stages),
            value.pop("resolution"),
        )
        return Strategy(shape, **value)

    def encode(self, strategy: Strategy) -> Array:
        """The vector of a strategy, (d,). Raises ArgumentError naming the knob that lacks its value."""
        shape = strategy.shape
        value = {
            **{f"width_{s + 1}": w for s, w in enumerate(shape.width)},
            **{f"depth_{s + 1}": d for s, d in enumerate(shape.depth)},
            "resolution": shape.resolution,
        }
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
        ruled = {name for rule in self.inert for name in (*rule.when, *rule.then)}
        columns = [k for k, knob in enumerate(self.knobs) if knob.name in ruled]
        free = int(np.prod([len(knob.levels) for knob in self.knobs if knob.name not in ruled]))
        sizes = [len(self.knobs[k].levels) for k in columns]
        grid = np.indices(sizes).reshape(len(sizes), int(np.prod(sizes))).T
        x = np.zeros((len(grid), self.dim))
        x[:, columns] = grid
        return free * len(np.unique(self.canonical(x), axis=0))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of features."""
        names = [
            name
            for knob in self.knobs
            for name in (
                [f"{knob.name}={level}" for level in knob.levels] if knob.name in CATEGORICAL else [knob.name]
            )
        ]
        return (
            *names,
            "log_macs",
            "log_macs_with_halo",
            "log_early_macs",
            "log_parameters",
            "log_weight_bytes",
            "log_activation_bytes",
        )

    def features(self, x: Array) -> Array:
        """(n, k) numbers for a surrogate: levels scaled to [0, 1] or one-hot, and logarithms of costs.

        Rows that execute the same have the same features. Raises ArgumentError without costs.
        """
        if self.costs is None:
            raise ArgumentError("costs", "the costs of all subnets", "None", "make it with StrategySpace.of")
        index = self._canonical(self.indices(x))
        columns = [code[index[:, k]] for k, code in enumerate(self._codes)]
        sizes = 2 * len(self.elastic.width) + 1
        macs, parameters, activations, early, early_layers = self.costs(index[:, :sizes]).T
        resolution, patches, int8 = (
            values[index[:, self._column(name)]]
            for name, values in zip(("resolution", "patches", "precision"), self._values, strict=True)
        )
        # A tile's halo is one pixel per 3x3 layer behind; on average over the layers, half of them.
        side = 1.0 + (patches - 1.0) * early_layers / resolution
        halo = early * (side**2 - 1.0)
        width = np.where(int8, 1.0, 4.0)
        costs = (macs, macs + halo, early, parameters, parameters * width, activations * width / 4.0)
        return np.concatenate([*columns, np.log(np.stack(costs, axis=1))], axis=1)

    def _knob(self, name: str) -> Knob:
        return self.knobs[self._column(name)]

    def _column(self, name: str) -> int:
        return next(k for k, knob in enumerate(self.knobs) if knob.name == name)

    @cached_property
    def _rules(self) -> list[tuple[list[tuple[int, BoolArray]], list[tuple[int, int]]]]:
        """`inert` in columns: which levels of which columns match, and the level that others take."""
        rules = []
        for rule in self.inert:
            when = {self._column(name): values for name, values in rule.when.items()}
            then = {self._column(name): value for name, value in rule.then.items()}
            among = [
                (k, np.array([level in values for level in self.knobs[k].levels]))
                for k, values in when.items()
            ]
            rules.append((among, [(k, self.knobs[k].levels.index(value)) for k, value in then.items()]))
        return rules

    @cached_property
    def _codes(self) -> list[NDArray[np.float64]]:
        """The features of each level of each knob."""
        return [_coded(knob) for knob in self.knobs]

    @cached_property
    def _values(self) -> tuple[NDArray[Any], ...]:
        """The levels of resolution and patches, and which level of precision is int8."""
        resolution, patches, precision = (
            np.array(self._knob(name).levels) for name in ("resolution", "patches", "precision")
        )
        return resolution, patches, precision == "int8"


def _coded(knob: Knob) -> NDArray[np.float64]:
    """(levels, columns): the features of each level of a knob."""
    n = len(knob.levels)
    if knob.name in CATEGORICAL:
        return np.eye(n)
    return np.linspace(0.0, 1.0, n)[:, None] if n > 1 else np.zeros((1, 1))


def _knobs(elastic: Elastic, threads: int) -> list[Knob]:
    return [
        *(Knob(f"width_{s + 1}", "model", levels, ("any",)) for s, levels in enumerate(elastic.width)),
        *(Knob(f"depth_{s + 1}", "model", levels, ("any",)) for s, levels in enumerate(elastic.depth)),
        Knob("resolution", "model", elastic.resolution, ("any",)),
        Knob("precision", "model", PRECISIONS, ("any",)),
        Knob("level", "graph", LEVELS),
        Knob("fusion", "graph", FUSIONS),
        Knob("threads", "graph", tuple(2**i for i in range(threads.bit_length())), ("any",)),
        Knob("preoptimised", "graph", (True, False)),
        Knob("arena", "memory", (False, True)),
        Knob("pattern", "memory", (False, True)),
        Knob("prepacking", "memory", (False, True)),
        Knob("patches", "memory", (3, 2, 1), ("any",)),
    ]
