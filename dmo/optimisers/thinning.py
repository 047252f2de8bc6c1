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

    The crowding distances of NSGA-II are those among the points still there. A removal changes only
    those of its neighbours in each objective, so that the sorted objectives are linked lists here.
    Of equally crowded points the first leaves.
    Source: Kukkonen & Deb, Improved pruning of non-dominated solutions based on crowding distance
    (2006); Zhang, Zhou & Jin, RM-MEDA (2008), section III.D.
    """
    k, m = f.shape
    if n >= k:
        return np.arange(k)
    span = np.ptp(f, axis=0)
    moving = [j for j in range(m) if span[j] > 0.0]
    if not moving:
        return np.arange(k - n, k)
    inf = float("inf")
    before, after, value, share = [], [], [], []
    for j in moving:
        order = np.argsort(f[:, j], kind="stable")
        sorted_f = f[order, j] / span[j]
        gap = np.full(k, inf)
        gap[order[1:-1]] = sorted_f[2:] - sorted_f[:-2]
        left, right = np.full(k, -1), np.full(k, -1)
        left[order[1:]], right[order[:-1]] = order[:-1], order[1:]
        before.append(left.tolist())
        after.append(right.tolist())
        value.append((f[:, j] / span[j]).tolist())
        share.append(gap.tolist())
    distance = np.array(share).sum(axis=0)
    axes = tuple(zip(before, after, value, share, strict=True))
    gone = np.zeros(k, dtype=bool)
    for _ in range(k - n):
        i = int(distance.argmin())
        if distance[i] == inf:
            # None but extremes are left: the first of them leaves.
            i = int(np.flatnonzero(~gone)[0])
        gone[i], distance[i] = True, inf
        for left_of, right_of, at, part in axes:
            p, q = left_of[i], right_of[i]
            if p >= 0:
                right_of[p] = q
                part[p] = inf if q < 0 or left_of[p] < 0 else at[q] - at[left_of[p]]
                distance[p] = sum(other[3][p] for other in axes)
            if q >= 0:
                left_of[q] = p
                part[q] = inf if p < 0 or right_of[q] < 0 else at[right_of[q]] - at[p]
                distance[q] = sum(other[3][q] for other in axes)
    return np.flatnonzero(~gone)
