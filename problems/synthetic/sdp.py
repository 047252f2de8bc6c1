"""SDP1 to SDP6: scalable problems with any number of objectives.

Source of all: Jiang, Kaiser, Yang, Kollias, Krasnogor, A Scalable Test Suite for Continuous Dynamic
Multiobjective Optimization, IEEE Transactions on Cybernetics 50(6), 2020 (arXiv 1903.02510); read through
the first author's MATLAB code (chang88ye/VARE) and a C++ code (Arestrong/IP-DMOEA), which differ in what
docs/disagreements.md lists. We follow the former, but for its slips. SDP13 to SDP15, whose sources differ
most and one of which changes its number of objectives, are not here.
Deviation: where the sources draw random numbers at a change, ours follow from the seed and the number of
the environment, k = t n_t, which makes n_t, the severity of the schedule, a parameter of the problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.space import Space
from dmo.types import Array
from problems.analytic import Analytic, grid, one_of, squares, wave
from problems.synthetic.sequence import draws, environment


@dataclass(frozen=True)
class Sdp(Analytic):
    """A problem with n_obj objectives, at least 2; abstract. Raises ArgumentError when there are fewer."""

    dim: int = 10
    n_obj: int = 3  # type: ignore[misc]  # one of the class elsewhere, of the object here

    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        at_least("n_obj", self.n_obj, 2)
        super().__post_init__()

    def _split(self, x: Array) -> tuple[Array, Array]:
        """Position and distance variables of x, (n, n_obj - 1) and (n, dim - n_obj + 1)."""
        return x[:, : self.n_obj - 1], x[:, self.n_obj - 1 :]


@dataclass(frozen=True)
class Drawn(Sdp):
    """A problem with a random element in every environment but the first; abstract.

    severity: n_t of the schedule, environments per unit of time; seed: a whole number >= 0.
    Raises ArgumentError when they are not.
    """

    severity: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("severity", self.severity, 1e-9)
        at_least("seed", self.seed, 0)

    def _draw(self, t: float) -> float:
        """The random number in [0, 1) of the environment at time t; 0 in the first."""
        k = environment(t, self.severity)
        return float(draws(self.seed, k)[0]) if k else 0.0


@final
@dataclass(frozen=True)
class SDP1(Drawn):
    """Each distance variable has a goal of its own, which walks at random; the front is a hyperbola.

    Moves: the set (goals, from i / n at t = 0, change by up to 2.5 |sin(pi t / 2)| and are drawn anew where
    they leave [0, 1]); the front, on which the objectives' product is 1, stays. There are n_obj position
    variables, of which a common factor has no effect; set() returns points whose least is 1.
    Source: SDP1, with (prod of the other x)^(1 / (n_obj - 1)) for the denominator, as in the C++ code.
    """

    position = (1.0, 4.0)
    distance = (0.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("dim", self.dim, self.n_obj + 1)

    @cached_property
    def space(self) -> Space:
        """The decision space; it does not change with time."""
        counts = self.n_obj, self.dim - self.n_obj
        lower, upper = (np.repeat(ends, counts) for ends in zip(self.position, self.distance, strict=True))
        return Space.box(lower, upper, self.n_obj)

    def _evaluate(self, x: Array, t: float) -> Batch:
        y, rest = x[:, : self.n_obj], x[:, self.n_obj :]
        others = np.prod(y, axis=1, keepdims=True) / y
        g = 1.0 + squares(rest - self._goals(t))
        return Batch.unconstrained(x.copy(), g[:, None] * y / others ** (1.0 / (self.n_obj - 1)))

    def _positions(self, t: float, n: int) -> Array:
        side = grid(n // self.n_obj, *[self.position] * (self.n_obj - 1))
        return np.vstack([np.insert(side, j, 1.0, axis=1) for j in range(self.n_obj)])

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goals(t))

    def _goals(self, t: float) -> Array:
        return _walk(self.n_obj, self.dim, self.severity, self.seed, environment(t, self.severity))


@lru_cache(maxsize=256)
def _walk(n_obj: int, dim: int, severity: float, seed: int, k: int) -> Array:
    """Goals of SDP1's distance variables in environment k, (dim - n_obj,)."""
    goals = np.arange(n_obj + 1, dim + 1) / dim
    steps = draws(seed, 0, 2 * k * goals.size).reshape(k, 2, goals.size)
    for i, (step, fresh) in enumerate(steps, start=1):
        goals = goals + 5.0 * (step - 0.5) * np.sin(0.5 * np.pi * i / severity)
        goals = np.where((goals < 0.0) | (goals > 1.0), fresh, goals)
    goals.flags.writeable = False
    return np.asarray(goals)


@final
@dataclass(frozen=True)
class SDP2(Sdp):
    """The range of the front grows in the first objectives and shrinks in the last.

    Moves: the set (a cosine of x1, which wanders) and the front (by 1 + t). Time must exceed -1.
    Source: SDP2.
    """

    position = (1.0, 4.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        total = p.sum(axis=1, keepdims=True)
        g = 1.0 + np.sin(np.pi * x[:, 0] / 8.0) * squares(rest - self._goal(x[:, :1], t))
        f = np.column_stack([(total - p + 1.0 + t) / p, total / (1.0 + t)])
        return Batch.unconstrained(x.copy(), g[:, None] * f)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p[:, :1], t))

    def _goal(self, x1: Array, t: float) -> Array:
        return np.asarray(np.cos(t + 2.0 * x1))


@final
@dataclass(frozen=True)
class SDP3(Sdp):
    """A distance with local optima, whose number changes, and a front with knees.

    Moves: the set (distance variables at cos t; floor(5 |sin(pi t)|) local optima per unit); the front stays.
    Source: SDP3.
    """

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        y = rest - np.cos(t)
        peaks = np.floor(5.0 * abs(np.sin(np.pi * t)))
        g = 1.0 + np.sum(4.0 * y**2 - np.cos(2.0 * peaks * np.pi * y) + 1.0, axis=1)
        ripple = 0.05 * np.sin(6.0 * np.pi * p)
        return Batch.unconstrained(x.copy(), g[:, None] * chain(1.0 - p + ripple, p + ripple))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, np.cos(t))


@final
@dataclass(frozen=True)
class SDP4(Drawn):
    """Knees appear and vanish, and bend inwards or outwards at random; each variable is tied to the last.

    Moves: the set (the chain of linkages) and the front (floor(6 |G|) / 2 knees of either sign). The last
    two objectives depend on the mean of the position variables alone, the others are these variables:
    with a given mean it is best to have all of it in the last, so that the front has one dimension less
    than is usual, a curve for three objectives.
    Sources disagree: the authors' front is made from all positions. Variant "exact" has what nothing
    dominates, variant "published" has that front. The objectives are the same.
    Source: SDP4, all of whose objectives are multiplied by 1 + g, as in the MATLAB code.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "exact"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            exact="its front is what nothing dominates",
            published="its front has all positions, dominated or not",
        )

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        g = 1.0 + squares(rest - np.cos(t + x[:, :1] + x[:, self.n_obj - 2 : -1]))
        return Batch.unconstrained(x.copy(), g[:, None] * self._shape(p, t))

    def front(self, t: float, n: int) -> Array:
        """At most about n points of the true front at time t, or of the authors': (k, n_obj)."""
        if self.variant == "published":
            return self._shape(super()._positions(t, n), t)
        return super().front(t, n)

    def _positions(self, t: float, n: int) -> Array:
        if self.n_obj == 2:
            return super()._positions(t, n)
        last = grid(n // 2, self.position)
        first = grid(n - n // 2, *[self.position] * (self.n_obj - 2))
        none = np.zeros((len(last), self.n_obj - 2))
        return np.vstack([np.column_stack([none, last]), np.column_stack([first, np.ones(len(first))])])

    def _optimal(self, p: Array, t: float) -> Array:
        x = list(p.T)
        for _ in range(self.n_obj - 1, self.dim):
            x.append(np.cos(t + x[0] + x[-1]))
        return np.column_stack(x)

    def _shape(self, p: Array, t: float) -> Array:
        """Objectives of least distance, (k, n_obj)."""
        sign = 1.0 if environment(t, self.severity) == 0 or self._draw(t) > 0.5 else -1.0
        s = p.mean(axis=1)
        ripple = 0.05 * np.sin(sign * np.floor(6.0 * abs(wave(t))) * np.pi * s)
        return np.column_stack([p[:, :-1], s + ripple, 1.0 - s + ripple])


@final
@dataclass(frozen=True)
class SDP5(Sdp):
    """The front shrinks to the middle of a growing sphere and widens again; DF11 for any n_obj.

    Moves: the set (its slope along x1) and the front (radius 1 + |G|, angles from pi |G| / 6).
    Source: SDP5, whose MATLAB code lacks the 6 in pi |G| / 6.
    """

    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        G = abs(wave(t))
        y = np.pi * G / 6.0 + (np.pi / 2.0 - np.pi * G / 3.0) * p
        g = 1.0 + G + squares(rest - 0.5 * G * x[:, :1])
        return Batch.unconstrained(x.copy(), g[:, None] * chain(np.sin(y), np.cos(y)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.5 * abs(wave(t)) * p[:, :1])


@final
@dataclass(frozen=True)
class SDP6(Sdp):
    """Part of a sphere is replaced by a slope, which rises or falls.

    Moves: the front (the slope k = 10 cos(5 pi t / 2) on x1 < a = |sin(pi t)| / 2). Where the slope rises it
    is dominated, and where it crosses 0 it ends; the set stays, but for the positions on it.
    Source: SDP6.
    """

    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        y, a, k = 0.5 * np.pi * p, *self._slope(t)
        f = chain(np.sin(y), np.cos(y))[:, ::-1].copy()
        tilted = np.abs(k * (np.cos(y[:, 0]) - np.cos(0.5 * np.pi * a)) + np.sin(0.5 * np.pi * a))
        f[:, -1] = np.where(p[:, 0] < a, tilted, f[:, -1])
        g = 1.0 + np.sum((rest - 0.5) ** 2 * (1.0 + np.abs(np.cos(8.0 * np.pi * rest))), axis=1)
        return Batch.unconstrained(x.copy(), g[:, None] * f)

    def _positions(self, t: float, n: int) -> Array:
        start, k = self._slope(t)
        if k < 0.0:
            cross = np.cos(0.5 * np.pi * start) - np.sin(0.5 * np.pi * start) / k
            start = float(np.arccos(min(1.0, cross)) / (0.5 * np.pi))
        return grid(n, (start, 1.0), *[self.position] * (self.n_obj - 2))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.5)

    def _slope(self, t: float) -> tuple[float, float]:
        """a and k: where the slope ends, and how steep it is."""
        return 0.5 * abs(float(np.sin(np.pi * t))), 10.0 * float(np.cos(2.5 * np.pi * t))


def chain(down: Array, up: Array) -> Array:
    """down_j times all up before it for each of m - 1 columns, and the product of all up, (n, m)."""
    ones = np.ones((len(up), 1))
    return np.asarray(np.cumprod(np.hstack([ones, up]), axis=1) * np.hstack([down, ones]))
