"""Widened: a problem with more variables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from dmo.checks import at_least
from dmo.space import Space
from dmo.types import Array, IntArray
from problems.analytic import one_of, squares
from problems.compose.composition import Composition, in_units


@final
@dataclass(frozen=True)
class Widened(Composition):
    """A problem with `extra` more variables, after its own.

    kind "irrelevant": they lie in [0, 1] and have no effect; the optimal set is all of their values, and
    set(t, n) has 0.5. kind "linked": variable j of them repeats the range of variable j mod d and must
    agree with it: every objective grows by `weight` times the sum of squared differences, in spans.
    The front is that of the inner problem.
    Raises ArgumentError when extra is below 1, weight not positive or the kind neither.
    """

    extra: int = 10
    kind: str = "linked"
    weight: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("extra", self.extra, 1)
        at_least("weight", self.weight, 1e-12)
        one_of("kind", self.kind, irrelevant="without any effect", linked="to agree with the others")

    @cached_property
    def space(self) -> Space:
        """The inner space and the further variables."""
        inner = self.problem.space
        if self.kind == "linked":
            low, high, whole = inner.lower[self._twins], inner.upper[self._twins], inner.integer[self._twins]
        else:
            low, high, whole = np.zeros(self.extra), np.ones(self.extra), np.zeros(self.extra, dtype=bool)
        return Space(
            np.concatenate([inner.lower, low]),
            np.concatenate([inner.upper, high]),
            np.concatenate([inner.integer, whole]),
            inner.n_obj,
            inner.n_con,
        )

    def _inward(self, x: Array) -> Array:
        return x[:, : self.problem.space.dim]

    def _outward(self, z: Array) -> Array:
        new = z[:, self._twins] if self.kind == "linked" else np.full((len(z), self.extra), 0.5)
        return np.column_stack([z, new])

    def _objectives(self, f: Array, x: Array, t: float) -> Array:
        if self.kind == "irrelevant":
            return f
        own, new = np.split(x, [self.problem.space.dim], axis=1)
        apart = in_units(new - own[:, self._twins], self.problem.space.span[self._twins])
        return f + self.weight * squares(apart)[:, None]

    @property
    def _twins(self) -> IntArray:
        """Which inner variable each further one repeats, (extra,)."""
        return np.arange(self.extra) % self.problem.space.dim
