"""DF10 to DF14: the three-objective problems of the CEC2018 competition.

Source of all: Jiang, Yang, Yao, Tan, Kaiser, Krasnogor, Benchmark Problems for CEC2018 Competition on
Dynamic Multiobjective Optimisation, 2018. Where its text and its official code differ we compute
what the code does, as published results did, and say so; DF13 offers both. Where the floor of a wave
(DF12, DF13) sits on a whole number, double-precision rounding decides, as in the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, batch, one_of, squares, wave
from problems.synthetic import holes


@final
@dataclass(frozen=True)
class DF10(Analytic):
    """The front swells and caves in between convex and concave; the set is a rippled surface.

    Moves: the set (amplitude of its ripple) and the front (sum of f^(2 / H) = 1, H from 0.25 to 4.25).
    Sources disagree: the ripple is sin(2 pi (x1 + x2)) in the report and in the official C++ code,
    sin(4 pi (x1 + x2)) in the official MATLAB code, which we follow.
    Source: report, DF10.
    """

    n_obj = 3
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = 1.0 + squares(x[:, 2:] - self._goal(x[:, :2], t))
        H = self._power(t)
        y1, y2 = 0.5 * np.pi * x[:, 0], 0.5 * np.pi * x[:, 1]
        cos1 = np.cos(y1)
        return batch(x, g * np.sin(y1) ** H, g * (np.sin(y2) * cos1) ** H, g * (np.cos(y2) * cos1) ** H)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _goal(self, p: Array, t: float) -> Array:
        return np.asarray(np.sin(4.0 * np.pi * p.sum(axis=1, keepdims=True)) / (1.0 + abs(wave(t))))

    def _power(self, t: float) -> float:
        """H of the report."""
        return 2.25 + 2.0 * float(np.cos(0.5 * np.pi * t))


@final
@dataclass(frozen=True)
class DF11(Analytic):
    """The front shrinks to the middle of a growing sphere and widens again, with no fixed corners.

    Moves: the set (its slope along x1) and the front (radius 1 + |G|, angles from pi |G| / 6).
    Source: report, DF11.
    """

    n_obj = 3
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        G = abs(wave(t))
        g = 1.0 + G + squares(x[:, 2:] - 0.5 * G * x[:, :1])
        y1, y2 = self._angles(x[:, :2], t).T
        cos1 = np.cos(y1)
        return batch(x, g * np.sin(y1), g * np.sin(y2) * cos1, g * np.cos(y2) * cos1)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.5 * abs(wave(t)) * p[:, :1])

    def _angles(self, p: Array, t: float) -> Array:
        G = abs(wave(t))
        return np.pi * G / 6.0 + (np.pi / 2.0 - np.pi * G / 3.0) * p


@final
@dataclass(frozen=True)
class DF12(Analytic):
    """The front is a sphere whose holes change in number and size.

    Moves: the set (its curvature) and the front (the holes). The positions form cells, floor(k (2 x - 1))
    along either axis, k = 10 sin(pi t). Where both cells are odd, g is 2 at least: a hole in the unit
    sphere. Its raised points are dominated, but for some near the corners x1 = 0, x2 = 0 or 1, which
    no point of the unit sphere dominates: these are part of the front. The wider the holes, the more.
    At whole t > 0 k is a rounding residue of either sign and one quarter of the cells is a hole, as in
    the official code; with an exact sine there would be none.
    Sources disagree: ports made from the text (PlatEMO, OFEC) round k down and put r = 1 - mod(k, 2) for
    the 1 in 2 x - 1; the official code does neither, and we follow it. The product runs over the two
    positions of each point (pymoo 0.6.2 multiplies over the whole batch).
    Source: report, DF12.
    """

    n_obj = 3
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = 1.0 + squares(x[:, 2:] - np.sin(t * x[:, :1])) + holes.depth(x[:, :2], t)
        y1, y2 = 0.5 * np.pi * x[:, 0], 0.5 * np.pi * x[:, 1]
        cos1 = np.cos(y1)
        return batch(x, g * np.cos(y2) * cos1, g * np.sin(y2) * cos1, g * np.sin(y1))

    def _positions(self, t: float, n: int) -> Array:
        p = super()._positions(t, n)
        return p[holes.undominated(p, t)]

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, np.sin(t * p[:, :1]))


@final
@dataclass(frozen=True)
class DF13(Analytic):
    """The front is one piece or many, which come and go.

    Moves: the set (distance variables at G) and the front (p = floor(6 G) sets the number of pieces).
    f1 and f2 depend on one position each and f3 is a sum over both, so that the optimal positions are
    all pairs of values x for which every larger value adds more to f3. front(t, n) has points on every
    piece, which takes up to 64 where n is smaller.
    Sources disagree: variant "report" multiplies all terms of f3 by g; variant "code", the official
    code, only the first. Set and front are the same.
    Source: report, DF13.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "report"

    n_obj = 3
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            report="it multiplies all terms of f3 by g",
            code="it multiplies only the first",
        )

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = 1.0 + squares(x[:, 2:] - wave(t))
        first, second = self._terms(x[:, 0], t), self._terms(x[:, 1], t)
        rest = first[1] + second[0] + second[1]
        f3 = g * (first[0] + rest) if self.variant == "report" else g * first[0] + rest
        cos1, cos2 = np.cos(0.5 * np.pi * x[:, 0]), np.cos(0.5 * np.pi * x[:, 1])
        return batch(x, g * cos1**2, g * cos2**2, f3)

    def _positions(self, t: float, n: int) -> Array:
        x = np.linspace(0.0, 1.0, 50_001)  # fine enough to place the ends of pieces to 1e-7 in f3
        f = np.column_stack([np.cos(0.5 * np.pi * x) ** 2, sum(self._terms(x, t))])
        least = np.minimum.accumulate(f[::-1, 1])[::-1]
        kept = np.append(np.flatnonzero(f[:-1, 1] < least[1:]), x.size - 1)
        steps = np.linalg.norm(np.diff(f[kept], axis=0), axis=1) * (np.diff(kept) == 1)
        length = np.concatenate(([0.0], np.cumsum(steps)))
        starts = np.flatnonzero(np.diff(kept) > 1) + 1
        even = np.linspace(0.0, length[-1], max(2, int(np.sqrt(n)) - starts.size))
        chosen = x[kept[np.union1d(np.searchsorted(length, even), starts)]]
        return np.column_stack([np.repeat(chosen, chosen.size), np.tile(chosen, chosen.size)])

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))

    def _terms(self, x: Array, t: float) -> tuple[Array, Array]:
        """The two terms that one position x, (n,), adds to f3, each (n,)."""
        s = np.sin(0.5 * np.pi * x)
        return s**2, s * np.cos(np.floor(6.0 * wave(t)) * np.pi * x) ** 2


@final
@dataclass(frozen=True)
class DF14(Analytic):
    """The front narrows to a curve and opens again, with knees that change their size.

    Moves: the set (distance variables at G) and the front (the range of y, |G| about 0.5). When G = 0
    the front is a curve, x1 has no effect, and set() returns one value of it.
    Sources disagree: the official C++ code takes y from x2 instead of x1; we follow report and MATLAB.
    Source: report, DF14.
    """

    n_obj = 3
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = 1.0 + squares(x[:, 2:] - wave(t))
        (down1, up1), (down2, up2) = _knees(self._y(x[:, 0], t)).T, _knees(x[:, 1]).T
        return batch(x, g * down1, g * down2 * up1, g * up2 * up1)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))

    def _y(self, x1: Array, t: float) -> Array:
        return 0.5 + wave(t) * (x1 - 0.5)


def _knees(u: Array) -> Array:
    """A line with knees, from (1, 0) to (0, 1): (k,) -> (k, 2)."""
    ripple = 0.05 * np.sin(6.0 * np.pi * u)
    return np.column_stack([1.0 - u + ripple, u + ripple])
