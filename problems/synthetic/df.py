"""DF1 to DF9: the two-objective problems of the CEC2018 competition.

Source of all: Jiang, Yang, Yao, Tan, Kaiser, Krasnogor, Benchmark Problems for CEC2018 Competition on
Dynamic Multiobjective Optimisation, 2018. Where its text and its official code differ we compute
what the code does, as published results did, and say so. Where the floor of a wave (DF5, DF9) sits on
a whole number, double-precision rounding decides, as in the code: at t = 4 DF5 has w = -1, not 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, batch, grid, one_of, squares, wave


@final
@dataclass(frozen=True)
class DF1(Analytic):
    """The front turns between convex and concave while the set slides along the diagonal.

    Moves: the set (distance variables at |G|) and the front (exponent 0.5 to 2).
    Source: report, DF1.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = wave(t)
        f1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - abs(G))
        return batch(x, f1, g * (1.0 - (f1 / g) ** (0.75 * G + 1.25)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, abs(wave(t)))


@final
@dataclass(frozen=True)
class DF2(Analytic):
    """The variable that places a point along the front changes, which costs a searcher its diversity.

    Moves: the set (which variable is the position, and the goal |G| of the others); the front stays.
    Source: report, DF2.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        f1 = x[:, self._place(t)]
        g = 1.0 + squares(np.delete(x, self._place(t), axis=1) - abs(wave(t)))
        return batch(x, f1, g * (1.0 - np.sqrt(f1 / g)))

    def _optimal(self, p: Array, t: float) -> Array:
        return np.insert(np.full((len(p), self.dim - 1), abs(wave(t))), self._place(t), p[:, 0], axis=1)

    def _place(self, t: float) -> int:
        """Which variable is the position variable."""
        return int((self.dim - 1) * abs(wave(t)))


@final
@dataclass(frozen=True)
class DF3(Analytic):
    """Each distance variable is linked to the position, by a power that changes with time.

    Moves: the set (its curve and its place) and the front (exponent 0.5 to 2.5).
    Source: report, DF3.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 2.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        f1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - self._goal(x[:, :1], t))
        return batch(x, f1, g * (1.0 - (f1 / g) ** (wave(t) + 1.5)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _goal(self, p: Array, t: float) -> Array:
        return wave(t) + p ** (wave(t) + 1.5)


@final
@dataclass(frozen=True)
class DF4(Analytic):
    """The length and the curvature of both set and front change, and so does the linkage.

    Moves: the set (from x1 = a to a + b) and the front (its length and its exponent 0.5 to 2.5).
    Sources disagree with themselves: the report's set is a <= x1 <= a + b, but a + b reaches
    1 + sqrt(2) while x1 may not exceed 2 (for example at t = 0.5). Variant "reachable" ends the front
    at that bound; variant "report" does not, and so has ends that no point of the space reaches:
    published MIGDs are against it. Objectives and set are the same.
    Source: report, DF4, with the scale c of the official code in the linkage.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "reachable"

    n_obj = 2
    position = (-2.0, 2.0)
    distance = (-2.0, 2.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        a, b = self._ends(t)
        x1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - self._goal(x[:, :1], t))
        return batch(x, g * np.abs(x1 - a) ** (a + 1.5), g * np.abs(x1 - a - b) ** (a + 1.5))

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            reachable="its front ends where x1 does",
            report="its front is the report's",
        )

    def front(self, t: float, n: int) -> Array:
        """At most about n points of the true front at time t, or of the report's: (k, 2)."""
        if self.variant == "reachable":
            return super().front(t, n)
        a, b = self._ends(t)
        x1 = grid(n, (a, a + b))[:, 0]
        return np.column_stack([(x1 - a) ** (a + 1.5), (a + b - x1) ** (a + 1.5)])

    def _positions(self, t: float, n: int) -> Array:
        a, b = self._ends(t)
        return grid(n, (a, min(a + b, self.position[1])))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _ends(self, t: float) -> tuple[float, float]:
        """a and b of the report: the set runs from x1 = a to x1 = a + b."""
        return wave(t), 1.0 + abs(float(np.cos(0.5 * np.pi * t)))

    def _goal(self, p: Array, t: float) -> Array:
        a, b = self._ends(t)
        return a * (p / max(abs(a), a + b)) ** 2 / np.arange(2, self.dim + 1)


@final
@dataclass(frozen=True)
class DF5(Analytic):
    """Knee regions appear and vanish on the front while the set slides.

    Moves: the set (distance variables at G) and the front (|w| knees, w = floor(10 G)).
    Source: report, DF5.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = wave(t)
        x1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - G)
        ripple = 0.02 * np.sin(np.floor(10.0 * G) * np.pi * x1)
        return batch(x, g * (x1 + ripple), g * (1.0 - x1 + ripple))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class DF6(Analytic):
    """A multimodal (Rastrigin) distance, and a front with knees whose tails grow long.

    Moves: the set (distance variables at G) and the front (exponent 0.2 to 3). When G = 0 distance
    variables of -1 and 1 are as good as 0; set() returns those with 0.
    Source: report, DF6.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = wave(t)
        x1 = x[:, 0]
        y = x[:, 1:] - G
        g = 1.0 + np.sum(abs(G) * y**2 - 10.0 * np.cos(2.0 * np.pi * y) + 10.0, axis=1)
        a = 0.2 + 2.8 * abs(G)
        ripple = 0.1 * np.sin(3.0 * np.pi * x1)
        return batch(x, g * (x1 + ripple) ** a, g * (1.0 - x1 + ripple) ** a)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class DF7(Analytic):
    """The range of the front grows without end, in opposite senses for the two objectives.

    Moves: the front (its ends; it stays on f1 f2 = 1) and the set (a sigmoid that tips over, its
    centroid at rest). Time must exceed -1.
    Source: report, DF7.
    """

    n_obj = 2
    position = (1.0, 4.0)
    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        x1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - self._goal(x[:, :1], t))
        return batch(x, g * (1.0 + t) / x1, g * x1 / (1.0 + t))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _goal(self, p: Array, t: float) -> Array:
        return np.asarray(1.0 / (1.0 + np.exp(5.0 * np.cos(0.5 * np.pi * t) * (p - 2.5))))


@final
@dataclass(frozen=True)
class DF8(Analytic):
    """The set beats like a sine about a centroid at rest; the front has knees and changes its curvature.

    Moves: the set (amplitude) and the front (exponent of f2, 0.25 to 4.25, with period 1).
    Sources disagree: the official C++ code raises x1 to the power 100 G^2 inside the sine of the
    linkage; the official MATLAB code does not, and we follow it.
    Source: report, DF8.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        x1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - self._goal(x[:, :1], t))
        ripple = 0.1 * np.sin(3.0 * np.pi * x1)
        a = 2.25 + 2.0 * np.cos(2.0 * np.pi * t)
        return batch(x, g * (x1 + ripple), g * (1.0 - x1 + ripple) ** a)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _goal(self, p: Array, t: float) -> Array:
        return wave(t) * np.sin(4.0 * np.pi * p) / (1.0 + abs(wave(t)))


@final
@dataclass(frozen=True)
class DF9(Analytic):
    """The front falls into 1 to 11 pieces, and each variable is linked to the one before it.

    Moves: the set (the chain of linkages) and the front (the number of pieces N).
    The front is the line f1 + f2 = 1 over x1 in [(2 j - 1) / 2 N, j / N], j = 1 to N, and the lone
    point x1 = 0; between the pieces a bump lifts both objectives, and all of it is dominated.
    Source: report, DF9.
    """

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        N = self._pieces(t)
        x1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - np.cos(4.0 * t + x[:, :1] + x[:, :-1]))
        bump = np.maximum(0.0, (0.1 + 0.5 / N) * np.sin(2.0 * N * np.pi * x1))
        return batch(x, g * (x1 + bump), g * (1.0 - x1 + bump))

    def _positions(self, t: float, n: int) -> Array:
        N = self._pieces(t)
        starts = np.arange(1, 2 * N, 2)
        steps = np.linspace(0.0, 1.0, max((n - 1) // N, 2))
        return np.concatenate([[0.0], ((starts[:, None] + steps) / (2 * N)).ravel()])[:, None]

    def _optimal(self, p: Array, t: float) -> Array:
        x = [p[:, 0]]
        for _ in range(1, self.dim):
            x.append(np.cos(4.0 * t + x[0] + x[-1]))
        return np.column_stack(x)

    def _pieces(self, t: float) -> int:
        """N of the report."""
        return 1 + int(10.0 * abs(wave(t)))
