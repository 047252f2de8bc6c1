"""Rotated and Scaled: a problem in other coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array
from problems.compose.composition import Composition, in_units


@final
@dataclass(frozen=True)
class Rotated(Composition):
    """A problem in coordinates turned about the centre of its box, so that its variables are not separable.

    With the variables counted in half spans from the centre, x = Q z for a random orthogonal Q drawn from
    `seed` (Haar). This space is the smallest box about the turned inner one. Its points beyond the inner
    box are evaluated as the nearest point of that box: every inner point can be reached and nothing
    else is, so that the front is the same; what lies behind an optimal point of the bound is optimal too.
    set(t, n) evaluates onto the front but for rounding, which powers below 1 magnify near 0 and a
    constraint on its limit may feel.
    Raises ArgumentError for integer variables.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("seed", self.seed, 0)
        _only_real(self.problem.space, "be turned")

    @cached_property
    def space(self) -> Space:
        """The smallest box that holds all points of the inner one, turned."""
        reach = self._half * np.abs(self._turn).sum(axis=1)
        inner = self.problem.space
        return Space.box(self._centre - reach, self._centre + reach, inner.n_obj, inner.n_con)

    def _inward(self, x: Array) -> Array:
        z = _product(in_units(x - self._centre, self._half), self._turn)
        return self.problem.space.repair(self._centre + z * self._half)

    def _outward(self, z: Array) -> Array:
        return self._centre + _product(in_units(z - self._centre, self._half), self._turn.T) * self._half

    @cached_property
    def _turn(self) -> Array:
        """Q, (d, d): of a random normal matrix, its signs chosen so that all rotations are equally likely."""
        normal = np.random.default_rng(self.seed).normal(size=(self.problem.space.dim,) * 2)
        turn, upper = np.linalg.qr(normal)
        return turn * np.where(np.diag(upper) < 0.0, -1.0, 1.0)

    @cached_property
    def _centre(self) -> Array:
        return 0.5 * (self.problem.space.lower + self.problem.space.upper)

    @cached_property
    def _half(self) -> Array:
        return 0.5 * self.problem.space.span


@final
@dataclass(frozen=True)
class Scaled(Composition):
    """A badly scaled problem: its variables are stretched about the centres of their ranges.

    condition: the last variable's factor; variable i of d has condition^(i / (d - 1)), the first 1.
    Raises ArgumentError for integer variables or a condition below 1.
    """

    condition: float = 1000.0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("condition", self.condition, 1.0)
        _only_real(self.problem.space, "be stretched")

    @cached_property
    def space(self) -> Space:
        """The stretched box."""
        inner = self.problem.space
        return Space.box(
            self._outward(inner.lower[None])[0], self._outward(inner.upper[None])[0], inner.n_obj, inner.n_con
        )

    def _inward(self, x: Array) -> Array:
        return self.problem.space.repair(self._centre + (x - self._centre) / self._factors)

    def _outward(self, z: Array) -> Array:
        return self._centre + (z - self._centre) * self._factors

    @property
    def _centre(self) -> Array:
        return 0.5 * (self.problem.space.lower + self.problem.space.upper)

    @property
    def _factors(self) -> Array:
        return np.geomspace(1.0, self.condition, self.problem.space.dim)


def _product(rows: Array, matrix: Array) -> Array:
    """rows @ matrix, (n, d), with the same bits for a row whatever rows are beside it, unlike BLAS."""
    out = np.zeros_like(rows)
    for column, factors in zip(rows.T, matrix, strict=True):
        out += column[:, None] * factors
    return out


def _only_real(space: Space, what: str) -> None:
    if space.integer.any():
        raise ArgumentError(
            "problem",
            "a problem of real variables only",
            f"integer variables {np.flatnonzero(space.integer).tolist()}",
            f"whole numbers cannot {what}; compose another problem",
        )
