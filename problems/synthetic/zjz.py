"""F5 to F10 of Zhou, Jin and Zhang: sets that bend, so that the variables are linked nonlinearly.

Source of all: Zhou, Jin, Zhang, A Population Prediction Strategy for Evolutionary Dynamic Multiobjective
Optimization, IEEE Transactions on Cybernetics 44(1), 2014, tables I and III. Its F1 to F4 are FDA1,
dMOP1, dMOP2 and FDA4. Their t counts environments; ours is their t / n_T, as elsewhere.

Deviation: the tables let the sums of f1 and f2 begin at i = 1, but the sets and fronts printed beside
them are optimal only if they begin at i = 2, and the published distances, down to 0.01, would not be
possible otherwise: ours begin at 2, as do those of the authors' program (in project_dmoo). Ports made from
the tables (Xiong's DMOP) have the term of i = 1. The published distances are of the program: see `variant`.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.types import Array
from problems.analytic import Analytic, batch, grid, octant, one_of, squares, wave
from problems.synthetic.sequence import environment


@dataclass(frozen=True)
class _Curve(Analytic):
    """A bent curve whose corner (a, b) wanders through the space; abstract.

    Variable i > 1 is best at b + 1 - s^(H + i / dim), s = x1 - a in [0, 1]; f1 counts the distances of
    the odd variables, f2 those of the even ones. variant: "printed" (default) as in the tables, or
    "program" as in the authors' program, whose corner moves at half that pace and whose sums of
    distances count half: with it RM-MEDA x PPS has the distances that the paper prints.

    Raises ArgumentError when the variant is neither.
    """

    dim: int = 20
    variant: str = "printed"

    n_obj = 2
    position = (0.0, 5.0)
    distance = (0.0, 5.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("variant", self.variant, printed="as in the tables", program="half the pace and weight")

    def _evaluate(self, x: Array, t: float) -> Batch:
        along = np.abs(x[:, 0] - self._place(t)[0])
        back = np.abs(x[:, 0] - self._place(t)[0] - 1.0)
        off = x[:, 1:] - self._goal(along[:, None], t)
        H, weight = _power(t), 1.0 if self.variant == "printed" else 0.5
        odd, even = weight * squares(off[:, 1::2]), weight * squares(off[:, ::2])
        return batch(x, along**H + odd, back**H + even)

    def _positions(self, t: float, n: int) -> Array:
        a = self._place(t)[0]
        return grid(n, (a, a + 1.0))

    def _optimal(self, p: Array, t: float) -> Array:
        # rounding may take a goal out of the space by one unit in the last place
        return self.space.repair(self._joined(p, self._goal(np.abs(p - self._place(t)[0]), t)))

    def _goal(self, along: Array, t: float) -> Array:
        """Where variables 2 to dim are best, for |x1 - a|, (n, 1): (n, dim - 1)."""
        return self._place(t)[1] + 1.0 - self._bent(along, t)

    def _bent(self, along: Array, t: float) -> Array:
        """s^(H + i / dim) for i from 2 to dim."""
        return np.asarray(along ** (_power(t) + np.arange(2, self.dim + 1) / self.dim))

    @abstractmethod
    def _corner(self, t: float) -> tuple[float, float]:
        """a and b of the paper."""

    def _place(self, t: float) -> tuple[float, float]:
        """The corner at time t."""
        return self._corner(t if self.variant == "printed" else 0.5 * t)


@final
@dataclass(frozen=True)
class F5(_Curve):
    """A bent set whose corner runs along a figure of eight.

    Moves: the set (corner and bend) and the front (exponent H from 0.5 to 2).
    Source: Zhou, Jin, Zhang (2014), table I, F5, with its 20 variables.
    """

    def _corner(self, t: float) -> tuple[float, float]:
        return 2.0 * _cos(t) + 2.0, 2.0 * _sin(2.0 * t) + 2.0


@final
@dataclass(frozen=True)
class F6(_Curve):
    """A bent set whose corner runs along a three-leaved rose.

    Moves: the set (corner and bend) and the front (exponent H from 0.5 to 2).
    Source: Zhou, Jin, Zhang (2014), table I, F6, with its 20 variables.
    """

    def _corner(self, t: float) -> tuple[float, float]:
        radius = 2.0 * _cos(1.5 * t)
        return radius * _sin(0.5 * t) + 2.0, radius * _cos(0.5 * t) + 2.0


@final
@dataclass(frozen=True)
class F7(_Curve):
    """A bent set whose corner runs along a heart.

    Moves: the set (corner and bend) and the front (exponent H from 0.5 to 2).
    Source: Zhou, Jin, Zhang (2014), table I, F7, with its 20 variables.
    """

    def _corner(self, t: float) -> tuple[float, float]:
        radius = 1.0 - _sin(t)
        return 1.7 * radius * _sin(t) + 3.4, 1.4 * radius * _cos(t) + 2.1


@final
@dataclass(frozen=True)
class F8(Analytic):
    """A bent surface that slides; the front stays an eighth of the unit sphere.

    Moves: the set (its bend and its place G); the front stays, though the paper's table remarks that
    it changes.
    Source: Zhou, Jin, Zhang (2014), table I, F8, with its 20 variables.
    """

    dim: int = 20

    n_obj = 3
    position = (0.0, 1.0)
    distance = (-1.0, 2.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = squares(x[:, 2:] - self._goal(x[:, :2], t))
        return Batch.unconstrained(x.copy(), (1.0 + g)[:, None] * octant(x[:, 1], x[:, 0]))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p, t))

    def _goal(self, p: Array, t: float) -> Array:
        return np.asarray(p.mean(axis=1, keepdims=True) ** _power(t) + wave(t))


@final
@dataclass(frozen=True)
class F9(_Curve):
    """The set of F5, which jumps far once in each unit of time.

    Moves: the set (corner and bend) and the front (exponent H from 0.5 to 2).
    Source: Zhou, Jin, Zhang (2014), table III, F9, with 20 variables.
    """

    def _corner(self, t: float) -> tuple[float, float]:
        t -= float(np.floor(t))
        return 2.0 * _cos(t) + 2.0, 2.0 * _sin(2.0 * t) + 2.0


@final
@dataclass(frozen=True)
class F10(_Curve):
    """The set of F5, bent the other way in every second environment.

    severity: n_t of the schedule, from which the number of the environment, k = t n_t, follows; where it
    is odd, variable i is best at b + s^(H + i / dim).
    Moves: the set (corner and bend) and the front (exponent H from 0.5 to 2).
    Sources disagree: Xiong's DMOP takes odd for the variable's number, not for the environment's; the
    paper prints the set of even environments only.
    Source: Zhou, Jin, Zhang (2014), table III, F10, with 20 variables.

    Raises ArgumentError when severity is not positive.
    """

    severity: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("severity", self.severity, 1e-9)

    def _corner(self, t: float) -> tuple[float, float]:
        return 2.0 * _cos(t) + 2.0, 2.0 * _sin(2.0 * t) + 2.0

    def _goal(self, along: Array, t: float) -> Array:
        if environment(t, self.severity) % 2 == 0:
            return super()._goal(along, t)
        return self._place(t)[1] + self._bent(along, t)


def _power(t: float) -> float:
    """H of the paper."""
    return 1.25 + 0.75 * _sin(t)


def _sin(t: float) -> float:
    """sin(pi t)."""
    return float(np.sin(np.pi * t))


def _cos(t: float) -> float:
    """cos(pi t)."""
    return float(np.cos(np.pi * t))
