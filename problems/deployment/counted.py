"""Counted: features of what a strategy executes, from the counted graphs of its network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dmo.types import Array, BoolArray, IntArray
from problems.deployment.graph.executed import COLUMNS, GRAPHS, Executed
from problems.deployment.knobs import Knob
from problems.deployment.strategy import PASSES

ENGINE = 2.0  # MiB, about what a session takes beside its arena


@dataclass(frozen=True, eq=False)
class Counted:
    """executed: of every subnet; knobs: of the strategy space, in the order of its columns."""

    executed: Executed
    knobs: Sequence[Knob]

    @property
    def covers(self) -> bool:
        """Whether every number of patches of the space was counted."""
        return {*self._levels("patches")} <= {*self.executed.patches}

    @property
    def names(self) -> tuple[str, ...]:
        """The features: logarithms of Executed's columns, and which level an int8 graph has."""
        levels = (f"int8, level={level}" for level in self._levels("level"))
        return (*(f"log_executed_{name}" for name in COLUMNS[:-2]), "log_arena", *levels)

    def __call__(self, index: IntArray) -> Array:
        """(n, features) of canonical level indices, (n, d)."""
        sizes = len(self.executed.elastic.levels)
        tiles = self._tiles[index[:, self._column["patches"]]]
        counts = self.executed(index[:, :sizes], self._graphs(index), tiles)
        levels = self._levels("level")
        which = np.zeros((len(index), len(levels)))
        if levels:
            which[np.arange(len(index)), index[:, self._column["level"]]] = self._is(
                index, "precision", "int8"
            )
        # With the engine's own share, so that the logarithm of a peak is nearly linear in it.
        arena = np.where(self._is(index, "pattern", True), counts[:, -1], counts[:, -2])
        return np.concatenate([np.log1p(counts[:, :-2]), np.log(ENGINE + arena)[:, None], which], axis=1)

    def _graphs(self, index: IntArray) -> IntArray:
        """Which of GRAPHS each row executes, (n,)."""
        int8 = self._is(index, "precision", "int8")
        plain = self._is(index, "level", "disabled")  # every other level merges the batch norms
        all_passes, extended = (self._is(index, "level", level) for level in ("all", "extended"))
        blocked = all_passes & ~self._is(
            index, "fusion", *(f for f in PASSES if "NchwcTransformer" in PASSES[f])
        )
        unpacked = self._is(index, "prepacking", False)
        cases = {
            "int8_unpacked": int8 & all_passes & unpacked,
            "int8_first_unpacked": int8 & extended & unpacked,
            "int8": int8 & all_passes,
            "int8_first": int8 & extended,
            "dequantised": int8,
            "plain": plain,
            "blocked": blocked,
        }
        order = [*GRAPHS]
        return np.select([*cases.values()], [order.index(name) for name in cases], order.index("folded"))

    def _is(self, index: IntArray, knob: str, *levels: Any) -> BoolArray:
        """Whether a row has one of these levels of a knob, (n,); where there is no such knob, none has."""
        found = [k for k, level in enumerate(self._levels(knob)) if level in levels]
        return np.isin(index[:, self._column[knob]], found) if found else np.zeros(len(index), dtype=bool)

    @cached_property
    def _column(self) -> dict[str, int]:
        return {knob.name: k for k, knob in enumerate(self.knobs)}

    @cached_property
    def _tiles(self) -> IntArray:
        """Where `executed` has each level of patches."""
        return np.array([self.executed.patches.index(tiles) for tiles in self._levels("patches")])

    def _levels(self, name: str) -> tuple[Any, ...]:
        """The levels of a knob, none where there is no such knob."""
        return next((knob.levels for knob in self.knobs if knob.name == name), ())
