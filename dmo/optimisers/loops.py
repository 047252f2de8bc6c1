"""Loops of optimisers that numba compiles; what holds for dmo/kernels.py holds here too."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.core.types import npy_rng
from numpy.random import Generator

from dmo.kernels import compiled
from dmo.types import Array, BoolArray, IntArray

_vector, _matrix = (types.Array(types.float64, k, "C", readonly=True) for k in (1, 2))
_index, _indices = (types.Array(types.intp, k, "C", readonly=True) for k in (1, 2))
_masks = types.Array(types.boolean, 2, "C", readonly=True)


@compiled(types.intp[::1](_masks, _vector, _matrix, _vector, _vector, types.intp, npy_rng))
def replacing(
    may: BoolArray,
    violation: Array,
    value: Array,
    violated: Array,
    kept: Array,
    most: int,
    rng: Generator,
) -> IntArray:
    """Where each of n subproblems has its next member, (n,): below n its own, n + i that of child i.

    may, value: (k, n) of child i for subproblem j; violation: (k,) of the children; violated, kept: (n,)
    violation and value of the members. Of those that it may replace a child takes at most `most`, at random.
    """
    k, n = value.shape
    source = np.arange(n)
    violated, kept = violated.copy(), kept.copy()
    rows = np.empty(n, dtype=np.intp)
    for i in range(k):
        count = 0
        for j in range(n):
            as_good = violation[i] == violated[j] and value[i, j] <= kept[j]
            if may[i, j] and (as_good or violation[i] < violated[j]):
                rows[count] = j
                count += 1
        chosen = rng.permutation(rows[:count])[:most] if count > most else rows[:count]
        for j in chosen:
            source[j], kept[j], violated[j] = n + i, value[i, j], violation[i]
    return source


@compiled(types.boolean[::1](_matrix, _indices, types.intp))
def thinned(f: Array, orders: IntArray, n: int) -> BoolArray:
    """Which of the points f, (k, m), are left, (k,), when the most crowded leaves until n are.

    f: objectives in units of their span; row j of orders, (m, k), sorts objective j. The sorted
    objectives are linked lists: a removal changes the distances of its neighbours alone.
    """
    k, m = f.shape
    before, after = np.full((m, k), -1), np.full((m, k), -1)
    share, distance = np.full((m, k), np.inf), np.zeros(k)
    for j in range(m):
        for at in range(k):
            i = orders[j, at]
            if at > 0:
                before[j, i] = orders[j, at - 1]
            if at < k - 1:
                after[j, i] = orders[j, at + 1]
            if 0 < at < k - 1:
                share[j, i] = f[orders[j, at + 1], j] - f[orders[j, at - 1], j]
            distance[i] += share[j, i]
    left = np.ones(k, dtype=np.bool_)
    for _ in range(k - n):
        least = -1
        for i in range(k):
            # Where none but extremes are left, the first of them leaves.
            if left[i] and (least < 0 or distance[i] < distance[least]):
                least = i
        left[least] = False
        for j in range(m):
            low, high = before[j, least], after[j, least]
            if low >= 0:
                after[j, low] = high
            if high >= 0:
                before[j, high] = low
            for i in (low, high):
                if i >= 0:
                    below, above = before[j, i], after[j, i]
                    share[j, i] = np.inf if below < 0 or above < 0 else f[above, j] - f[below, j]
                    distance[i] = 0.0
                    for other in range(m):
                        distance[i] += share[other, i]
    return left


@compiled(types.Tuple((types.intp[::1], types.intp[::1], types.float64))(_matrix, _index))  # type: ignore[no-untyped-call]
def assigned(distance: Array, before: IntArray) -> tuple[IntArray, IntArray, float]:
    """The nearest piece of each point, (n,), pieces that won or lost points, and the total distance.

    distance: (k, n); before: (n,), the piece of each point until now, -1 for none.
    """
    k, n = distance.shape
    part, changed, total = np.zeros(n, dtype=np.intp), np.zeros(k, dtype=np.bool_), 0.0
    for i in range(n):
        for c in range(1, k):
            if distance[c, i] < distance[part[i], i]:
                part[i] = c
        total += distance[part[i], i]
        if part[i] != before[i]:
            changed[part[i]] = True
            if before[i] >= 0:
                changed[before[i]] = True
    return part, np.flatnonzero(changed), total


@compiled(types.Tuple((types.float64[::1], types.float64[:, ::1]))(_matrix, _index, types.intp))  # type: ignore[no-untyped-call]
def centred(x: Array, part: IntArray, c: int) -> tuple[Array, Array]:
    """Mean, (d,), of the rows of x, (n, d), that belong to part c, and these less the mean, (members, d)."""
    d = x.shape[1]
    mean, spread, count = np.zeros(d), np.empty(x.shape), 0
    for i in range(len(x)):
        if part[i] == c:
            for j in range(d):
                mean[j] += x[i, j]
                spread[count, j] = x[i, j]
            count += 1
    for j in range(d):
        mean[j] /= max(count, 1)
    for i in range(count):
        for j in range(d):
            spread[i, j] -= mean[j]
    return mean, spread[:count]
