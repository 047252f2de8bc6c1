"""DP1 to DP10: the unconstrained problems of the CEC2025 competition, all with two objectives.

Source of all: Zou, Jiang, Hou, Yu, Hu, Yang, Benchmark Problems for CEC2025 Competition on Dynamic
Multiobjective Optimisation, 2025, a report, and the official code beside it. Where they differ variant
"code" is the default, as results are computed with it.

Six of the ten are problems of older suites, in every bit, and keep their classes: DP1 is DF6, DP4 is JY6,
DP5 is JY7, DP6 is DF5, DP8 is DF9 and DP9 is JY4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, batch, grid, one_of, squares, wave
from problems.synthetic.curve import undominated
from problems.synthetic.df import DF5, DF6, DF9
from problems.synthetic.jy import JY4, JY6, JY7, kneed

DP1, DP4, DP5, DP6, DP8, DP9 = DF6, JY6, JY7, DF5, DF9, JY4


@final
@dataclass(frozen=True)
class DP2(Analytic):
    """A distance with local optima, whose number changes; SDP3 with two objectives.

    Moves: the set (distance variables at cos t; p = floor(5 |sin(pi t)|) local optima per unit); the
    front, with three knees, stays.
    Source: report, DP2.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        y = x[:, 1:] - np.cos(t)
        p = np.floor(5.0 * abs(np.sin(np.pi * t)))
        g = 1.0 + np.sum(4.0 * y**2 - np.cos(2.0 * p * np.pi * y) + 1.0, axis=1)
        ripple = 0.05 * np.sin(6.0 * np.pi * x[:, 0])
        return batch(x, g * (1.0 - x[:, 0] + ripple), g * (x[:, 0] + ripple))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, np.cos(t))


@final
@dataclass(frozen=True)
class DP3(Analytic):
    """Up to half of a quarter circle is replaced by a slope, which rises or falls; SDP6 with two objectives.

    Moves: the front (the slope k = 10 cos(5 pi t / 2) on x1 < a = |sin(pi t)| / 2); the set stays, but for
    the positions on it: where the slope rises it is dominated, and where it crosses 0 it ends.
    Sources disagree: variant "code" joins the two parts by a sigmoid at x1 = a; variant "text" has no
    sigmoid, and the slope on x1 > a, where the circle is in the code and in SDP6. The official front is all
    the curve, dominated or not: variant "published" has that front, and the objectives of the code.
    Source: report, DP3.

    Raises ArgumentError when the variant is none of these.
    """

    variant: str = "code"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            code="the objectives of the official code",
            text="those of the report",
            published="those of the code, and its front with all that is dominated",
        )

    def _evaluate(self, x: Array, t: float) -> Batch:
        y = x[:, 1:] - 0.5
        g = 1.0 + np.sum(y**2 * (1.0 + np.abs(np.cos(8.0 * np.pi * x[:, 1:]))), axis=1)
        first, second = self._curve(x[:, 0], t).T
        return batch(x, g * first, g * second)

    def front(self, t: float, n: int) -> Array:
        """At most about n points of the true front at time t, or of the official one: (k, 2)."""
        if self.variant == "published":
            return self._curve(grid(n, self.position)[:, 0], t)
        return super().front(t, n)

    def _positions(self, t: float, n: int) -> Array:
        return undominated(lambda u: self._curve(u, t), n)[:, None]

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.5)

    def _curve(self, x1: Array, t: float) -> Array:
        """Objectives of least distance, (k, 2)."""
        a = 0.5 * abs(np.sin(np.pi * t))
        slope = 10.0 * np.cos(2.5 * np.pi * t) * (np.cos(0.5 * np.pi * x1) - np.cos(0.5 * np.pi * a))
        tilted = np.abs(slope + np.sin(0.5 * np.pi * a))
        circle = np.sin(0.5 * np.pi * x1)
        share = x1 > a if self.variant == "text" else 1.0 / (1.0 + np.exp(-100.0 * (a - x1)))
        return np.column_stack([np.cos(0.5 * np.pi * x1), share * tilted + (1.0 - share) * circle])


@final
@dataclass(frozen=True)
class DP7(Analytic):
    """The set beats like a sine about a centroid at rest; the front has knees and changes its curvature.

    Moves: the set (amplitude) and the front (exponent of f2, 0.25 to 4.25, with period 1).
    Sources disagree: variant "code" is DF8; in variant "text" the set has up to 200 waves,
    sin(400 pi x1 G^2) for sin(4 pi x1).
    Source: report, DP7.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "code"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("variant", self.variant, code="the official code, DF8", text="the report, with more waves")

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = 1.0 + squares(x[:, 1:] - self._goal(x[:, :1], t))
        return kneed(x, x[:, 0], g, 0.1, 3.0, (1.0, float(2.25 + 2.0 * np.cos(2.0 * np.pi * t))))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _goal(self, p: Array, t: float) -> Array:
        waves = 100.0 * wave(t) ** 2 if self.variant == "text" else 1.0
        return wave(t) * np.sin(4.0 * np.pi * p * waves) / (1.0 + abs(wave(t)))


@final
@dataclass(frozen=True)
class DP10(Analytic):
    """The front is one piece or many, which come and go, and it moves as a whole; SDP9 with two objectives.

    Moves: the set (a triangular wave of ever shorter period) and the front (p = floor(6 G) for its pieces,
    and both objectives by G = |sin(pi t / 2)|). Distance enters f1 alone.
    Sources disagree: variant "code" has p = 1 where variant "text" has p = 0.
    Source: report, DP10; |arctan(cot(3 pi t^2))| / pi is |1/2 - frac(3 t^2)|.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "code"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("variant", self.variant, code="the official code, p >= 1", text="the report, p >= 0")

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = abs(wave(t))
        first, second = self._curve(x[:, 0], t).T
        return batch(x, (1.0 + squares(x[:, 1:] - self._goal(t))) * first + G, second + G)

    def _positions(self, t: float, n: int) -> Array:
        return undominated(lambda u: self._curve(u, t), n)[:, None]

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(t))

    def _curve(self, x1: Array, t: float) -> Array:
        """Objectives of least distance before they are moved by G, (k, 2)."""
        p = max(np.floor(6.0 * abs(wave(t))), 1.0 if self.variant == "code" else 0.0)
        s = np.sin(0.5 * np.pi * x1)
        return np.column_stack([np.cos(0.5 * np.pi * x1) ** 2, s**2 + s * np.cos(p * np.pi * x1) ** 2])

    def _goal(self, t: float) -> float:
        return abs(0.5 - 3.0 * t**2 % 1.0)
