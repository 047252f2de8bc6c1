"""The decision space of a problem: box bounds, integer mask, objective and constraint counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator

from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray


@dataclass(frozen=True, eq=False)
class Space:
    """A box of real and integer variables, minimised over; a point is feasible iff every g <= 0.

    lower, upper: (d,) bounds, both inclusive; integer: (d,) bool, which variables take whole
    values only; n_obj >= 1 objectives; n_con >= 0 inequality constraints.

    Raises ArgumentError when shapes differ, a bound is not finite, lower > upper, or an integer
    variable has a bound that is not whole.
    """

    lower: Array
    upper: Array
    integer: BoolArray
    n_obj: int
    n_con: int = 0

    def __post_init__(self) -> None:
        lower = _frozen(np.array(self.lower, dtype=float))
        upper = _frozen(np.array(self.upper, dtype=float))
        integer = np.array(self.integer, dtype=bool)
        integer.flags.writeable = False
        if lower.ndim != 1 or lower.size == 0 or not lower.shape == upper.shape == integer.shape:
            raise ArgumentError(
                "lower, upper, integer",
                "three vectors of the same length d >= 1",
                f"shapes {lower.shape}, {upper.shape}, {integer.shape}",
                "give one bound pair and one integer flag per variable",
            )
        if not (np.isfinite(lower).all() and np.isfinite(upper).all() and (lower <= upper).all()):
            raise ArgumentError(
                "lower, upper",
                "finite bounds with lower <= upper",
                f"lower {lower}, upper {upper}",
                "swap or correct the bounds",
            )
        whole = (lower == np.round(lower)) & (upper == np.round(upper))
        if (integer & ~whole).any():
            raise ArgumentError(
                "integer",
                "whole bounds for every integer variable",
                f"variables {np.flatnonzero(integer & ~whole).tolist()} with fractional bounds",
                "round these bounds",
            )
        if self.n_obj < 1 or self.n_con < 0:
            raise ArgumentError(
                "n_obj, n_con",
                "n_obj >= 1 and n_con >= 0",
                f"{self.n_obj}, {self.n_con}",
                "correct the counts",
            )
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)
        object.__setattr__(self, "integer", integer)

    @classmethod
    def box(cls, lower: Array, upper: Array, n_obj: int, n_con: int = 0) -> Space:
        """A space of real variables only, from its (d,) bounds."""
        return cls(lower, upper, np.zeros(np.shape(lower), dtype=bool), n_obj, n_con)

    @property
    def dim(self) -> int:
        """The number of variables d."""
        return int(self.lower.size)

    @property
    def span(self) -> Array:
        """upper - lower, (d,)."""
        return self.upper - self.lower

    @cached_property
    def has_integers(self) -> bool:
        """Whether any variable takes whole values only."""
        return bool(self.integer.any())

    def empty(self) -> Array:
        """No points: an array of shape (0, d)."""
        return np.empty((0, self.dim))

    def sample(self, n: int, rng: Generator) -> Array:
        """n points drawn uniformly, (n, d); integer variables take each of their levels equally often."""
        u = rng.random((n, self.dim))
        x = self.lower + u * self.span
        if self.has_integers:
            levels = np.floor(self.lower + u * (self.span + 1.0))
            x = np.where(self.integer, np.minimum(levels, self.upper), x)
        return x

    def repair(self, x: Array) -> Array:
        """The nearest points of the space: clipped to the bounds, integer variables rounded, (n, d)."""
        inside = np.clip(x, self.lower, self.upper)
        if self.has_integers:
            inside = np.where(self.integer, np.rint(inside), inside)
        return inside

    def contains(self, x: Array) -> BoolArray:
        """Which rows of x, (n, d), are points of the space: (n,) bool."""
        inside = (x >= self.lower) & (x <= self.upper)
        if self.has_integers:
            inside &= ~self.integer | (x == np.rint(x))
        return np.asarray(inside.all(axis=1))


def _frozen(a: Array) -> Array:
    a.flags.writeable = False
    return a
