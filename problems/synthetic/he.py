"""HE2, HE7 and HE9: a front in pieces, and sets that wind like those of Li and Zhang's LZ problems.

Source of all: Helbig, Engelbrecht, Benchmarks for Dynamic Multi-Objective Optimisation Algorithms, ACM
Computing Surveys 46(3), 2014; read through the authors' own code in CIlib (HEF5, HEF9), the CEC2015
competition's as in pymoo, and OFEC.

All three put f2 = g h with h = 1 - (f1 / g)^H, H from 0.5 to 2, or a like one. Such an f2 is not always
least where g is, so that less or more of the published fronts, which have the least g everywhere, is true:
variant "exact" (default) has the true front, "published" the published one; objectives are the same.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, batch, grid, one_of, squares, wave
from problems.synthetic.curve import undominated


@dataclass(frozen=True)
class _Composed(Analytic):
    """f2 = g h(f1 / g), with a choice of fronts; abstract."""

    variant: str = "exact"

    n_obj = 2
    position = (0.0, 1.0)
    least_dim = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            exact="its front is all that nothing dominates",
            published="its front is that of least g",
        )


@final
@dataclass(frozen=True)
class HE2(_Composed):
    """The front falls into pieces and bends; the set is a corner of the space.

    Moves: the front (exponents H / 2 and H); the set stays but for the parts that are not optimal, and
    leaves the corner a little where H < 2 / 3 (around t = 3).
    There a larger g lowers f2 where sin(10 pi f1) is near 1, which the variant "published" leaves out.
    Sources disagree: OFEC draws the front with sin(10 pi t f1); a port of the authors' group divides the
    sum in g by n, not n - 1.
    Source: Helbig, Engelbrecht (2014), HE2, with 30 variables.

    Raises ArgumentError when the variant is neither.
    """

    dim: int = 30

    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        g = 1.0 + 9.0 * np.mean(x[:, 1:], axis=1)
        return Batch.unconstrained(x.copy(), _waved(x[:, 0], g, _power(t)))

    def _positions(self, t: float, n: int) -> Array:
        """x1 and g of about n points, (k, 2)."""
        H = _power(t)
        if self.variant == "published":
            u = undominated(lambda u: _waved(u, np.ones_like(u), H), n)
            return np.column_stack([u, np.ones_like(u)])
        u = undominated(lambda u: _waved(u, _best_g(u, H), H), n)
        return np.column_stack([u, _best_g(u, H)])

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p[:, :1], (p[:, 1:] - 1.0) / 9.0)


@dataclass(frozen=True)
class _Winding(_Composed):
    """f1 = x1 + s1 and g = q(x1) + s2, distances s1 of the odd variables and s2 of the even ones; abstract.

    f2 = g (1 - (f1 / g)^H) falls as f1 rises, also where it does so by s1. The true front is hence the
    published one, 0 <= f1 = x1 <= 1, and a tail beyond it, as long as s1 can grow: first at x1 = 1,
    then at those x1 that let f1 = x1 + s1 become larger still; where H < 1 and f1 is large, f2 is least
    not at the least g but at g = f1 (1 - H)^(1 / H).
    """

    distance = (-1.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        off = x[:, 1:] - self._goal(x[:, :1])
        odd, even = off[:, 1::2], off[:, ::2]
        f1 = x[:, 0] + 2.0 / odd.shape[1] * squares(odd)
        g = self._base(x[:, 0]) + 2.0 / even.shape[1] * squares(even)
        return batch(x, f1, g * (1.0 - (f1 / g) ** _power(t)))

    def _positions(self, t: float, n: int) -> Array:
        """x1, f1 and g of about n points, (k, 3); about half of them are in the tail, where there is one."""
        if self.variant == "published":
            return self._least(grid(n, (0.0, 1.0))[:, 0])
        v = undominated(lambda v: self._tail_front(v, t), max(1, n // 2))
        return np.vstack([self._least(grid(n // 2, (0.0, 1.0))[:, 0]), self._tail(v, t)])

    def _optimal(self, p: Array, t: float) -> Array:
        x1, f1, g = p.T
        goal = self._goal(p[:, :1])
        far = np.where(goal > 0.0, -1.0, 1.0) - goal  # to the farther bound
        share = np.empty_like(far)
        for start, wanted in ((1, f1 - x1), (0, g - self._base(x1))):
            most = 2.0 / far[:, start::2].shape[1] * squares(far[:, start::2])
            share[:, start::2] = np.sqrt(np.clip(wanted / most, 0.0, 1.0))[:, None]
        return self.space.repair(self._joined(p[:, :1], goal + share * far))

    def _least(self, u: Array) -> Array:
        """x1, f1 and g where all variables meet their goals, (k, 3)."""
        return np.column_stack([u, u, self._base(u)])

    def _tail_front(self, v: Array, t: float) -> Array:
        _, f1, g = self._tail(v, t).T
        return np.column_stack([f1, g * (1.0 - (f1 / g) ** _power(t))])

    def _tail(self, v: Array, t: float) -> Array:
        """x1, f1 and g of the least f2, for f1 between 1 (v = 0) and its largest value (v = 1), (k, 3)."""
        u, reach = self._reach
        f1 = reach[0] - (1.0 - v) ** 2 * (reach[0] - 1.0)  # finest where f2 turns up at the very end
        # reach falls: the last place that lets f1 be as large
        last = reach.size - 1 - np.searchsorted(reach[::-1], f1)
        step = np.maximum(reach[last] - reach[np.minimum(last + 1, reach.size - 1)], 1e-300)
        x1 = np.minimum(u[last] + (u[1] - u[0]) * np.clip((reach[last] - f1) / step, 0.0, 1.0), 1.0)
        H = _power(t)
        turn = f1 * (1.0 - H) ** (1.0 / H) if H < 1.0 else 0.0
        return np.column_stack([x1, f1, np.maximum(self._base(x1), turn)])

    @cached_property
    def _reach(self) -> tuple[Array, Array]:
        """Fine positions u, (k,), and the largest f1 that some x1 >= u allows, (k,), which falls."""
        u = np.linspace(0.0, 1.0, 200_001)
        goal = self._goal(u[:, None])[:, 1::2]
        most = u + 2.0 / goal.shape[1] * squares(1.0 + np.abs(goal))
        return u, np.maximum.accumulate(most[::-1])[::-1]

    @abstractmethod
    def _base(self, u: Array) -> Array:
        """q of positions u, (k,), which falls from 2 to 1: (k,)."""

    @abstractmethod
    def _goal(self, p: Array) -> Array:
        """Where the other variables are best for positions p, (k, 1): (k, dim - 1)."""


@final
@dataclass(frozen=True)
class HE7(_Winding):
    """The front bends over a set that winds with a growing amplitude, that of LZ5.

    Moves: the front (exponent H from 0.5 to 2); the set stays, but for its part beyond x1 = 1.
    Sources disagree: j counts from 2 to n in Li and Zhang (2009), in OFEC and here, from 1 to n - 1 in the
    authors' code and in pymoo, which shifts the phases by pi / n; pymoo's bounds are 0 and 1.
    Source: Helbig, Engelbrecht (2014), HE7, with CEC2015's 10 variables.

    Raises ArgumentError when the variant is neither.
    """

    def _base(self, u: Array) -> Array:
        return 2.0 - np.sqrt(u)

    def _goal(self, p: Array) -> Array:
        phase = np.arange(2, self.dim + 1) * np.pi / self.dim
        amplitude = 0.3 * p**2 * np.cos(24.0 * np.pi * p + 4.0 * phase) + 0.6 * p
        # cos(a - pi / 2) = sin(a), for the even variables
        quarter = np.where(np.arange(2, self.dim + 1) % 2 == 0, 0.5 * np.pi, 0.0)
        return np.asarray(amplitude * np.cos(6.0 * np.pi * p + phase - quarter))


@final
@dataclass(frozen=True)
class HE9(_Winding):
    """The front bends over a set like a sine, that of LZ9.

    Moves: the front (exponent H from 0.5 to 2); the set stays, but for its part beyond x1 = 1.
    Sources disagree: what is HE9 here, in CEC2015 and in the authors' code (HEF9), OFEC calls HE10; its
    HE9 is built on LZ7. j counts from 2 to n in Li and Zhang (2009), in OFEC and here, from 1 to n - 1 in
    the authors' code and in pymoo; bounds are 0 and 1 in OFEC and pymoo, which keeps the set out of
    reach, -1 and 1 in the authors' code and here.
    Source: Helbig, Engelbrecht (2014), HE9 of CEC2015, with its 10 variables.

    Raises ArgumentError when the variant is neither.
    """

    def _base(self, u: Array) -> Array:
        return 2.0 - u**2

    def _goal(self, p: Array) -> Array:
        return np.asarray(np.sin(6.0 * np.pi * p + np.arange(2, self.dim + 1) * np.pi / self.dim))


def _power(t: float) -> float:
    """H of the paper."""
    return 0.75 * wave(t) + 1.25


def _waved(u: Array, g: Array, H: float) -> Array:
    """Objectives of HE2 for x1 = u and g, (k,) each: (k, 2)."""
    ratio = u / g
    return np.column_stack([u, g * (1.0 - ratio ** (0.5 * H) - ratio**H * np.sin(10.0 * np.pi * u))])


def _best_g(u: Array, H: float) -> Array:
    """The g >= 1 of least f2 of HE2 for x1 = u, (k,): its derivative is a quadratic of (u / g)^(H / 2)."""
    square, linear = (1.0 - H) * np.sin(10.0 * np.pi * u), 1.0 - 0.5 * H
    root = linear + np.sqrt(np.maximum(0.0, linear**2 + 4.0 * square))
    # no root, or one at which g < 1: g = 1 is best
    return np.maximum(1.0, u * (0.5 * root) ** (2.0 / H))
