"""Support vector regression of many small problems, in one compiled loop.

As dmo.kernels, which takes half a second to load, this is imported inside the functions that use it.
"""

from __future__ import annotations

import numpy as np
from numba import types

from dmo.kernels import compiled
from dmo.types import Array, IntArray

TOLERANCE = 1e-8  # of the optimality conditions, in units of y
STEPS = 100  # for each point of a problem; few need more than two
RIDGE = 1e-12  # on the kernel's diagonal: rounding makes a singular one indefinite

_real, _count, _index = types.float64, types.intp, types.Array(types.intp, 1, "C")
_vector, _square = (types.Array(types.float64, k, "C") for k in (1, 2))
_rows = types.Array(types.float64, 2, "C", readonly=True)


@compiled(types.void(_square, _square, _index, _count, _count))
def _factor(factor: Array, kernel: Array, free: IntArray, first: int, count: int) -> None:
    """Rows `first` to count - 1 of the kernel's Cholesky factor between free points; those before stand."""
    for i in range(first, count):
        for j in range(i + 1):
            rest = kernel[free[i], free[j]]
            for k in range(j):
                rest -= factor[i, k] * factor[j, k]
            factor[i, j] = np.sqrt(max(rest, 0.0) + RIDGE) if i == j else rest / factor[j, j]


@compiled(types.void(_square, _count, _vector))
def _solve(factor: Array, count: int, v: Array) -> None:
    """Solve factor @ factor.T @ z = v, (count,), in place."""
    for i in range(count):
        for k in range(i):
            v[i] -= factor[i, k] * v[k]
        v[i] /= factor[i, i]
    for i in range(count - 1, -1, -1):
        v[i] /= factor[i, i]
        for k in range(i):
            v[k] -= factor[i, k] * v[i]


@compiled(_real(_square, _vector, _real, _real, _vector))
def _regress(kernel: Array, y: Array, penalty: float, tube: float, w: Array) -> float:
    """Leave the weights of one regression in w, (n,), and return its constant: an active-set method.

    A point is free, with a weight of one sign and an error of just the tube, or its weight is 0 or
    at the bound. Each step goes towards the best weights of the free ones, as far as all keep their
    signs and bounds; one that meets either is free no more. When none does, the two points that most
    want to move against each other are set free.
    """
    n = len(y)
    w[:] = 0.0
    rest = y.copy()  # y less what the weights make of it
    free, sign, count = np.empty(n, dtype=np.intp), np.zeros(n), 0  # sign is 0 where a point is not free
    factor, known = np.empty((n, n)), 0  # of the first `known` free points
    move, ones = np.empty(n), np.empty(n)
    constant, settled = 0.0, True
    for _ in range(STEPS * n):
        if settled:
            # A weight that can rise wants to where the constant is below `high`; one that can fall,
            # where it is above `low`.
            high, low, up, down = -np.inf, np.inf, 0, 0
            for i in range(n):
                if w[i] < penalty and rest[i] - (tube if w[i] >= 0.0 else -tube) > high:
                    high, up = rest[i] - (tube if w[i] >= 0.0 else -tube), i
                if w[i] > -penalty and rest[i] + (tube if w[i] <= 0.0 else -tube) < low:
                    low, down = rest[i] + (tube if w[i] <= 0.0 else -tube), i
            constant = 0.5 * (high + low)
            if high - low <= TOLERANCE:
                break
            for i, way in ((up, 1.0), (down, -1.0)):
                if sign[i] == 0.0:
                    sign[i] = np.sign(w[i]) if w[i] != 0.0 else way
                    free[count] = i
                    count += 1
        _factor(factor, kernel, free, known, count)
        known = count
        for k in range(count):
            move[k], ones[k] = rest[free[k]] - sign[free[k]] * tube, 1.0
        _solve(factor, count, move)
        _solve(factor, count, ones)
        shift = move[:count].sum() / ones[:count].sum()  # the weights' sum stays 0
        step, blocked, bound = 1.0, -1, 0.0
        for k in range(count):
            move[k] -= shift * ones[k]
            i = free[k]
            end = sign[i] * penalty if move[k] * sign[i] > 0.0 else 0.0
            if abs(move[k]) * step > abs(end - w[i]):
                step, blocked, bound = abs(end - w[i]) / abs(move[k]), k, end
        for k in range(count):
            j = free[k]
            w[j] += step * move[k]
            # Where several meet their ends at once, rounding takes all but one of them beyond.
            w[j] = sign[j] * min(max(sign[j] * w[j], 0.0), penalty)
            for i in range(n):
                rest[i] -= step * move[k] * kernel[j, i]
        settled = blocked < 0
        if not settled:
            w[free[blocked]], sign[free[blocked]] = bound, 0.0
            count -= 1
            known = blocked
            for k in range(blocked, count):
                free[k] = free[k + 1]
            settled = count < 2  # one alone cannot move
    return constant


def fit(kernel: Array, y: Array, penalty: float, tube: float) -> tuple[Array, float]:
    """Weights, (n,), and constant of an epsilon-regression, kernel @ weights + constant.

    kernel: (n, n) positive semi-definite; y: (n,); penalty: C > 0, the bound of each weight; tube:
    epsilon > 0, the error that costs nothing. Of the constants that do, the middle is taken.
    Source: Smola & Schoelkopf, A tutorial on support vector regression (2004), eq. 10 (the dual);
    Nocedal & Wright, Numerical Optimization (2006), algorithm 16.3 (its solution by active sets).
    """
    weights = np.empty(len(y))
    constant = _regress(np.array(kernel), np.array(y), penalty, tube, weights)
    return weights, constant


@compiled(_vector(_rows, _count, _real, _real, _real))
def predict(series: Array, order: int, penalty: float, tube: float, gamma: float) -> Array:
    """The next value of each of b series, (b, T) with T > order: (b,), by one regression each.

    A value is regressed on the `order` before it, with the kernel exp(-gamma |difference|^2).
    """
    b, length = series.shape
    n = length - order
    predicted, kernel, latest, weights = np.empty(b), np.empty((n, n)), np.empty(n), np.empty(n)
    for s in range(b):
        for i in range(n + 1):
            for j in range(min(i + 1, n)):
                square = 0.0
                for k in range(order):
                    square += (series[s, i + k] - series[s, j + k]) ** 2
                value = np.exp(-gamma * square)
                if i < n:
                    kernel[i, j] = kernel[j, i] = value
                else:
                    latest[j] = value
        predicted[s] = _regress(kernel, series[s, order:].copy(), penalty, tube, weights)
        for j in range(n):
            predicted[s] += weights[j] * latest[j]
    return predicted
