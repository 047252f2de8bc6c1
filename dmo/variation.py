"""Variation operators on arrays: simulated binary crossover, polynomial mutation, for mixed variables."""

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
    crossing = (rng.random((n, 1)) < prob) & (rng.random((n, d)) < 0.5)
    swap = crossing & (rng.random((n, d)) < 0.5)
    u = rng.random((n, d))
    low, high = np.minimum(a, b), np.maximum(a, b)
    gap = high - low
    blend = crossing & (gap > 1e-14) & ~space.integer
    safe = np.where(blend, gap, 1.0)
    first = 0.5 * ((low + high) - _spread(u, 1.0 + 2.0 * (low - space.lower) / safe, eta) * gap)
    second = 0.5 * ((low + high) + _spread(u, 1.0 + 2.0 * (space.upper - high) / safe, eta) * gap)
    # Keep each child at its parent's side, so that without a swap it resembles that parent.
    left = a <= b
    child_a = np.where(blend, np.where(left, first, second), a)
    child_b = np.where(blend, np.where(left, second, first), b)
    children = np.concatenate([np.where(swap, child_b, child_a), np.where(swap, child_a, child_b)])
    return np.asarray(np.clip(children, space.lower, space.upper))


def _spread(u: Array, beta: Array, eta: float) -> Array:
    """SBX's spread factor for uniform u, cut off so that the child stays within its bound."""
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
    chance = 1.0 / space.dim if prob is None else prob
    hit = rng.random(x.shape) < chance
    u = rng.random(x.shape)
    span = np.where(space.span > 0.0, space.span, 1.0)
    below, above = (x - space.lower) / span, (space.upper - x) / span
    power = 1.0 / (eta + 1.0)
    down = (2.0 * u + (1.0 - 2.0 * u) * (1.0 - below) ** (eta + 1.0)) ** power - 1.0
    up = 1.0 - (2.0 * (1.0 - u) + 2.0 * (u - 0.5) * (1.0 - above) ** (eta + 1.0)) ** power
    moved = x + np.where(u < 0.5, down, up) * space.span
    if space.integer.any():
        # One of the other levels: step 1 ... span beyond the present one, cyclically.
        step = 1.0 + np.floor(u * space.span)
        other = space.lower + np.mod(x - space.lower + np.minimum(step, space.span), space.span + 1.0)
        moved = np.where(space.integer, other, moved)
    return np.clip(np.where(hit, moved, x), space.lower, space.upper)
