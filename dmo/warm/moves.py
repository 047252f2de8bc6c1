"""Moves: neighbours of points, one or two variables away, and blends of two points."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from dmo.space import Space
from dmo.types import Array, IntArray

FEW = 4  # a whole variable of at most this span moves to any level; a longer one, often by one step
ETA = 20.0  # distribution index of a real variable's step


def moves(
    x: Array, space: Space, n: int, rng: Generator, *, two: float = 0.5, blend: float = 0.3
) -> tuple[IntArray, Array]:
    """n moves from random rows of x, (k, d): the row each began at, (n,), and where it leads, (n, d).

    Each changes one variable; a share `two` of them a second one; a share `blend` then takes about
    half its variables from another row: whole ones as they are, real ones half of the way to or
    beyond it. Whole variables take another level; real ones make a step of polynomial mutation.
    """
    start = rng.integers(len(x), size=n)
    moved = x[start]
    rows = np.arange(n)
    free = (space.span > 0.0).nonzero()[0]
    if len(free):
        for changing in (rows, rows[rng.random(n) < two]):
            column = free[rng.integers(len(free), size=len(changing))]
            moved[changing, column] = _stepped(moved[changing, column], column, space, rng)
    blending = rows[rng.random(n) < blend]
    other = x[rng.integers(len(x), size=len(blending))]
    mine = moved[blending]
    step = np.where(space.integer, 1.0, rng.uniform(-0.5, 0.5, (len(blending), 1)))
    taken = rng.random(mine.shape) < 0.5
    moved[blending] = np.where(taken, mine + step * (other - mine), mine)
    return start, np.clip(moved, space.lower, space.upper)


def _stepped(value: Array, column: IntArray, space: Space, rng: Generator) -> Array:
    """Another value of each variable."""
    low, span, whole = space.lower[column], space.span[column], space.integer[column]
    u = rng.random(len(value))
    # One of the other levels: 1 ... span beyond the present one, cyclically.
    moved = low + np.mod(value - low + 1.0 + np.minimum(np.floor(u * span), span - 1.0), span + 1.0)
    if (long := whole & (span > FEW)).any():
        near = value + np.where(u < 0.5, -1.0, 1.0)
        near_by = long & (rng.random(len(value)) < 0.5) & (near >= low) & (near <= low + span)
        moved = np.where(near_by, near, moved)
    if not whole.all():
        power = 1.0 / (ETA + 1.0)
        step = np.where(u < 0.5, (2.0 * u) ** power - 1.0, 1.0 - (2.0 - 2.0 * u) ** power)
        moved = np.where(whole, moved, value + step * span)
    return np.asarray(moved)
