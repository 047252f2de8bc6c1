"""Loops that numba compiles: what takes numpy a hundred calls on arrays too small to be worth one.

Importing this module takes half a second, so its users import it inside their functions. The first
process on a machine compiles it, a few seconds; later ones load it from numba's cache, which lies beside
this file or, where that cannot be written, in the user's cache folder. Matrices are C-contiguous and
float64, indices np.intp; nothing is checked here. No fast mathematics: results are those of the
formulas, bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, types

from dmo.types import Array, BoolArray, IntArray

F = TypeVar("F", bound=Callable[..., Any])

# Writable arrays convert to read-only types, so that one compiled version serves both.
_vector, _matrix, _cube = (types.Array(types.float64, k, "C", readonly=True) for k in (1, 2, 3))
_index, _orders = (types.Array(types.intp, k, "C", readonly=True) for k in (1, 2))
_mask = types.Array(types.boolean, 1, "C", readonly=True)
_real, _changed = types.float64, types.Array(types.float64, 2, "C")


def compiled(signature: Any) -> Callable[[F], F]:
    """A decorator: machine code for this one signature, taken from the cache or left there."""

    def decorate(function: F) -> F:
        try:
            return cast(F, njit([signature], cache=True)(function))
        except RuntimeError:  # no folder for a cache can be written: every process compiles
            return cast(F, njit([signature])(function))

    return decorate


@compiled(types.boolean(_matrix, _vector, _vector, _mask))
def inside(x: Array, lower: Array, upper: Array, integer: BoolArray) -> bool:
    """Whether all of x, (n, d), lies within the bounds, whole where it has to be; NaN does not."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            v = x[i, j]
            if not lower[j] <= v <= upper[j] or (integer[j] and v != np.rint(v)):
                return False
    return True


@compiled(types.intp[::1](_matrix))
def distinct(x: Array) -> IntArray:
    """Indices, ascending, of the first of each group of equal rows of x, (n, d)."""
    n, d = x.shape
    weight = np.sin(np.arange(1.0, d + 1.0))  # linearly independent: whole numbers do not cancel
    key = np.zeros(n)
    for i in range(n):
        for j in range(d):
            key[i] += weight[j] * x[i, j]
    bits = key.view(np.uint64)
    # A hash table with open addressing, at most half full: its slots hold row numbers, or -1.
    size = 4
    while size < 2 * n:
        size *= 2
    slots = np.full(size, -1, dtype=np.intp)
    rows = np.empty(n, dtype=np.intp)
    count = 0
    for i in range(n):
        at = np.intp((bits[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) % size
        while slots[at] >= 0 and not np.all(x[slots[at]] == x[i]):
            at = (at + 1) % size
        if slots[at] < 0:
            slots[at] = rows[count] = i
            count += 1
    return rows[:count]


@compiled(types.void(types.Array(types.intp, 1, "C"), _vector))
def _sort(order: IntArray, key: Array) -> None:
    """Sort the indices in `order`, (k,), in place by their keys."""
    if len(order) > 16:
        order[:] = order[np.argsort(key[order])]
        return
    # Insertion: runs of equal values are many and short.
    for k in range(1, len(order)):
        i, at = order[k], k
        while at > 0 and key[order[at - 1]] > key[i]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = i


@compiled(types.void(_matrix, types.Array(types.intp, 2, "C")))
def settle(f: Array, orders: IntArray) -> None:
    """Sort equal values by their index in row j of orders, (m, n), which sorts column j of f, (n, m)."""
    m, n = orders.shape
    index = np.arange(float(n))
    for j in range(m):
        order, start = orders[j], 0
        for k in range(1, n + 1):
            if k == n or f[order[k], j] != f[order[k - 1], j]:
                if k - start > 1:
                    _sort(order[start:k], index)
                start = k


@compiled(types.intp[::1](types.Array(types.intp, 1, "C"), _index))
def by_rank(order: IntArray, ranks: IntArray) -> IntArray:
    """The indices in `order`, (n,), by their ranks; of equal ones in the order given."""
    place = np.zeros(ranks.max() + 2 if len(ranks) else 1, dtype=np.intp)
    for r in ranks:
        place[r + 1] += 1
    place = place.cumsum()
    sorted_ = np.empty_like(order)
    for i in order:
        sorted_[place[ranks[i]]] = i
        place[ranks[i]] += 1
    return sorted_


@compiled(types.intp[::1](_matrix, _index))
def fronts(f: Array, order: IntArray) -> IntArray:
    """Non-domination rank of two-objective points f, (n, 2), that order sorts by the first: (n,).

    Placed in this order, equal ones by the second objective, a point joins the first front whose
    latest point lies above it; the latest points of the fronts ascend.
    Source: Jensen, Reducing the run-time complexity of multiobjective EAs (2003), section III.
    """
    n = len(f)
    order, start, second = order.copy(), 0, f[:, 1].copy()
    for k in range(1, n + 1):
        if k == n or f[order[k], 0] != f[order[k - 1], 0]:
            if k - start > 1:
                _sort(order[start:k], second)
            start = k
    ranks = np.empty(n, dtype=np.intp)
    latest = np.empty(n)
    count = 0
    for k in range(n):
        i, h = order[k], order[k - 1]
        if k > 0 and f[i, 0] == f[h, 0] and f[i, 1] == f[h, 1]:
            ranks[i] = ranks[h]
            continue
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            if latest[middle] <= f[i, 1]:
                low = middle + 1
            else:
                high = middle
        ranks[i] = low
        latest[low] = f[i, 1]
        count = max(count, low + 1)
    return ranks


@compiled(types.float64[::1](_matrix, _orders, _index))
def crowding(f: Array, orders: IntArray, ranks: IntArray) -> Array:
    """Crowding distance of f, (n, m), within each rank; row j of orders, (m, n), sorts objective j."""
    n, m = f.shape
    distance = np.zeros(n)
    count = ranks.max() + 1 if n else 0
    lowest, span = np.empty(count), np.empty(count)  # of each rank
    nearest = np.empty(count, dtype=np.intp)  # of each rank, the point passed last
    below = np.empty(n, dtype=np.intp)  # of each point, its neighbour
    for j in range(m):
        nearest[:] = -1
        for i in orders[j]:
            r = ranks[i]
            if nearest[r] < 0:
                lowest[r] = f[i, j]
            span[r] = f[i, j] - lowest[r]
            below[i] = nearest[r]
            nearest[r] = i
        nearest[:] = -1
        for i in orders[j][::-1]:
            r = ranks[i]
            above = nearest[r]
            nearest[r] = i
            if above < 0 and below[i] < 0:
                distance[i] = np.inf
            elif span[r] > 0.0:
                edge = above < 0 or below[i] < 0
                distance[i] += np.inf if edge else (f[above, j] - f[below[i], j]) / span[r]
    return distance


@compiled(types.float64(_real, _real, _real))
def _factor(u: float, alpha: float, power: float) -> float:
    """SBX's spread factor for uniform u."""
    inner = u * alpha
    base = inner if inner <= 1.0 else 1.0 / max(2.0 - inner, 1e-300)
    factor: float = base ** (1.0 / power)
    return factor


@compiled(types.void(_changed, _vector, _cube, _vector, _vector, _mask, _real, _real))
def sbx(
    x: Array,
    pairs: Array,
    draws: Array,
    lower: Array,
    upper: Array,
    integer: BoolArray,
    prob: float,
    eta: float,
) -> None:
    """Cross the halves of x, (2n, d), in place; pairs, (n,), and draws, (3, n, d), are uniform."""
    n, power = len(pairs), eta + 1.0
    far = 2.0 ** (54.0 / power)  # from here on a bound does not count: beta^-power is rounded away
    for i in range(n):
        if pairs[i] >= prob:
            continue
        for j in range(x.shape[1]):
            if draws[0, i, j] >= 0.5:
                continue
            swap, u = draws[1, i, j] < 0.5, draws[2, i, j]
            a, b = x[i, j], x[n + i, j]
            low, high = min(a, b), max(a, b)
            gap = high - low
            if gap > 1e-14 and not integer[j]:
                # alpha cuts the spread off so that each child stays within its bound.
                beta_low = 1.0 + 2.0 * (low - lower[j]) / gap
                beta_high = 1.0 + 2.0 * (upper[j] - high) / gap
                alpha_low = 2.0 - beta_low**-power if beta_low < far else 2.0
                alpha_high = 2.0 - beta_high**-power if beta_high < far else 2.0
                down = _factor(u, alpha_low, power)
                up = down if alpha_high == alpha_low else _factor(u, alpha_high, power)
                first = min(max(0.5 * (low + high - down * gap), lower[j]), upper[j])
                second = min(max(0.5 * (low + high + up * gap), lower[j]), upper[j])
                # Without a swap each child stays at its parent's side.
                a, b = (first, second) if a <= b else (second, first)
            x[i, j], x[n + i, j] = (b, a) if swap else (a, b)


@compiled(types.void(_changed, _cube, _vector, _vector, _mask, _real, _real))
def mutate(
    x: Array, draws: Array, lower: Array, upper: Array, integer: BoolArray, prob: float, eta: float
) -> None:
    """Polynomial mutation of x, (n, d), in place; draws, (2, n, d), are uniform."""
    power = eta + 1.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            span = upper[j] - lower[j]
            if draws[0, i, j] >= prob or span == 0.0:
                continue
            u, v = draws[1, i, j], x[i, j]
            if integer[j]:
                # One of the other levels: 1 ... span beyond the present one, cyclically.
                v = lower[j] + (v - lower[j] + min(1.0 + np.floor(u * span), span)) % (span + 1.0)
            else:
                # Steps are the shorter, the nearer the bound that they go to.
                tail, room = (u, v - lower[j]) if u < 0.5 else (1.0 - u, upper[j] - v)
                kept = 2.0 * tail + (1.0 - 2.0 * tail) * (1.0 - room / span) ** power
                step = (1.0 - kept ** (1.0 / power)) * span
                v = v - step if u < 0.5 else v + step
            x[i, j] = min(max(v, lower[j]), upper[j])


@compiled(types.intp[::1](_matrix, _matrix))
def nearest(a: Array, b: Array) -> IntArray:
    """For each row of a, (n, d), the nearest row of b, (k, d), of equally near ones the first: (n,)."""
    places = np.zeros(len(a), dtype=np.intp)
    for i in range(len(a)):
        least = np.inf
        for k in range(len(b)):
            square = 0.0
            for j in range(a.shape[1]):
                square += (a[i, j] - b[k, j]) ** 2
            if square < least:
                least, places[i] = square, k
    return places
