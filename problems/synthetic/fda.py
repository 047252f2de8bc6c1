"""FDA1 to FDA5: the first dynamic multi-objective test problems, after ZDT and DTLZ.

Source of all: Farina, Deb, Amato, Dynamic Multiobjective Optimization Problems: Test Cases,
Approximations, and Applications, IEEE Transactions on Evolutionary Computation 8(5), 2004, section III.B.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.space import Space
from dmo.types import Array
from problems.analytic import Analytic, batch, grid, octant, one_of, squares, wave


@final
@dataclass(frozen=True)
class FDA1(Analytic):
    """The set slides up and down like a sine; the front stays convex where it is.

    Moves: the set (distance variables at G); the front stays.
    Source: Farina, Deb, Amato (2004), eq. 13, with its 20 variables.
    """

    dim: int = 20

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        f1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - wave(t))
        return batch(x, f1, g * (1.0 - np.sqrt(f1 / g)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class FDA2(Analytic):
    """The front turns between convex and concave; what is linked is the curvature, not the distance.

    x1 is f1, the next `middle` variables raise g = 1 + sum x^2, and each of the others raises the
    exponent e in f2 = g (1 - (f1 / g)^e), which is best where e is least.
    Moves: the front (its exponent); the set too, except in variant "original".
    Sources disagree, and the definition is "questionable" (PlatEMO): as printed, e is
    1 / (H + sum (x - H)^2), which is least where x is the farthest from H, not at H as the paper's
    figures have it. Variants:
    "deb" (default): e = 2^(H + sum (x - H / 4)^2), H = 2 sin(pi (t - 1) / 2), as Deb, Rao, Karthik (2007)
    mended it and as the CEC2015 competition and pymoo have it, with dim = 13 and middle = 5;
    "original": as printed, with the front that this has: x = -1 and e from 0.01 to 0.06;
    "camara": e = H + sum (x - H / 2)^2, H = 5^(-cos(pi t / 4)), as Camara, Ortega, de Toro (2010) mended
    it, read through CIlib; "platemo": e = H + sum (x - H)^2, H as printed. In these two, goals beyond 1
    are out of reach, and 1 is best. jMetal's FDA2 is another one, with e = 0.2 + 4.8 t^2.
    Source: Farina, Deb, Amato (2004), eq. 14, with dim = 31 and middle = 15.

    Raises ArgumentError when the variant is none of the four or middle leaves no variable for e.
    """

    dim: int = 13
    middle: int = 5
    variant: str = "deb"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)
    least_dim = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            deb="with 2^(H + ...), H = 2 sin(pi (t - 1) / 2)",
            original="as printed in 2004",
            camara="with H = 5^(-cos(pi t / 4))",
            platemo="as printed without the inverse",
        )
        at_least("middle", self.middle, 1)
        if self.middle > self.dim - 2:
            raise ArgumentError(
                "middle",
                f"at most dim - 2 = {self.dim - 2}",
                repr(self.middle),
                "leave x1 and at least one variable for the exponent; half of dim is usual",
            )

    def _evaluate(self, x: Array, t: float) -> Batch:
        f1 = x[:, 0]
        g = 1.0 + squares(x[:, 1 : 1 + self.middle])
        return batch(x, f1, g * (1.0 - (f1 / g) ** self._exponent(x[:, 1 + self.middle :], t)))

    def _optimal(self, p: Array, t: float) -> Array:
        best = -1.0 if self.variant == "original" else min(self._goal(t), 1.0)
        goal = np.repeat([0.0, best], [self.middle, self.dim - 1 - self.middle])
        return self._joined(p, goal)

    def _exponent(self, y: Array, t: float) -> Array:
        """e of the last variables y, (n, k): (n,)."""
        raised = self._height(t) + squares(y - self._goal(t))
        if self.variant == "deb":
            return np.asarray(2.0**raised)
        return 1.0 / raised if self.variant == "original" else raised

    def _height(self, t: float) -> float:
        """H of the variant."""
        heights = {"deb": 2.0 * wave(t - 1.0), "camara": 5.0 ** -float(np.cos(0.25 * np.pi * t))}
        return heights.get(self.variant, 0.75 + 0.7 * wave(t))

    def _goal(self, t: float) -> float:
        """Where the variables of the exponent have their square 0."""
        return self._height(t) / {"deb": 4.0, "camara": 2.0}.get(self.variant, 1.0)


@final
@dataclass(frozen=True)
class FDA3(Analytic):
    """The front rises and falls, and the density of points along it changes.

    f1 is the sum of x^F over the position variables, F from 0.01 to 100: all but the ends of the front
    is a sliver of the space.
    Moves: the set (distance variables at G = |sin(pi t / 2)|, positions crowd) and the front (its height
    1 + G).
    Sources disagree: variant "original" has dim / 6 position variables, 5 of 30, as published. Then f1
    reaches 5, and where f1 > 4 (1 + G) f2 = g - sqrt(f1 g) falls as g grows up to f1 / 4, so that the end
    of the true front is f2 = -f1 / 4, off the goal. Variant "single" has x1 alone, as the paper's own
    figure, Camara, Ortega, de Toro (2010), PlatEMO and most later studies. front(t, n) is at
    equal steps of f1.
    Source: Farina, Deb, Amato (2004), eq. 15, with 30 variables.

    Raises ArgumentError when the variant is neither.
    """

    dim: int = 30
    variant: str = "single"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            single="one position variable",
            original="a sixth of all variables are position variables",
        )

    @cached_property
    def space(self) -> Space:
        """The decision space."""
        low = np.where(np.arange(self.dim) < self._count, 0.0, -1.0)
        return Space.box(low, np.ones(self.dim), self.n_obj)

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = abs(wave(t))
        f1 = np.sum(x[:, : self._count] ** self._power(t), axis=1)
        g = 1.0 + G + squares(x[:, self._count :] - G)
        return batch(x, f1, g * (1.0 - np.sqrt(f1 / g)))

    def _positions(self, t: float, n: int) -> Array:
        return grid(n, (0.0, float(self._count)))

    def _optimal(self, p: Array, t: float) -> Array:
        """The points with f1 = p, (k, 1)."""
        G = abs(wave(t))
        surplus = np.maximum(0.0, 0.25 * p - 1.0 - G)  # of g, where more of it is better
        goal = G - np.sqrt(surplus / (self.dim - self._count))
        x = np.empty((len(p), self.dim))
        x[:, : self._count] = (p / self._count) ** (1.0 / self._power(t))
        x[:, self._count :] = goal
        return x

    @property
    def _count(self) -> int:
        """How many position variables there are."""
        return 1 if self.variant == "single" else -(-self.dim // 6)

    def _power(self, t: float) -> float:
        """F of the paper."""
        return float(10.0 ** (2.0 * wave(t)))


@final
@dataclass(frozen=True)
class FDA4(Analytic):
    """The set slides; the front stays an eighth of the unit sphere.

    Moves: the set (distance variables at |G|); the front stays.
    Sources disagree: Zhou, Jin, Zhang (2014) print G without its absolute value, which puts the set
    outside the space for 2 < t < 4 while they call the front fixed; and they swap x1 and x2.
    Source: Farina, Deb, Amato (2004), eq. 16 for M = 3 objectives and n = M + 9 variables.
    """

    dim: int = 12

    n_obj = 3
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = squares(x[:, 2:] - abs(wave(t)))
        return Batch.unconstrained(x.copy(), (1.0 + g)[:, None] * octant(x[:, 0], x[:, 1]))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, abs(wave(t)))


@final
@dataclass(frozen=True)
class FDA5(Analytic):
    """The front, an eighth of a sphere, grows and shrinks, and the density of points on it changes.

    The positions count as x^F, F from 1 to 101.
    Moves: the set (distance variables at |G|, positions crowd) and the front (radius 1 + |G|).
    Sources disagree: jMetal leaves out the |G| that is added to g, so that its front stays; OFEC takes
    a variable of the distance for a position. front(t, n) is at equal steps of x^F.
    Source: Farina, Deb, Amato (2004), eq. 17 for M = 3 objectives and n = M + 9 variables.
    """

    dim: int = 12

    n_obj = 3
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = abs(wave(t))
        radius = 1.0 + G + squares(x[:, 2:] - G)
        y = x[:, :2] ** self._power(t)
        return Batch.unconstrained(x.copy(), radius[:, None] * octant(y[:, 0], y[:, 1]))

    def _positions(self, t: float, n: int) -> Array:
        return super()._positions(t, n) ** (1.0 / self._power(t))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, abs(wave(t)))

    def _power(self, t: float) -> float:
        """F of the paper."""
        return 1.0 + 100.0 * wave(t) ** 4
