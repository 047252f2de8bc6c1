"""Evenly spread samples of curves and surfaces: the material of true fronts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dmo.types import Array, IntArray

Curve = Callable[[Array], Array]
"""A continuous curve: parameters (k,) to points (k, m)."""

_FINE = 257


def along(curve: Curve, lower: float, upper: float, n: int) -> Array:
    """n parameters from lower to upper, both included, at equal steps of arc length: (n,).

    The parameters are moved to equal arc length again and again until no step is 5 % too long, so
    that vertical ends, where a uniform grid leaves gaps, are resolved as well.
    """
    fine = np.linspace(lower, upper, max(n, _FINE))
    for _ in range(50):
        steps = _steps(curve(fine))
        if steps.max() <= 1.05 * steps.mean():
            break
        length = np.concatenate(([0.0], np.cumsum(steps)))
        fine = np.interp(np.linspace(0.0, length[-1], fine.size), length, fine)
    return _pick(fine, n)


def lattice(outer: Curve, inner: Curve, n: int) -> Array:
    """At most about n parameters (u, v) of the unit square, evenly spread over a surface: (k, 2).

    The surface is (a(u), b(u) c(v), b(u) e(v)) with outer(u) = (a, b), b >= 0, and inner(v) = (c, e).
    A row of constant u gets points in proportion to its length: a row shrunk to a pole is one point,
    a surface shrunk to a curve is one row. Else all four sides of the square are included.
    """
    u, v = along(outer, 0.0, 1.0, _FINE), along(inner, 0.0, 1.0, _FINE)
    height, width = _steps(outer(u)).sum(), _steps(inner(v)).sum()

    def rows(gap: float) -> tuple[Array, IntArray]:
        row = _pick(u, int(_points(height, gap)))
        return row, _points(outer(row)[:, 1] * width, gap)

    wide = max(height, width)
    narrow = wide / (10.0 * n)
    for _ in range(20):
        gap = float(np.sqrt(narrow * wide))
        narrow, wide = (narrow, gap) if rows(gap)[1].sum() <= n else (gap, wide)
    row, counts = rows(wide)
    return np.column_stack([np.repeat(row, counts), np.concatenate([_pick(v, int(k)) for k in counts])])


def _steps(points: Array) -> Array:
    """Distances between successive points, (k - 1,)."""
    return np.asarray(np.linalg.norm(np.diff(points, axis=0), axis=1))


def _pick(fine: Array, n: int) -> Array:
    """n values at equal steps through `fine`, its ends included."""
    return np.interp(np.linspace(0.0, fine.size - 1.0, n), np.arange(fine.size), fine)


def _points(length: Array | float, gap: float) -> IntArray:
    """How many points at steps of at most gap make each length, ends included; one for no length."""
    return np.asarray(1 + np.ceil(np.asarray(length) / gap - 1e-9), dtype=np.intp)
