"""Weights: as many evenly spread directions on the unit simplex as are asked for."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from dmo.types import Array

STEPS = 200  # of the descent; twice as many raise the least distance of 100 directions by at most 2 %


@lru_cache(maxsize=32)
def weights(n: int, m: int) -> Array:
    """n directions of m objectives, (n, m): not negative, summing to 1, read-only; the same every time.

    Where n is the size of a simplex lattice, as always for two objectives, they are that lattice.
    Else the largest smaller lattice, filled up at the widest gaps, is relaxed until its Riesz energy
    is least, with its corners held.
    Source: Das & Dennis, Normal-boundary intersection (1998); Blank, Deb, Dhebar, Bandaru & Seada,
    Generating well-spaced points on a unit simplex for evolutionary many-objective optimization (2021).
    Deviation: a plain normalised descent of fixed length, from a lattice instead of random points.
    """
    if m == 1:
        points = np.ones((n, 1))
    elif n < m:
        points = np.eye(m)[:n] if n > 1 else np.full((1, m), 1.0 / m)
    else:
        parts = 1
        while comb(parts + m, m - 1) <= n:
            parts += 1
        points = lattice(parts, m)
        if len(points) < n:
            points = _relaxed(_filled(points, n, parts), m)
    points.flags.writeable = False
    return points


def lattice(parts: int, m: int) -> Array:
    """All directions whose m components are multiples of 1 / parts, in lexicographic order."""
    # Stars and bars: the components are the gaps between m - 1 bars.
    bars = np.array(list(combinations(range(parts + m - 1), m - 1)), dtype=float).reshape(-1, m - 1)
    edges = np.column_stack([np.full(len(bars), -1.0), bars, np.full(len(bars), parts + m - 1.0)])
    return (np.diff(edges, axis=1) - 1.0) / parts


def _filled(points: Array, n: int, parts: int) -> Array:
    """The points and those of a finer lattice, or of random ones, that are farthest from all before."""
    m = points.shape[1]
    finer = 2 * parts + 1
    if comb(finer + m - 1, m - 1) <= 5000:
        pool = lattice(finer, m)
    else:
        pool = np.random.default_rng(0).dirichlet(np.ones(m), 5000)
    nearest = np.full(len(pool), np.inf)
    for point in points:
        nearest = np.minimum(nearest, ((pool - point) ** 2).sum(axis=1))
    chosen = list(points)
    while len(chosen) < n:
        chosen.append(pool[nearest.argmax()])
        nearest = np.minimum(nearest, ((pool - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)


def _relaxed(points: Array, m: int) -> Array:
    """The points after a descent of the Riesz energy, the sum of distance ** -(2 m); corners stay."""
    free = points.max(axis=1) < 1.0
    spacing = 1.0 / len(points) ** (1.0 / (m - 1))
    for step in 0.2 * spacing * np.linspace(1.0, 0.0, STEPS, endpoint=False):
        apart = points[:, None] - points
        square = (apart**2).sum(axis=2)
        np.fill_diagonal(square, np.inf)
        # In units of the least distance, or the powers would overflow.
        push = (square / square.min()) ** -(m + 1.0)
        force = (push[:, :, None] * apart).sum(axis=1)
        force -= force.mean(axis=1, keepdims=True)
        force[~free] = 0.0
        longest = np.sqrt((force**2).sum(axis=1).max())
        if not longest > 0.0:
            break
        points = np.maximum(points + step * force / longest, 0.0)
        points /= points.sum(axis=1, keepdims=True)
    return points
