"""Problems given by formulas: bounds, the check of dim, and the front as the image of the optimal set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import moocore
import numpy as np

from dmo.batch import Batch
from dmo.checks import evaluable
from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array, BoolArray


@dataclass(frozen=True)
class Analytic(ABC):
    """A problem whose optimal set is known in closed form; abstract.

    The first n_obj - 1 variables place a point along the front (position); each further one takes it
    off the front (distance), least where the variable meets its goal, which depends on the position
    and the time.

    dim: number of variables, at least `least_dim`, which is n_obj where a class says nothing else.
    n_obj, n_con: counts of objectives and constraints; position, distance: bounds of the two kinds
    of variables.
    Raises ArgumentError when dim is not a whole number or is too small.
    """

    dim: int = 10

    n_obj: ClassVar[int]
    n_con: ClassVar[int] = 0
    position: ClassVar[tuple[float, float]] = (0.0, 1.0)
    distance: ClassVar[tuple[float, float]]
    least_dim: ClassVar[int] = 0

    def __post_init__(self) -> None:
        least = max(self.least_dim, self.n_obj)
        if isinstance(self.dim, bool) or not isinstance(self.dim, int) or self.dim < least:
            raise ArgumentError(
                "dim",
                f"a whole number >= {least}",
                repr(self.dim),
                f"{type(self).__name__} needs {self.n_obj - 1} position and at least "
                f"{least - self.n_obj + 1} distance variables; 10 or more are usual",
            )

    @cached_property
    def space(self) -> Space:
        """The decision space; it does not change with time."""
        counts = self.n_obj - 1, self.dim - self.n_obj + 1
        lower, upper = (np.repeat(ends, counts) for ends in zip(self.position, self.distance, strict=True))
        return Space.box(lower, upper, self.n_obj, self.n_con)

    def evaluate(self, x: Array, t: float) -> Batch:
        """Objectives and constraints of x, (n, dim), at time t; x is neither changed nor kept.

        Raises ArgumentError where x is no such matrix or t no finite number.
        """
        return self._evaluate(evaluable(x, t, self.dim), t)

    @abstractmethod
    def _evaluate(self, x: Array, t: float) -> Batch:
        """What `evaluate` returns, of arguments that are checked."""

    def front(self, t: float, n: int) -> Array:
        """At most about n points of the true front at time t, none dominated: (k, n_obj).

        They lie at equal steps of the position variables, as in the official code, so that metrics
        which average over the front compare with published ones.
        """
        return self.evaluate(self.set(t, n), t).f

    def set(self, t: float, n: int) -> Array:
        """The points of the optimal set that evaluate to front(t, n), row by row: (k, dim)."""
        if n < 1:
            raise ArgumentError("n", "at least 1 point", repr(n), "ask for some 100 to 1000 points")
        x = self._optimal(self._positions(t, n), t)
        image = self.evaluate(x, t)
        if self.n_con:
            x, image = x[image.feasible], image[image.feasible]
        # where a front is vertical, neighbours may tie in all but one objective by rounding
        kept: BoolArray = moocore.is_nondominated(image.f)
        return x[kept]

    def _positions(self, t: float, n: int) -> Array:
        """Position variables of about n points over the front, (k, n_obj - 1)."""
        return grid(n, *[self.position] * (self.n_obj - 1))

    @abstractmethod
    def _optimal(self, p: Array, t: float) -> Array:
        """The points of least distance with position variables p, (k, n_obj - 1): (k, dim)."""

    def _joined(self, p: Array, goal: Array | float) -> Array:
        """Position variables p, (k, n_obj - 1), beside distance variables at their goal, (k, dim)."""
        return np.column_stack([p, np.broadcast_to(goal, (len(p), self.dim - p.shape[1]))])


def grid(n: int, *ranges: tuple[float, float]) -> Array:
    """About n position vectors at equal steps of each variable from end to end, (k, len(ranges))."""
    steps = max(2, round(n ** (1.0 / len(ranges))))
    axes = np.meshgrid(*(np.linspace(low, high, steps) for low, high in ranges), indexing="ij")
    return np.column_stack([axis.ravel() for axis in axes])


def one_of(name: str, value: str, **meanings: str) -> None:
    """Raise ArgumentError, telling what each choice means, unless value is one of them."""
    if value not in meanings:
        told = ", ".join(f"{choice!r}: {meaning}" for choice, meaning in meanings.items())
        raise ArgumentError(name, " or ".join(map(repr, meanings)), repr(value), told)


def wave(t: float) -> float:
    """sin(pi t / 2): G(t) of the report."""
    return float(np.sin(0.5 * np.pi * t))


def octant(a: Array, b: Array) -> Array:
    """Points (cos a cos b, cos a sin b, sin a) of the unit sphere; angles (n,) in quarter turns: (n, 3)."""
    a, b = 0.5 * np.pi * a, 0.5 * np.pi * b
    return np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def squares(a: Array) -> Array:
    """The sum of squares of each row, (n, k) -> (n,)."""
    return np.asarray((a**2).sum(axis=1))


def batch(x: Array, *objectives: Array) -> Batch:
    """An unconstrained batch of a copy of x and its objectives, each (n,)."""
    f = np.empty((len(x), len(objectives)))
    for j, values in enumerate(objectives):
        f[:, j] = values
    return Batch.unconstrained(x.copy(), f)
