"""GTA9 to GTA12: three objectives whose conflict changes.

Source of all: as in gta.py; DB9a to DB12m of the code.
Deviation: the code moves objectives of least distance that are within 7.1e-6 of sqrt(1/2) onto it; we do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from dmo.types import Array
from problems.analytic import grid
from problems.synthetic.gta import Gta, level, mixed, multimodal


@dataclass(frozen=True)
class Gta3(Gta):
    """Three objectives; abstract. form: as of Gta."""

    dim: int = 22

    n_obj = 3
    least_dim: ClassVar[int] = 5


@final
@dataclass(frozen=True)
class GTA9(Gta3):
    """Part of a sphere, of which less and less is a front, down to one point.

    Moves: the set (a sine along x1, which wanders) and the front: f3 is least past x1 = 1 - k / 5, so that
    the front is what lies before, and the lone point x1 = 1.
    Source: GTA9a and GTA9m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return turned(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return multimodal(h)

    def _positions(self, t: float, n: int) -> Array:
        return before_turn(t, n)


@final
@dataclass(frozen=True)
class GTA10(Gta3):
    """As GTA9, with a distance that is unimodal at some times and multimodal at others.

    Moves: the set (a sine along x1, which wanders, amid k local optima per unit) and the front (as in GTA9).
    Source: GTA10a and GTA10m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return turned(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return mixed(h, t)

    def _positions(self, t: float, n: int) -> Array:
        return before_turn(t, n)


@final
@dataclass(frozen=True)
class GTA11(Gta3):
    """A sphere that narrows down to a curve and widens again.

    Moves: the set (a sine along x1, which wanders) and the front (the range of its second angle,
    1 - k / 5 of a right angle). When k = 5 the front is a curve, x2 has no effect, and set() returns one
    value of it.
    Source: GTA11a and GTA11m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return narrowed(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return multimodal(h)

    def _positions(self, t: float, n: int) -> Array:
        return sphere_or_curve(t, n)


@final
@dataclass(frozen=True)
class GTA12(Gta3):
    """As GTA11, with a distance that is unimodal at some times and multimodal at others.

    Moves: the set (a sine along x1, which wanders, amid k local optima per unit) and the front (as in
    GTA11).
    Source: GTA12a and GTA12m.
    """

    def _alpha(self, p: Array, t: float) -> Array:
        return narrowed(p, t)

    def _off(self, h: Array, t: float) -> Array:
        return mixed(h, t)

    def _positions(self, t: float, n: int) -> Array:
        return sphere_or_curve(t, n)


def turned(p: Array, t: float) -> Array:
    """alpha_conf,3a, (k, 2) -> (k, 3)."""
    y1, y2 = 0.5 * np.pi * p.T
    f3 = np.sin(y1 + np.pi * level(t) / 20.0)
    return np.column_stack([np.cos(y1) * np.cos(y2), np.cos(y1) * np.sin(y2), f3])


def narrowed(p: Array, t: float) -> Array:
    """alpha_conf,3b, (k, 2) -> (k, 3)."""
    y1, y2 = 0.5 * np.pi * p.T
    y2 = y2 * (5 - level(t)) / 5.0
    return np.column_stack([np.cos(y1) * np.cos(y2), np.cos(y1) * np.sin(y2), np.sin(y1)])


def before_turn(t: float, n: int) -> Array:
    """Positions of the front of alpha_conf,3a: before x1 = 1 - k / 5, which x1 = 1 dominates, and there."""
    end, last = 1.0 - level(t) / 5.0, np.array([[1.0, 0.0]])
    if end <= 0.0:
        return last
    return np.vstack([grid(n - 1, (0.0, end - 1e-9), (0.0, 1.0)), last])


def sphere_or_curve(t: float, n: int) -> Array:
    """Positions of the front of alpha_conf,3b."""
    if level(t) < 5:
        return grid(n, (0.0, 1.0), (0.0, 1.0))
    x1 = grid(n, (0.0, 1.0))
    return np.column_stack([x1, np.zeros_like(x1)])
