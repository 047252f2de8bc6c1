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
    import dmo.kernels as kernels

    n, d = a.shape
    children = np.ascontiguousarray(np.concatenate([a, b], dtype=float))
    pairs, draws = rng.random((n,)), rng.random((3, n, d))
    kernels.sbx(children, pairs, draws, space.lower, space.upper, space.integer, prob, eta)
    return children


def polynomial_mutation(
    x: Array, space: Space, rng: Generator, *, prob: float | None = None, eta: float = 20.0
) -> Array:
    """Mutated copies of x, (n, d). prob: chance of each variable, 1/d by default; eta: distribution index.

    An integer variable that mutates takes any other of its levels, each with the same chance.
    Source: Deb & Goyal (1996); bounded form of Deb's NSGA-II code.
    """
    import dmo.kernels as kernels

    chance = 1.0 / space.dim if prob is None else prob
    mutants = np.array(x, dtype=float, order="C")
    kernels.mutate(mutants, rng.random((2, *x.shape)), space.lower, space.upper, space.integer, chance, eta)
    return mutants


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
