"""Features: strategies as numbers that a surrogate of latency, memory or accuracy reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmo.errors import ArgumentError
from dmo.types import Array, IntArray
from problems.deployment.cost import CostTable
from problems.deployment.counted import Counted
from problems.deployment.elastic.shape import Elastic
from problems.deployment.graph.executed import Executed
from problems.deployment.knobs import CATEGORICAL, Knob

COSTS = (
    "log_macs",
    "log_macs_with_halo",
    "log_early_macs",
    "log_parameters",
    "log_weight_bytes",
    "log_activation_bytes",
)


@dataclass(frozen=True, eq=False)
class Features:
    """Levels scaled to [0, 1] or one-hot, and logarithms of what the subnet costs and what is executed.

    elastic, knobs, costs, executed: those of a StrategySpace.
    """

    elastic: Elastic
    knobs: Sequence[Knob]
    costs: CostTable | None = None
    executed: Executed | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        levels = [
            name
            for knob in self.knobs
            for name in (
                [f"{knob.name}={level}" for level in knob.levels] if knob.name in CATEGORICAL else [knob.name]
            )
        ]
        return (*levels, *COSTS, *(self._counted.names if self._counted else ()))

    def __call__(self, index: IntArray) -> Array:
        """(n, k) features of canonical level indices, (n, d). Raises ArgumentError without costs."""
        table = self._cost_features
        knob, code = self._codes
        levels = code[np.arange(len(knob)), index[:, knob]]
        assert self.costs is not None
        subnet = self.costs.row(index[:, : len(self.elastic.levels)])
        turned = (index[:, self._column[name]] for name in ("patches", "precision"))
        columns = [levels, table[(subnet, *turned)]]
        if self._counted is not None:
            columns.append(self._counted(index))
        return np.concatenate(columns, axis=1)

    @cached_property
    def _counted(self) -> Counted | None:
        """Features of what is executed."""
        return None if self.executed is None else Counted(self.executed, self.knobs)

    @cached_property
    def _column(self) -> dict[str, int]:
        return {knob.name: k for k, knob in enumerate(self.knobs)}

    @cached_property
    def _codes(self) -> tuple[IntArray, Array]:
        """The knob of each feature, (c,), and what the feature is at each of its levels, (c, levels)."""
        codes = [(k, row) for k, knob in enumerate(self.knobs) for row in _coded(knob)]
        table = np.zeros((len(codes), max(len(knob.levels) for knob in self.knobs)))
        for row, (_, code) in zip(table, codes, strict=True):
            row[: len(code)] = code
        return np.array([k for k, _ in codes]), table

    @cached_property
    def _cost_features(self) -> Array:
        """Logarithms of costs, (subnets, levels of patches, levels of precision, 6)."""
        if self.costs is None:
            raise ArgumentError("costs", "the costs of all subnets", "None", "make it with StrategySpace.of")
        macs, parameters, activations, early, early_layers = self.costs.values.T[:, :, None, None]
        sides = np.array(self.elastic.resolution)  # the size that changes fastest from subnet to subnet
        resolution = np.tile(sides, len(macs) // len(sides))[:, None, None]
        patches = np.array(self.knobs[self._column["patches"]].levels)[:, None]
        width = np.where(np.array(self.knobs[self._column["precision"]].levels) == "int8", 1.0, 4.0)
        # A tile's halo is one pixel per 3x3 layer behind; on average over the layers, half of them.
        side = 1.0 + (patches - 1.0) * early_layers / resolution
        halo = early * (side**2 - 1.0)
        costs = (macs, macs + halo, early, parameters, parameters * width, activations * width / 4.0)
        # A network that reduces the image at once has no early layers.
        return np.log(np.maximum(np.stack(np.broadcast_arrays(*costs), axis=-1), 1.0))


def _coded(knob: Knob) -> Array:
    """(columns, levels): the features of each level of a knob."""
    n = len(knob.levels)
    if knob.name in CATEGORICAL:
        return np.eye(n)
    return np.linspace(0.0, 1.0, n)[None] if n > 1 else np.zeros((1, 1))
