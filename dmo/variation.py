"""Variation operators on arrays: simulated binary crossover, polynomial mutation, for mixed variables.

Powers are taken only of the variables that take part, which are few: they cost more than all the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from dmo.space import Space
from dmo.types import Array


def sbx(a: Array, b: Array, space: Space, rng: Generator, *, prob: float = 0.9, eta: float = 15.0) -> Array:
    """Two children of each pair of parents: (2n, d) from a, b of (n, d); the first n are a's.

    prob: share of pairs that cross at all; eta: distribution index. Each variable of a crossing
    pair takes part with probability 1/2, and its two values then change places with probability
    1/2. Integer variables only change places: a blend of levels has no meaning.
    Source: Deb & Agrawal, Simulated Binary Crossover (1995); bounded form of Deb's NSGA-II code.
    """
    n, d = a.shape
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    pairs = rng.random((n, 1)) < prob
    part, order, u = rng.random((3, n, d))
    crossing = pairs & (part < 0.5)
    swap = crossing & (order < 0.5)
    children = np.concatenate([np.where(swap, b, a), np.where(swap, a, b)])
    # The values that blend, by their places in the flattened arrays.
    at = (crossing & (np.abs(b - a) > 1e-14) & ~space.integer).ravel().nonzero()[0]
    of_a, of_b = a.ravel()[at], b.ravel()[at]
    low, high = np.minimum(of_a, of_b), np.maximum(of_a, of_b)
    lower, upper = space.lower[at % d], space.upper[at % d]
    gap, sides = high - low, np.array([[-1.0], [1.0]])
    spread = _spread(u.ravel()[at], 1.0 + 2.0 * np.array([low - lower, upper - high]) / gap, eta) * gap
    blends = np.minimum(np.maximum(0.5 * (low + high + sides * spread), lower), upper)
    # Without a swap each child stays at its parent's side.
    low_first = (of_a <= of_b) ^ swap.ravel()[at]
    flat = children.reshape(-1)
    flat[at] = np.where(low_first, blends[0], blends[1])
    flat[at + n * d] = np.where(low_first, blends[1], blends[0])
    return children


def _spread(u: Array, beta: Array, eta: float) -> Array:
    """SBX's spread factors for uniform u, (k,), cut off at the bounds that beta, (2, k), tells of: (2, k)."""
    alpha = 2.0 - beta ** -(eta + 1.0)
    inner = u * alpha
    base = np.where(inner <= 1.0, inner, 1.0 / np.maximum(2.0 - inner, 1e-300))
    return np.asarray(base ** (1.0 / (eta + 1.0)))


def polynomial_mutation(
    x: Array, space: Space, rng: Generator, *, prob: float | None = None, eta: float = 20.0
) -> Array:
    """Mutated copies of x, (n, d). prob: chance of each variable, 1/d by default; eta: distribution index.

    An integer variable that mutates takes any other of its levels, each with the same chance.
    Source: Deb & Goyal (1996); bounded form of Deb's NSGA-II code.
    """
    hit, draws = rng.random((2, *x.shape))
    # The values that mutate, by their places in the flattened arrays.
    at = (hit < (1.0 / space.dim if prob is None else prob)).ravel().nonzero()[0]
    column, old, u = at % space.dim, x.ravel()[at], draws.ravel()[at]
    lower, upper = space.lower[column], space.upper[column]
    span = upper - lower
    down = u < 0.5
    tail = np.where(down, u, 1.0 - u)
    # Steps are the shorter, the nearer the bound that they go to.
    room = np.where(down, old - lower, upper - old) / np.where(span > 0.0, span, 1.0)
    step = 1.0 - (2.0 * tail + (1.0 - 2.0 * tail) * (1.0 - room) ** (eta + 1.0)) ** (1.0 / (eta + 1.0))
    new = old + np.where(down, -step, step) * span
    if space.has_integers:
        # One of the other levels: step 1 ... span beyond the present one, cyclically.
        ahead = np.minimum(1.0 + np.floor(u * span), span)
        other = lower + np.mod(old - lower + ahead, span + 1.0)
        new = np.where(space.integer[column], other, new)
    moved = np.array(x, order="C")
    moved.reshape(-1)[at] = np.minimum(np.maximum(new, lower), upper)
    return moved


def differential(
    base: Array, plus: Array, minus: Array, space: Space, rng: Generator, *, scale: float = 0.5
) -> Array:
    """base + scale * (plus - minus), row by row, (n, d).

    A variable that leaves the space returns to a random place between the base's and the bound. An
    integer variable in which plus and minus differ takes plus' level with probability `scale`: a
    difference of levels has no meaning.
    Source: Li & Zhang, MOEA/D-DE (2009), eq. 5 with a crossover rate of 1; the return to the space is
    that of the authors' code, where the paper draws from the whole range.
    """
    moved = base + scale * (plus - minus)
    u = rng.random(moved.shape)
    below, above = moved < space.lower, moved > space.upper
    moved = np.where(below, space.lower + u * (base - space.lower), moved)
    moved = np.where(above, space.upper - u * (space.upper - base), moved)
    if space.has_integers:
        moved = np.where(space.integer, np.where((plus != minus) & (u < scale), plus, base), moved)
    return np.clip(moved, space.lower, space.upper)
