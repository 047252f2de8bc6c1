"""The front of a problem with two degrees of freedom, traced ray by ray.

A point is placed by its position p in [0, 1] and its distance g >= 1, and no objective falls as g
grows. So of each ray, the points of one p, only the one of least feasible g can be optimal. The curve
of these points is sampled, refined where it jumps or where its undominated parts end until
neighbours are as close as double precision tells apart, and what is dominated is dropped. A
feasible stretch of a ray is found where it is longer than a step of the scan; a shorter one, where it
begins near the distance found on a neighbouring ray, which is how the ends of pieces are reached
where the border of the feasible region runs along the ray and the stretch shrinks to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dmo.types import Array, BoolArray

RAYS = 1025  # positions of the first scan
STEPS = 200  # distances of a scan
CLOSE = 2e-3  # neighbours on a piece of the front
END = 1e-9  # how exactly the end of a piece is found
POINT = 1e-6  # a piece shorter than this is a point
TIE = 1e-12  # differences that are rounding
# Where a ray touches a border at g = 1, rounding alone may forbid g = 1 itself.
LEVELS = np.concatenate([[0.0], np.geomspace(1e-14, 1e-3, 12), np.linspace(0.0, 1.0, STEPS)[1:]])
AROUND = np.outer([-1.0, 1.0], np.geomspace(1e-9, 0.02, 18)).ravel()  # levels about a neighbour's


@dataclass(frozen=True)
class Rays:
    """The plane of positions and distances at one time.

    image(p, g) gives the two objectives; limits(f1, f2) the constraints, none positive where feasible;
    top(p) the greatest distance there is. All work element by element and broadcast.
    """

    image: Callable[[Array, Array], tuple[Array, Array]]
    limits: Callable[[Array, Array], tuple[Array, ...]]
    top: Callable[[Array], Array]

    def allowed(self, p: Array, g: Array) -> BoolArray:
        """Which constraints hold at (p, g): (c, *shape)."""
        return np.stack([limit <= 0.0 for limit in self.limits(*self.image(p, g))])

    def least(self, p: Array, near: Array) -> Array:
        """The least feasible distance on each ray, (k,); nan where no point of the ray is feasible.

        near: (k, m) distances about which to look closely; nan is ignored.
        """
        best = np.where(self.allowed(p, np.ones_like(p)).all(axis=0), 1.0, np.nan)
        rest = np.flatnonzero(np.isnan(best))
        top = self.top(p[rest])[:, None]
        close = (near[rest, :, None] + AROUND).reshape(len(rest), near.shape[1] * len(AROUND))
        close = np.clip(np.nan_to_num(close, nan=1.0), 1.0, top)
        g = np.sort(np.hstack([1.0 + (top - 1.0) * LEVELS, close]), axis=1)
        holds = self.allowed(p[rest][:, None], g)
        before, after = holds[:, :, :-1], holds[:, :, 1:]
        opens = ~before & after & (before | after).all(axis=0)
        column, ray, cell = np.nonzero(opens)
        low, high, ray = g[ray, cell], g[ray, cell + 1], rest[ray]
        each = np.arange(len(ray))
        for _ in range(50):
            middle = 0.5 * (low + high)
            inside = self.allowed(p[ray], middle)[column, each]
            low, high = np.where(inside, low, middle), np.where(inside, middle, high)
        feasible = self.allowed(p[ray], high).all(axis=0)
        np.fmin.at(best, ray[feasible], high[feasible])
        return best

    def rows(self, p: Array, near: Array) -> Array:
        """Position, least feasible distance and both objectives of each ray, (k, 4)."""
        g = self.least(p, near)
        return np.column_stack([p, g, *self.image(p, g)])


def undominated(f: Array) -> BoolArray:
    """Which rows of f, (k, 2), no other row dominates; of rows that tie by rounding in one objective,
    only the best in the other."""
    kept = np.ones(len(f), dtype=bool)
    for first, second in ((0, 1), (1, 0)):
        order = np.flatnonzero(kept)
        order = order[np.lexsort((f[order, second], f[order, first]))]
        value = f[order, second]
        kept[order[1:]] = value[1:] < np.minimum.accumulate(value)[:-1] - TIE
    return kept


def trace(rays: Rays, knots: Array, tips: Array) -> list[Array]:
    """The pieces of the front, each an array of rows (p, g, f1, f2) in order of p, neighbours close.

    knots: (k,) positions that a scan at equal steps would miss; tips: (k, 2) pairs (p, g) of feasible
    points so sharp that their own rays miss them.
    """
    # denser towards 0 and 1, where an objective may change with the root of the distance from the end
    scan = np.square(np.sin(np.linspace(0.0, 0.5 * np.pi, RAYS)))
    p = np.concatenate([scan, knots])
    rows = np.vstack(
        [rays.rows(p, np.empty((len(p), 0))), np.column_stack([tips, *rays.image(tips[:, 0], tips[:, 1])])]
    )
    while True:
        rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
        rows = rows[np.append(True, np.diff(rows[:, 0]) > 0.0)]  # of each ray the least distance found
        best = np.zeros(len(rows), dtype=bool)
        feasible = np.flatnonzero(np.isfinite(rows[:, 1]))
        best[feasible] = undominated(rows[feasible, 2:])
        split = np.flatnonzero(_coarse(rows, best))
        if len(split) == 0:
            return _pieces(rows[best])
        start, end = rows[split, 0], rows[split + 1, 0]
        between = start + np.multiply.outer([0.25, 0.5, 0.75], end - start)
        # both ends again: what the scan missed on one ray may be found near the distance on the other
        p = np.concatenate([start, end, between.ravel()])
        near = np.column_stack([rows[split, 1], rows[split + 1, 1]])
        rows = np.vstack([rows, rays.rows(p, np.tile(near, (5, 1)))])


def _coarse(rows: Array, best: BoolArray) -> BoolArray:
    """Between which neighbours more rays are needed, (k - 1,)."""
    steps = np.abs(np.diff(rows, axis=0))
    steps[np.isnan(steps)] = np.inf
    length, least = np.hypot(steps[:, 2], steps[:, 3]), np.minimum(steps[:, 2], steps[:, 3])
    left, right = best[:-1], best[1:]
    end = left != right
    beside = left & right & (np.append(end[1:], False) | np.append(False, end[:-1]))
    # Where a piece ends level, more rays would only tie, and the end would creep along from tie to tie.
    known = (length <= END) | ((least <= 100.0 * TIE) & (length <= POINT))
    far = ((left | right) & (length > CLOSE)) | ((end | beside) & ~known)
    return np.asarray(far & (steps[:, 0] > 4e-14))


def _pieces(rows: Array) -> list[Array]:
    """The rows, split where neighbours are not close."""
    steps = np.diff(rows, axis=0)
    return np.split(rows, np.flatnonzero(np.hypot(steps[:, 2], steps[:, 3]) > 2.0 * CLOSE) + 1)


def spread(rays: Rays, pieces: list[Array], n: int) -> Array:
    """About n pairs (p, g) at equal steps of length along all pieces, the ends of each included: (k, 2)."""
    lengths = [np.append(0.0, np.cumsum(np.hypot(*np.diff(piece[:, 2:], axis=0).T))) for piece in pieces]
    total = sum(length[-1] for length in lengths)
    ends, between = [], []
    for piece, length in zip(pieces, lengths, strict=True):
        ends.append(piece[[0], :2])
        if length[-1] > POINT:
            ends.append(piece[[-1], :2])
            at = np.linspace(0.0, length[-1], max(2, round(n * length[-1] / total)))[1:-1]
            between.append(np.column_stack([np.interp(at, length, piece[:, j]) for j in (0, 1)]))
    pairs = np.vstack([*between, np.empty((0, 2))])
    pairs[:, 1] = rays.least(pairs[:, 0], pairs[:, 1:])
    return np.vstack([*ends, pairs[np.isfinite(pairs[:, 1])]])
