"""What a subnet costs on paper: multiply-adds, parameters and activations, counted from its torch module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dmo.errors import ArgumentError
from dmo.types import Array, IntArray
from problems.deployment.elastic.shape import Build, Elastic, Shape

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Cost:
    """What one image costs.

    macs: multiply-adds of convolutions and linear layers; parameters: their number; activations:
    bytes, as fp32, that the hungriest of these layers reads and writes; early: multiply-adds
    before the image is first reduced; early_layers: how many of these look at neighbouring pixels.
    """

    macs: float
    parameters: float
    activations: float
    early: float
    early_layers: float


def cost(build: Build, shape: Shape, channels: int = 1) -> Cost:
    """The cost of one subnet; its module is run on meta tensors, which computes shapes only."""
    layers, parameters = _measure(build, shape, channels)
    table = _total(
        np.array([list(layers.values())], dtype=float), np.array([shape.resolution]), _numel(parameters)
    )
    return Cost(*map(float, table[0]))


@dataclass(frozen=True, eq=False)
class CostTable:
    """The costs of all subnets of an elastic network at once. values: (subnets, 5), the columns of Cost."""

    elastic: Elastic
    values: Array

    @classmethod
    def of(cls, build: Build, elastic: Elastic, channels: int = 1) -> CostTable:
        """Count all subnets by running some twenty of them.

        Only one size is changed at a time; a layer's dimensions follow from adding the changes up,
        a layer exists when no single change removes it. That is exact for networks whose layers
        each belong to a stage, and checked on the smallest subnet and two others.
        Each early exit is counted as a network of its own.
        Raises ArgumentError for a network of which it is not true.
        """
        if elastic.exit:
            single = replace(elastic, exit=())
            tables = [cls.of(partial(build, exit=stage), single, channels).values for stage in elastic.exit]
            by_side = [t.reshape(-1, len(elastic.resolution), len(fields(Cost))) for t in tables]
            return cls(elastic, np.stack(by_side, axis=1).reshape(-1, len(fields(Cost))))
        knobs = _knobs(elastic)
        full = _measure(build, elastic.largest, channels)
        singles = [[_measure(build, _replaced(elastic, k, i), channels) for i in range(n)] for k, n in knobs]
        grid = np.indices([n for _, n in knobs]).reshape(len(knobs), -1)
        parts = [_added(full[i], [[probe[i] for probe in row] for row in singles], grid) for i in (0, 1)]
        side = np.array(elastic.resolution)[grid[-1]]
        table = cls(elastic, _total(parts[0], side, parts[1][:, :, 1:].prod(axis=2) * parts[1][:, :, 0]))
        for row in (0, len(side) // 3, 2 * len(side) // 3):
            counted = astuple(cost(build, _shape(elastic, grid[:, row]), channels))
            if not np.array_equal(table.values[row], counted):
                raise ArgumentError(
                    "build",
                    "a network whose layers each belong to one stage",
                    f"costs {counted} where the sum of single changes says {tuple(table.values[row])}",
                    "pass costs of your own as CostTable(elastic, values)",
                )
        return table

    def __post_init__(self) -> None:
        wanted = (int(np.prod([n for _, n in _knobs(self.elastic)])), len(fields(Cost)))
        if self.values.shape != wanted:
            raise ArgumentError(
                "values", f"shape {wanted}", str(self.values.shape), "make it with CostTable.of"
            )

    def __call__(self, levels: IntArray) -> Array:
        """(n, 5) costs of (n, s) level indices: widths, depths, the exit if any, the resolution."""
        return np.asarray(self.values[self.row(levels)])

    def row(self, levels: IntArray) -> IntArray:
        """Where in `values` the subnets of levels, (n, s), stand: (n,)."""
        return np.asarray(np.ravel_multi_index(tuple(levels.T), self._sizes))

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(n for _, n in _knobs(self.elastic))


Rows = dict[str, tuple[float, ...]]


def _measure(build: Build, shape: Shape, channels: int) -> tuple[Rows, Rows]:
    """By name: (1, weights' extents (3), positions out, in, channels out, in, side) of each layer that
    multiplies, and (1, extents (3)) of each parameter. A module that multiplies without weights, as
    attention does, says by a method extents(x) what those would be for each position of its output."""
    import torch
    from torch import nn

    layers: Rows = {}

    def count(name: str) -> Callable[[nn.Module, tuple[Any, ...], Any], None]:
        def hook(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            x, y = inputs[0], output
            image = y.ndim == 4
            axis = 1 if isinstance(module, nn.Conv2d) else -1  # of the channels
            layers[name] = (
                1.0,
                *(_extents(module.weight) if hasattr(module, "weight") else module.extents(x)),
                y[0].numel() / y.shape[axis],
                x[0].numel() / x.shape[axis],
                y.shape[axis],
                x.shape[axis],
                y.shape[-1] if image else 0.0,
            )

        return hook

    with torch.device("meta"):
        network = shape.build(build).eval().to("meta")  # a traced network has weights of its own
        image = torch.empty(1, channels, shape.resolution, shape.resolution)
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear) or hasattr(module, "extents"):
            module.register_forward_hook(count(name))
    with torch.no_grad():
        network(image)
    return layers, {name: (1.0, *_extents(p)) for name, p in network.named_parameters()}


def _extents(weight: Any) -> tuple[float, float, float]:
    shape = (*weight.shape, 1, 1)
    return float(shape[0]), float(shape[1]), float(np.prod(shape[2:]))


def _numel(parameters: Rows) -> Array:
    return np.array([[np.prod(row) for row in parameters.values()]], dtype=float)


def _added(full: Rows, singles: list[list[Rows]], grid: IntArray) -> Array:
    """(subnets, items, columns): full, plus every single change's difference; 0 where an item is gone."""
    base = np.array(list(full.values()), dtype=float)
    exists = np.ones((grid.shape[1], len(base), 1))
    total = np.broadcast_to(base, (grid.shape[1], *base.shape)).copy()
    for level, probes in zip(grid, singles, strict=True):
        gone = np.array([[name not in probe for name in full] for probe in probes])
        rows = np.array([[probe.get(name, full[name]) for name in full] for probe in probes], dtype=float)
        total += (rows - base)[level]
        exists *= ~gone[level][:, :, None]
    return np.asarray(total * exists)


def _total(layers: Array, side: IntArray, parameters: Array) -> Array:
    """(n, 5) costs from (n, layers, 9) dimensions, (n,) sides of the input and (n, k) parameter sizes."""
    weights, (out, into, c_out, c_in, at) = (
        layers[:, :, 1:4].prod(axis=2),
        np.moveaxis(layers[:, :, 4:], 2, 0),
    )
    macs = weights * out
    early = at >= side[:, None]
    wide = (layers[:, :, 3] > 1) & early
    return np.stack(
        [
            macs.sum(axis=1),
            parameters.sum(axis=1),
            4.0 * (out * c_out + into * c_in).max(axis=1),
            (macs * early).sum(axis=1),
            wide.sum(axis=1),
        ],
        axis=1,
    )


def _knobs(elastic: Elastic) -> list[tuple[tuple[str, int], int]]:
    """Each size that can change, (field, stage), and its number of levels."""
    return [
        *((("width", s), len(levels)) for s, levels in enumerate(elastic.width)),
        *((("depth", s), len(levels)) for s, levels in enumerate(elastic.depth)),
        *([(("exit", 0), len(elastic.exit))] if elastic.exit else []),
        (("resolution", 0), len(elastic.resolution)),
    ]


def _replaced(elastic: Elastic, knob: tuple[str, int], level: int) -> Shape:
    """The largest shape with one size changed."""
    index = [n - 1 for _, n in _knobs(elastic)]
    index[[k for k, _ in _knobs(elastic)].index(knob)] = level
    return _shape(elastic, np.array(index))


def _shape(elastic: Elastic, index: IntArray) -> Shape:
    stages = len(elastic.width)
    levels = (*elastic.width, *elastic.depth, elastic.resolution)
    sizes = [int(levels[k][i]) for k, i in enumerate(index)]
    return Shape(tuple(sizes[:stages]), tuple(sizes[stages:-1]), sizes[-1])
