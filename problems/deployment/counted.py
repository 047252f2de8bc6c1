"""Counted: features of what a strategy executes, from the counted graphs of its network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dmo.types import Array, IntArray
from problems.deployment.graph.executed import COLUMNS, Executed
from problems.deployment.graph.families import KINDS
from problems.deployment.knobs import Knob


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
        return (*(f"log_executed_{name}" for name in COLUMNS), *levels)

    def __call__(self, index: IntArray) -> Array:
        """(n, features) of canonical level indices, (n, d)."""
        n, levels = len(index), self._levels("level")
        int8 = index[:, self._column["precision"]] == self._levels("precision").index("int8")
        plain, which = np.zeros(n, dtype=bool), np.zeros((n, len(levels)))
        if levels:
            level = index[:, self._column["level"]]
            # Every level but the lowest merges the batch norms.
            plain = level == levels.index("disabled")
            which[np.arange(n), level] = int8
        unfolded = np.where(plain, KINDS.index("plain"), KINDS.index("folded"))
        kind = np.where(int8, KINDS.index("int8"), unfolded)
        sizes = len(self.executed.elastic.levels)
        counts = self.executed(index[:, :sizes], kind, self._tiles[index[:, self._column["patches"]]])
        return np.concatenate([np.log1p(counts), which], axis=1)

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
