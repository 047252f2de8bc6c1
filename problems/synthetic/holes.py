"""Holes in a sphere, those of DF12 and SDP8: where they are, and which of their points are on the front."""

from __future__ import annotations

import numpy as np

from dmo.types import Array, BoolArray


def depth(p: Array, t: float) -> Array:
    """How far positions p, (n, m - 1), are raised off the unit sphere at time t, (n,): by 0, or 1 in a hole.

    The positions form cells along each axis; where all cells are odd is a hole.
    """
    return np.asarray(np.abs(np.prod(np.sin(0.5 * np.pi * _cells(p, t)), axis=1)))


def undominated(p: Array, t: float) -> BoolArray:
    """Which positions, (n, m - 1), are on the front: those outside holes, and raised points with no better.

    A raised point is 2 d, d on the unit sphere. Each angle of the unit points at most 2 d is in an interval
    around d's; 2 d is dominated if any reaches beyond d's own cell, since cells alternate. The interval
    of an angle is widest where the objectives of the angles before it are 2 d's.
    """
    cells, y = _cells(p, t), 0.5 * np.pi * p
    first = np.zeros((len(y), 1))
    before = np.cumprod(np.hstack([first + 1.0, np.cos(y[:, :-1])]), axis=1)
    sin, cos = 2.0 * before * np.sin(y), 2.0 * before * np.cos(y)
    room = np.sqrt(np.maximum(0.0, 1.0 - np.cumsum(np.hstack([first, sin[:, :-1] ** 2]), axis=1)))
    ends = np.arccos(_ratio(cos, room)), np.arcsin(_ratio(sin, room))
    alone = [(_cells(end / (0.5 * np.pi), t) == cells).all(axis=1) for end in ends]
    return np.asarray((cells % 2 == 0).any(axis=1) | (alone[0] & alone[1]))


def _cells(p: Array, t: float) -> Array:
    return np.asarray(np.floor(10.0 * np.sin(np.pi * t) * (2.0 * p - 1.0)))


def _ratio(part: Array, whole: Array) -> Array:
    """part / whole, at most 1; 1 where whole is 0."""
    return np.minimum(1.0, np.divide(part, whole, out=np.ones_like(part), where=whole > 0.0))
