"""Composition: a problem made of another one, of which it changes as little as it says."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmo.batch import Batch
from dmo.checks import evaluable, speaks
from dmo.problem import HasContext, HasSet, Problem
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Composition(ABC):
    """A problem made of another; abstract. What a subclass does not say stays as in the inner problem.

    Raises ArgumentError when `problem` is no problem.
    """

    problem: Problem

    def __post_init__(self) -> None:
        speaks("problem", self.problem, ("space", "evaluate", "front"))

    @cached_property
    def space(self) -> Space:
        """The decision space."""
        return self.problem.space

    def evaluate(self, x: Array, t: float) -> Batch:
        """Objectives and constraints of x, (n, d), at time t.

        Raises ArgumentError where x is no such matrix or t no finite number.
        """
        x = evaluable(x, t, self.space.dim)
        inner = self.problem.evaluate(self._inward(x), self._moment(t))
        return Batch(x.copy(), self._objectives(inner.f, x, t), inner.g)

    def front(self, t: float, n: int) -> Array | None:
        """At most about n points of the true front, (k, m), or None where the inner one is not known."""
        return self.problem.front(self._moment(t), n)

    def set(self, t: float, n: int) -> Array | None:
        """About n points of the optimal set, (k, d), or None where the inner one is not known."""
        inner = self.problem.set(self._moment(t), n) if isinstance(self.problem, HasSet) else None
        # rounding may take a point out of the space by one unit in the last place
        return None if inner is None else self.space.repair(self._outward(inner))

    def context(self, t: float) -> Array | None:
        """The state of the surroundings, (c,), or None where the inner problem tells none."""
        return self.problem.context(self._moment(t)) if isinstance(self.problem, HasContext) else None

    def _moment(self, t: float) -> float:
        """The inner problem's time."""
        return t

    def _inward(self, x: Array) -> Array:
        """Points of the inner problem, (n, e), for points of this one, (n, d)."""
        return x

    def _outward(self, z: Array) -> Array:
        """Points of this problem, (n, d), that `_inward` takes to z, (n, e)."""
        return z

    def _objectives(self, f: Array, x: Array, t: float) -> Array:
        """This problem's objectives for the inner one's f, (n, m)."""
        return f


def in_units(apart: Array, size: Array) -> Array:
    """Differences, (n, d), in units of size, (d,); 0 where a variable has no room."""
    return np.divide(apart, size, out=np.zeros_like(apart), where=size > 0.0)
