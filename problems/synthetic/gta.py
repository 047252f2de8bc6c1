"""GTA1 to GTA8: two objectives, each with a shape and a distance of its own variables.

Source of all: Gee, Tan & Abbass, A Benchmark Test Suite for Dynamic Evolutionary Multiobjective
Optimization, IEEE Transactions on Cybernetics 47(2), 2017, problems of the CEC2015 competition; read
through the authors' report Benchmark Performance of GTA Test Suite (table I) and their code
(senbong87/dmo_benchmark, where they are DB1a to DB8m), which we follow where the two differ.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, one_of
from problems.synthetic.curve import undominated


@dataclass(frozen=True)
class Gta(Analytic):
    """Objectives alpha + beta or alpha (1 + beta); abstract.

    alpha places a point along the front by the position variables; beta, of a share of the distance
    variables for each objective, takes it off the front, and is 0 where these are at
    sin(pi (t - x1) / 2). In steps of whole time k goes 0, 1, ..., 5, 4, ..., 0. pieces: whether the front
    can fall into pieces.
    form: "additive", a in the names of the literature, or "multiplicative", m.
    Raises ArgumentError when the form is neither.
    """

    dim: int = 21
    form: str = "additive"

    n_obj = 2
    least_dim: ClassVar[int] = 3
    pieces: ClassVar[bool] = False
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("form", self.form, additive="alpha + beta", multiplicative="alpha (1 + beta)")

    def _evaluate(self, x: Array, t: float) -> Batch:
        alpha = self._alpha(x[:, : self.n_obj - 1], t)
        off = self._off(x[:, self.n_obj - 1 :] - self._goal(x[:, :1], t), t)
        scale = 2.0 / ((off.shape[1] + 1) // self.n_obj)
        beta = scale * np.column_stack([off[:, j :: self.n_obj].sum(axis=1) for j in range(self.n_obj)])
        f = alpha + beta if self.form == "additive" else alpha * (1.0 + beta)
        return Batch.unconstrained(x.copy(), f)

    def _positions(self, t: float, n: int) -> Array:
        if self.pieces:
            return undominated(lambda u: self._alpha(u[:, None], t), n)[:, None]
        return super()._positions(t, n)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p[:, :1], t))

    def _goal(self, x1: Array, t: float) -> Array:
        return np.asarray(np.sin(0.5 * np.pi * (t - x1)))

    @abstractmethod
    def _alpha(self, p: Array, t: float) -> Array:
        """Objectives of least distance at position variables p, (k, n_obj - 1): (k, n_obj)."""

    @abstractmethod
    def _off(self, h: Array, t: float) -> Array:
        """What each distance variable adds when it is h off its goal, (k, d) -> (k, d)."""


@final
@dataclass(frozen=True)
class GTA1(Gta):
    """A convex front that stays, and a unimodal distance.

    Moves: the set (a sine along x1, which wanders).
    Source: GTA1a and GTA1m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return convex(p)

    def _off(self, h: Array, t: float) -> Array:
        return h**2


@final
@dataclass(frozen=True)
class GTA2(Gta):
    """A convex front that stays, and a distance with local optima.

    Moves: the set (a sine along x1, which wanders).
    Source: GTA2a and GTA2m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return convex(p)

    def _off(self, h: Array, t: float) -> Array:
        return multimodal(h)


@final
@dataclass(frozen=True)
class GTA3(Gta):
    """A convex front that stays, and a distance that is unimodal at some times and multimodal at others.

    Moves: the set (a sine along x1, which wanders, amid k local optima per unit).
    Source: GTA3a and GTA3m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return convex(p)

    def _off(self, h: Array, t: float) -> Array:
        return mixed(h, t)


@final
@dataclass(frozen=True)
class GTA4(Gta):
    """A front in pieces that stays, and a distance that is unimodal or multimodal.

    Moves: the set (a sine along x1, which wanders, amid k local optima per unit).
    Source: GTA4a and GTA4m.
    """

    pieces = True

    def _alpha(self, p: Array, t: float) -> Array:
        return np.column_stack([p, 1.5 - np.sqrt(p) - 0.5 * np.sin(10.0 * np.pi * p)])

    def _off(self, h: Array, t: float) -> Array:
        return mixed(h, t)


@final
@dataclass(frozen=True)
class GTA5(Gta):
    """A front that is convex at some times and falls into pieces at others.

    Moves: the set (a sine along x1, which wanders) and the front (waves of height 0.2 k).
    Source: GTA5a and GTA5m.
    """

    pieces = True

    def _alpha(self, p: Array, t: float) -> Array:
        return waved(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return multimodal(h)


@final
@dataclass(frozen=True)
class GTA6(Gta):
    """A front that is convex or falls into pieces, and a distance that is unimodal or multimodal.

    Moves: the set (as in GTA3) and the front (as in GTA5).
    Source: GTA6a and GTA6m.
    """

    pieces = True

    def _alpha(self, p: Array, t: float) -> Array:
        return waved(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return mixed(h, t)


@final
@dataclass(frozen=True)
class GTA7(Gta):
    """Objectives that conflict more at some times than at others, and not at all when k = 0.

    Moves: the set (a sine along x1, which wanders) and the front (exponent log(1 - k / 10) / log(k / 10),
    from 0, where the front is one point, to 1, where it is a line).
    When k = 0 the multiplicative form has f2 = 0 everywhere, and all points with x1 = 0 are optimal; set()
    returns one of them.
    Source: GTA7a and GTA7m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return conflicting(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return multimodal(h)


@final
@dataclass(frozen=True)
class GTA8(Gta):
    """As GTA7, with a distance that is unimodal or multimodal.

    Moves: the set (as in GTA3) and the front (as in GTA7).
    Source: GTA8a and GTA8m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return conflicting(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return mixed(h, t)


def level(t: float) -> int:
    """k: 0 to 5 and back in steps of whole time, from 0 at t = 0."""
    whole = math.floor(t)
    return abs(5 * (whole // 5 % 2) - whole % 5)


def convex(p: Array) -> Array:
    """alpha_conv, (k, 1) -> (k, 2)."""
    return np.column_stack([p, 1.0 - np.sqrt(p)])


def waved(p: Array, t: float) -> Array:
    """alpha_mix, (k, 1) -> (k, 2)."""
    return np.column_stack([p, 1.0 - np.sqrt(p) + 0.1 * level(t) * (1.0 + np.sin(10.0 * np.pi * p))])


def conflicting(p: Array, t: float) -> Array:
    """alpha_conf, (k, 1) -> (k, 2)."""
    k = level(t)
    power = math.log(1.0 - 0.1 * k) / math.log(0.1 * k) if k else 0.0
    return np.column_stack([p, 1.0 - p**power])


def multimodal(h: Array) -> Array:
    """One term of beta_multi."""
    return np.asarray(h**2 * (1.0 + np.abs(np.sin(4.0 * np.pi * h))))


def mixed(h: Array, t: float) -> Array:
    """One term of beta_mix."""
    return np.asarray(1.0 + h**2 - np.cos(2.0 * np.pi * level(t) * h))
