"""Thinning: the most crowded point leaves, again and again, until the others fit."""

from __future__ import annotations

import numpy as np

from dmo.batch import Batch
from dmo.dominance import rank
from dmo.types import Array, IntArray


def select(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, by rank; the last rank that fits in part is thinned.

    Ranks are those of constrained dominance. n may exceed the number of points: all survive.
    """
    ranks = rank(batch)
    order = np.argsort(ranks, kind="stable")
    if n >= len(batch):
        return order
    last = ranks[order[n - 1]]
    better, level = np.flatnonzero(ranks < last), np.flatnonzero(ranks == last)
    kept = np.concatenate([better, level[thin(batch.f[level], n - len(better))]])
    return kept[np.argsort(ranks[kept], kind="stable")]


def thin(f: Array, n: int) -> IntArray:
    """Indices, ascending, of the n of (k, m) that are left when the most crowded is removed k - n times.

    The crowding distances of NSGA-II are those among the points still there. Of equally crowded
    points the first leaves.
    Source: Kukkonen & Deb, Improved pruning of non-dominated solutions based on crowding distance
    (2006); Zhang, Zhou & Jin, RM-MEDA (2008), section III.D.
    """
    from dmo.optimisers.loops import thinned

    k = len(f)
    if n >= k:
        return np.arange(k)
    span = np.ptp(f, axis=0)
    moving = np.flatnonzero(span > 0.0)
    if not moving.size:
        return np.arange(k - n, k)
    f, span = f[:, moving], span[moving]
    orders = np.ascontiguousarray(f.T).argsort(axis=1, kind="stable")
    return np.flatnonzero(thinned(np.ascontiguousarray(f / span), orders, n))
