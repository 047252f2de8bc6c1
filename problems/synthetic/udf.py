"""UDF1 to UDF7: the UF problems of CEC2009, whose sets and fronts shift, turn and bend with time.

Source of all: Biswas, Das, Suganthan, Coello Coello, Evolutionary Multiobjective Optimization in Dynamic
Environments: A Set of Novel Benchmark Functions, IEEE Congress on Evolutionary Computation 2014,
section IV. It does not say how many variables it used; 10 are usual.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, octant, one_of, squares, wave
from problems.synthetic.curve import undominated

BUMPS = 10  # N of the paper
BUMP = 0.5 / BUMPS + 0.1  # 1 / 2 N + epsilon


@dataclass(frozen=True)
class _Uncoupled(Analytic):
    """A curve to which f1 adds the distances of the odd variables and f2 those of the even ones; abstract."""

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)
    least_dim = 3  # an odd and an even one besides x1

    def _evaluate(self, x: Array, t: float) -> Batch:
        off = x[:, 1:] - self._goal(x[:, :1], t)
        j = np.arange(2, self.dim + 1)
        odd, even = (self._penalty(off[:, start::2], j[start::2]) for start in (1, 0))
        return Batch.unconstrained(x.copy(), self._curve(x[:, 0], t) + np.column_stack([odd, even]))

    def _optimal(self, p: Array, t: float) -> Array:
        # rounding may take a goal out of the space by one unit in the last place
        return self.space.repair(self._joined(p, self._goal(p, t)))

    @abstractmethod
    def _curve(self, u: Array, t: float) -> Array:
        """Objectives at positions u, (k,), where all other variables meet their goals: (k, 2)."""

    @abstractmethod
    def _goal(self, p: Array, t: float) -> Array:
        """Where the other variables are best for positions p, (k, 1): (k, dim - 1)."""

    def _penalty(self, off: Array, j: Array) -> Array:
        """What distances off, (k, c), of the variables j, (c,), add to an objective: (k,)."""
        return 2.0 / j.size * squares(off)

    def _sine(self, p: Array, phase: float = 0.0) -> Array:
        """sin(6 pi x1 + (j + phase) pi / dim)."""
        return np.asarray(np.sin(6.0 * np.pi * p + (np.arange(2, self.dim + 1) + phase) * np.pi / self.dim))

    def _root(self, p: Array, t: float) -> Array:
        """x1^(0.5 (2 + 3 (j - 2) / (dim - 2) + G))."""
        j = np.arange(2, self.dim + 1)
        return np.asarray(p ** (0.5 * (2.0 + 3.0 * (j - 2) / (self.dim - 2) + wave(t))))


@final
@dataclass(frozen=True)
class UDF1(_Uncoupled):
    """A set like a sine that shifts vertically; the front is a line that shifts diagonally.

    Moves: the set (by G) and the front (by |G| in both objectives).
    Source: Biswas et al. (2014), eq. 4.
    """

    distance = (-2.0, 2.0)

    def _curve(self, u: Array, t: float) -> Array:
        return _line(u) + abs(wave(t))

    def _goal(self, p: Array, t: float) -> Array:
        return self._sine(p) + wave(t)


@final
@dataclass(frozen=True)
class UDF2(_Uncoupled):
    """A polynomial set that bends and shifts vertically; the front is a line that shifts diagonally.

    Moves: the set (by G and in its powers) and the front (by |G| in both objectives).
    Sources disagree: the printed f2 lacks the x_j that its set implies; Xiong's DMOP adds G to the
    power instead of G / 2; OFEC has bounds of -2 and 2.
    Source: Biswas et al. (2014), eq. 5.
    """

    distance = (-1.0, 2.0)

    def _curve(self, u: Array, t: float) -> Array:
        return _line(u) + abs(wave(t))

    def _goal(self, p: Array, t: float) -> Array:
        return self._root(p, t) + wave(t)


@dataclass(frozen=True)
class _Bumped(_Uncoupled):
    """A line with bumps that lift both objectives, so that its front falls into pieces; abstract.

    variant: how the bumps move, "printed" or "shifted".
    """

    variant: str = "printed"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            printed="the wave of the bumps is lowered by 2 N |G|",
            shifted="both objectives are raised by |G|",
        )

    def _positions(self, t: float, n: int) -> Array:
        return undominated(lambda u: self._curve(u, t), n)[:, None]

    def _goal(self, p: Array, t: float) -> Array:
        return self._sine(p)

    def _wave(self, u: Array, t: float) -> tuple[Array, float]:
        """The wave of the bumps at positions u, (k,), and what is added to both objectives besides."""
        bumps, G = np.sin(2.0 * BUMPS * np.pi * u), abs(wave(t))
        return (bumps, G) if self.variant == "shifted" else (bumps - 2.0 * BUMPS * G, 0.0)


@final
@dataclass(frozen=True)
class UDF3(_Bumped):
    """A multimodal distance; the front is a line that falls into ten pieces and a point.

    Moves: the front (by |G| in variant "shifted"; by its gaps in variant "printed"); the set stays but
    for the parts that the gaps take.
    Sources disagree: with the formula as printed, and as in all ports, the bumps vanish as soon as
    |G| > 1 / 20, and the front is then a line at rest; the printed front and figure shift diagonally
    by |G| and keep their gaps. Variant "printed" follows the formula, with the front that this has;
    variant "shifted" has formulas of which the printed front is true. Xiong's DMOP multiplies where
    the paper divides (dim / 2 + 0.1 for 1 / 2 N + 0.1).
    Source: Biswas et al. (2014), eq. 6.

    Raises ArgumentError when the variant is neither.
    """

    def _curve(self, u: Array, t: float) -> Array:
        bumps, lift = self._wave(u, t)
        return _line(u) + (BUMP * np.maximum(0.0, bumps) + lift)[:, None]

    def _penalty(self, off: Array, j: Array) -> Array:
        ripple = np.prod(np.cos(20.0 * np.pi * off / np.sqrt(j)), axis=1)
        return np.asarray(2.0 / j.size * (8.0 * squares(off) - 2.0 * ripple + 2.0) ** 2)


@final
@dataclass(frozen=True)
class UDF4(_Uncoupled):
    """A set like a sine that shifts sideways; the front turns and bends between convex and concave.

    Moves: the set (its phase, in steps of pi / dim) and the front (factor and exponent 0.5 + |G|).
    Source: Biswas et al. (2014), eq. 7. Where dim G is whole, rounding decides what its ceiling is.
    """

    def _curve(self, u: Array, t: float) -> Array:
        return _power(u, t)

    def _goal(self, p: Array, t: float) -> Array:
        return self._sine(p, float(np.ceil(self.dim * wave(t))))


@final
@dataclass(frozen=True)
class UDF5(_Uncoupled):
    """A polynomial set that bends and shifts; the front turns and bends between convex and concave.

    Moves: the set (by G and in its powers) and the front (factor and exponent 0.5 + |G|).
    Sources disagree: the printed f2 lacks the x_j that its set implies; Xiong's DMOP leaves out the
    shift by G.
    Source: Biswas et al. (2014), eq. 8.
    """

    distance = (-1.0, 2.0)

    def _curve(self, u: Array, t: float) -> Array:
        return _power(u, t)

    def _goal(self, p: Array, t: float) -> Array:
        return self._root(p, t) + wave(t)


@final
@dataclass(frozen=True)
class UDF6(_Bumped):
    """A multimodal distance; the front is a few lone points, or a rippled line.

    Moves: the front (its slope 0.5 + |G|; by |G|, or by the depth of its ripple); the set stays but for
    the parts that are not optimal.
    Sources disagree: the printed front, 2 N + 1 points that shift diagonally by |G|, is that of variant
    "shifted". The formula as printed, and as in all ports, is variant "printed" with the front that
    this has: where |G| > 1 / 20 the bumps do not touch the line, and the front is pieces of a rippled
    one that recedes by 3 |G|. Xiong's DMOP has epsilon = 0.01.
    Source: Biswas et al. (2014), eq. 9.

    Raises ArgumentError when the variant is neither.
    """

    def _curve(self, u: Array, t: float) -> Array:
        bumps, lift = self._wave(u, t)
        line = np.column_stack([u, 1.0 - (0.5 + abs(wave(t))) * u])
        return line + (BUMP * np.abs(bumps) + lift)[:, None]

    def _penalty(self, off: Array, j: Array) -> Array:
        return 2.0 / j.size * squares(2.0 * off**2 - np.cos(4.0 * np.pi * off) + 1.0)


@final
@dataclass(frozen=True)
class UDF7(Analytic):
    """A surface like a sine at rest; the front, an eighth of a sphere, shifts and grows.

    f1, f2 and f3 count the distances of the variables j with j - 1, j - 2 and j divisible by 3.
    Moves: the front (centre G in all objectives, radius 1 + |G|); the set stays.
    Sources disagree: ports swap f2 with f3 or the groups of variables (Xiong's DMOP, which moreover uses
    one group twice and shifts by |G|), or have radius G in f3 (OFEC).
    Source: Biswas et al. (2014), eq. 10.
    """

    n_obj = 3
    position = (0.0, 1.0)
    distance = (-2.0, 2.0)
    least_dim = 5  # one distance variable for each objective

    def _evaluate(self, x: Array, t: float) -> Batch:
        off = x[:, 2:] - self._goal(x[:, :2])
        groups = (off[:, start::3] for start in (1, 2, 0))  # j = 4, 7, ...; 5, 8, ...; 3, 6, ...
        added = np.column_stack([2.0 / group.shape[1] * squares(group) for group in groups])
        front = (1.0 + abs(wave(t))) * octant(x[:, 0], x[:, 1]) + wave(t)
        return Batch.unconstrained(x.copy(), front + added)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p))

    def _goal(self, p: Array) -> Array:
        j = np.arange(3, self.dim + 1)
        return np.asarray(2.0 * p[:, 1:] * np.sin(2.0 * np.pi * p[:, :1] + j * np.pi / self.dim))


def _line(u: Array) -> Array:
    """(u, 1 - u), (k, 2)."""
    return np.column_stack([u, 1.0 - u])


def _power(u: Array, t: float) -> Array:
    """(u, 1 - M u^M), M = 0.5 + |G|, (k, 2)."""
    M = 0.5 + abs(wave(t))
    return np.column_stack([u, 1.0 - M * u**M])
