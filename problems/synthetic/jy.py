"""JY1 to JY8: two objectives on a line with knees, which changes its shape and its size.

Source of all: Jiang & Yang, Evolutionary Dynamic Multiobjective Optimization: Benchmarks and Algorithm
Comparisons, IEEE Transactions on Cybernetics 47(1), 2017. We read it through its ports (OFEC, C++;
J. Xiong's DMOP, MATLAB; a port to jMetalPy), which differ in what docs/disagreements.md lists; where
they do we follow the majority of them. Where a floor meets a whole number rounding decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, batch, one_of, squares, wave
from problems.synthetic.curve import undominated, undominated_scaled


@final
@dataclass(frozen=True)
class JY1(Analytic):
    """The set slides along the diagonal; the front, with three knees, stays.

    Moves: the set (distance variables at G).
    Source: JY1.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        return kneed(x, x[:, 0], 1.0 + squares(x[:, 1:] - wave(t)), 0.05, 6.0)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class JY2(Analytic):
    """Knees appear and vanish while the set slides.

    Moves: the set (distance variables at G) and the front (|W| / 2 knees, W = floor(-6 cos(pi t / 2))).
    Source: JY2.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        return kneed(x, x[:, 0], 1.0 + squares(x[:, 1:] - wave(t)), 0.05, np.floor(6.0 * wave(t - 1.0)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class JY3(Analytic):
    """The position runs through the front many times, and each variable is tied to the one before it.

    Moves: the front (knees as in JY2) and the set (x1 passes each place 1 + 2 a times at most,
    a = floor(100 G^2)). The set has many parts with equal objectives; set() returns that of the
    largest x1 and of x_n >= 0.
    Source: JY3, with the objectives of the transformed position, as two ports of three have it.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        y1 = self._place(x[:, 0], t)
        before = np.column_stack([y1, x[:, 1:-1]])
        return kneed(x, y1, 1.0 + squares(x[:, 1:] ** 2 - before), 0.05, np.floor(6.0 * wave(t - 1.0)))

    def _optimal(self, p: Array, t: float) -> Array:
        a = self._turns(t)
        low, high = np.full_like(p[:, 0], 2.0 * a / (2.0 * a + 0.5)), np.ones_like(p[:, 0])
        for _ in range(60):  # bisection: beyond its last zero the place grows from 0 to 1
            x1 = 0.5 * (low + high)
            below = self._place(x1, t) < p[:, 0]
            low, high = np.where(below, x1, low), np.where(below, high, x1)
        y1 = self._place(high, t)
        return np.column_stack([high, *(y1 ** (0.5**i) for i in range(1, self.dim))])

    def _place(self, x1: Array, t: float) -> Array:
        """y1: where along the front x1, (n,), lies."""
        return np.asarray(np.abs(x1 * np.sin((2.0 * self._turns(t) + 0.5) * np.pi * x1)))

    def _turns(self, t: float) -> float:
        return float(np.floor(100.0 * wave(t) ** 2))


@final
@dataclass(frozen=True)
class JY4(Analytic):
    """The front falls into 5 to 50 pieces.

    Moves: the set (distance variables at G) and the front (the number of waves W, 10 to 100).
    Sources disagree with the formulas: the waves are high enough that an objective is negative near
    either end of the front. There a larger distance makes it better and the other worse, so that
    the true front goes on, out to where the distance variables meet their bounds. Variant "exact" has
    this front; variant "published" has the published one, of least distance, which is what a plot in
    the unit square shows and what published MIGDs are against. The objectives are the same.
    Source: JY4; for the published front, any of its ports.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "exact"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            exact="its front is all that nothing dominates",
            published="its front is that of least distance",
        )

    def _evaluate(self, x: Array, t: float) -> Batch:
        return kneed(x, x[:, 0], 1.0 + squares(x[:, 1:] - wave(t)), 0.05, self._waves(t))

    def _positions(self, t: float, n: int) -> Array:
        """x1 and 1 + g of about n points, (k, 2)."""

        def curve(u: Array) -> Array:
            return kneed(u[:, None], u, 1.0, 0.05, self._waves(t)).f

        if self.variant == "published":
            u = undominated(curve, n)
            return np.column_stack([u, np.ones_like(u)])
        return undominated_scaled(curve, 1.0 + (self.dim - 1) * (1.0 + abs(wave(t))) ** 2, n)

    def _optimal(self, p: Array, t: float) -> Array:
        off = np.sqrt((p[:, 1:] - 1.0) / (self.dim - 1))
        goal = wave(t) - np.copysign(off, wave(t))  # towards the farther bound
        return self._joined(p[:, :1], np.clip(goal, *self.distance))

    def _waves(self, t: float) -> float:
        return float(10.0 ** (1.0 + abs(wave(t))))


@final
@dataclass(frozen=True)
class JY5(Analytic):
    """The front bulges out and caves in; the set stays.

    Moves: the front (amplitude A = -0.3 cos(pi t / 2)).
    Source: JY5.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        return kneed(x, x[:, 0], 1.0 + squares(x[:, 1:]), 0.3 * wave(t - 1.0), 1.0)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.0)


@final
@dataclass(frozen=True)
class JY6(Analytic):
    """A distance with local optima, whose number changes.

    Moves: the set (distance variables at G; K = 2 floor(10 |G|) local optima per unit); the front stays.
    CEC2025's DP4 is this problem.
    Source: JY6.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        y = x[:, 1:] - wave(t)
        K = 2.0 * np.floor(10.0 * abs(wave(t)))
        g = np.sum(4.0 * y**2 - np.cos(K * np.pi * y) + 1.0, axis=1)
        return kneed(x, x[:, 0], 1.0 + g, 0.1, 3.0)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class JY7(Analytic):
    """A multimodal (Rastrigin) distance, and a front with knees whose tails grow long.

    Moves: the set (distance variables at G) and the front (exponent 0.2 to 3). DF6 is this problem with
    |G| y^2 for y^2 in the distance; CEC2025's DP5 is this one.
    Source: JY7.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        y = x[:, 1:] - wave(t)
        g = np.sum(y**2 - 10.0 * np.cos(2.0 * np.pi * y) + 10.0, axis=1)
        a = 0.2 + 2.8 * abs(wave(t))
        return kneed(x, x[:, 0], 1.0 + g, 0.1, 3.0, (a, a))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class JY8(Analytic):
    """The two tails of the front grow long in turn; the set stays.

    Moves: the front (exponents 2 / b and b, b = 10 - 9.8 |G|).
    Source: JY8.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        b = 10.0 - 9.8 * abs(wave(t))
        return kneed(x, x[:, 0], 1.0 + squares(x[:, 1:]), 0.05, 6.0, (2.0 / b, b))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.0)


def kneed(
    x: Array,
    u: Array,
    scale: Array | float,
    size: float,
    waves: float,
    powers: tuple[float, float] = (1.0, 1.0),
) -> Batch:
    """x at places u, (n,), along a line with knees, scale times off it, (n,).

    size, waves: A and W, amplitude and number of half waves of its ripple; powers: alpha and beta.
    """
    ripple = size * np.sin(waves * np.pi * u)
    first, second = u + ripple, 1.0 - u + ripple
    if powers != (1.0, 1.0):  # sin(6 pi) is not 0 but a rounding residue below it
        first, second = np.maximum(first, 0.0) ** powers[0], np.maximum(second, 0.0) ** powers[1]
    return batch(x, scale * first, scale * second)
