"""Fronts of two objectives along a curve: which part of it nothing dominates."""

from __future__ import annotations

from collections.abc import Callable

import moocore
import numpy as np

from dmo.types import Array, BoolArray

Curve = Callable[[Array], Array]
"""Positions in [0, 1], (k,), to points, (k, 2)."""


def undominated(curve: Curve, n: int) -> Array:
    """Positions of about n points of a curve that no other of its points dominates, ascending, (k,).

    They lie at equal steps within each piece, and at both ends of it, however many the pieces are.
    """
    return _spread(*_kept(curve), n)


def undominated_scaled(curve: Curve, most: float, n: int) -> Array:
    """Positions u and factors s of about n points of the front of all s curve(u), 1 <= s <= most, (k, 2).

    Where both coordinates of the curve are positive s = 1 is best. Where one is negative (both never are)
    a larger factor improves it at the cost of the other: from the positions whose angle is locally the
    most extreme the front follows a ray through the origin, and ends on the curve magnified by `most`.
    Half of the points are on the curve itself, the others at equal steps of sqrt(s - 1) along the rays.
    """
    u, kept = _kept(curve)
    rays = _rays(curve, u)
    factors = 1.0 + (most - 1.0) * np.linspace(0.0, 1.0, 2_000) ** 2
    negative = u[kept & (curve(u) < 0.0).any(axis=1)]
    parts = [_pairs(u[kept], 1.0), _pairs(negative, most), *(_pairs(ray, factors) for ray in rays)]
    points = [s[:, None] * curve(u) for u, s in (part.T for part in parts)]
    best: BoolArray = moocore.is_nondominated(np.vstack(points))
    for i, ray in enumerate(rays, start=2):
        behind = [_behind(p, curve(np.array([ray]))[0], most) for p in points]
        behind[i][:] = False  # nor is a ray behind itself
        best &= ~np.concatenate(behind)
    on_curve, *others = np.split(best, np.cumsum([len(part) for part in parts])[:-1])
    kept[kept] = on_curve
    share = n // 2 // len(others)
    rest = [_even(part[mask], share) for part, mask in zip(parts[1:], others, strict=True)]
    return np.vstack([_pairs(_spread(u, kept, n if not rays else n // 2), 1.0), *rest])


def _kept(curve: Curve) -> tuple[Array, BoolArray]:
    """Fine positions in [0, 1], (k,), and which of them nothing dominates; finest at the ends of pieces."""
    u = np.linspace(0.0, 1.0, 20_001)
    for _ in range(3):  # to 1e-8, where the curves at hand err by less than 1e-6
        kept: BoolArray = moocore.is_nondominated(curve(u))
        ends = np.flatnonzero(kept[1:] != kept[:-1])
        low, high = u[np.maximum(ends - 1, 0)], u[np.minimum(ends + 2, u.size - 1)]
        u = np.unique(np.concatenate([u, np.linspace(low, high, 50).ravel()]))
    return u, moocore.is_nondominated(curve(u))


def _rays(curve: Curve, u: Array) -> list[float]:
    """Positions at which a point with one negative coordinate is seen at a locally extreme angle."""
    found = []
    for j in (0, 1):
        steepness = np.concatenate([[np.inf], _steepness(curve(u), j), [np.inf]])
        for i in np.flatnonzero((steepness[1:-1] < steepness[:-2]) & (steepness[1:-1] <= steepness[2:])):
            near = u[max(i - 1, 0) : i + 2]
            for _ in range(4):
                near = np.linspace(near[0], near[-1], 101)
                at = int(np.argmin(_steepness(curve(near), j)))
                near = near[max(at - 1, 0) : at + 2]
            found.append(float(near[np.argmin(_steepness(curve(near), j))]))
    return found


def _steepness(points: Array, j: int) -> Array:
    """What the other coordinate costs per unit of the negative coordinate j, (k,); inf where j is not."""
    cost = np.full(len(points), np.inf)
    return np.asarray(np.divide(points[:, 1 - j], -points[:, j], out=cost, where=points[:, j] < 0.0))


def _behind(points: Array, ray: Array, most: float) -> BoolArray:
    """Which points, (k, 2), some s ray, 1 <= s <= most, dominates, (k,); ray has a negative coordinate."""
    j = int(np.argmin(ray))
    least = np.maximum(1.0, points[:, j] / ray[j])
    return np.asarray(least < np.minimum(most, points[:, 1 - j] / ray[1 - j]))


def _spread(u: Array, kept: BoolArray, n: int) -> Array:
    """About n of the positions u, (k,), that are kept: at equal steps, and the ends of each piece."""
    index = np.flatnonzero(kept)
    apart = np.flatnonzero(np.diff(index) > 1)
    steps = np.diff(u[index])
    steps[apart] = 0.0
    length = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.linspace(0.0, length[-1], max(2, n - 2 * apart.size))
    inner = np.minimum(np.searchsorted(length, even), index.size - 1)
    return np.asarray(u[index[np.unique(np.concatenate([inner, apart, apart + 1]))]])


def _even(rows: Array, n: int) -> Array:
    """At most about n of the rows at equal steps, first and last among them."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, max(2, n)).astype(int))] if len(rows) else rows


def _pairs(u: Array | float, s: Array | float) -> Array:
    """Positions beside their factors, (k, 2)."""
    return np.column_stack([np.ravel(a) for a in np.broadcast_arrays(u, s)])
