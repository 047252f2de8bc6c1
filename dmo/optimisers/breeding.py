"""Breeding: what genetic optimisers share - two parents, crossover, mutation, and their settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.space import Space
from dmo.types import Array, IntArray
from dmo.variation import polynomial_mutation, sbx


@dataclass(frozen=True)
class Genetic:
    """Settings that genetic optimisers share; each is a subclass with its source's defaults.

    pop_size: points kept, and points asked for each generation; crossover: share of pairs that
    cross; eta_crossover, eta_mutation: distribution indices; mutation: chance of each variable,
    1/d where None. Raises ArgumentError where one is out of range.
    """

    pop_size: int = 100
    crossover: float = 0.9
    eta_crossover: float = 15.0
    mutation: float | None = None
    eta_mutation: float = 20.0

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        at_least("eta_crossover", self.eta_crossover, 0.0)
        at_least("eta_mutation", self.eta_mutation, 0.0)
        fraction("crossover", self.crossover)
        if self.mutation is not None:
            fraction("mutation", self.mutation)


def entrants(members: int, pairs: int, rng: Generator) -> IntArray:
    """Who meets whom in the binary tournaments for `pairs` pairs of parents: (pairs, 2, 2) members.

    Entry [i, j] holds the two rivals for parent j of pair i. Every member enters before any enters
    again: drawn with replacement, a third of them would not enter at all, and fronts lose parts.
    Source: Deb's NSGA-II code, which reads its tournaments off shuffled lists.
    """
    places = 4 * pairs
    shuffled = rng.random((-(-places // members), members)).argsort(axis=1)
    return shuffled.ravel()[:places].reshape(pairs, 2, 2)


def breed(a: Array, b: Array, n: int, settings: Genetic, space: Space, rng: Generator) -> Array:
    """n children, (n, d), of the pairs a and b, (k, d) each, 2 k >= n; the first k are those of a."""
    children = sbx(a, b, space, rng, prob=settings.crossover, eta=settings.eta_crossover)[:n]
    return mutate(children, settings, space, rng)


def duel(x: Array, n: int, settings: Genetic, space: Space, rng: Generator) -> Array:
    """n children, (n, d), of winners of binary tournaments in a population x, (k, d), whose best comes first.

    Of two rivals, drawn with replacement, the one placed earlier wins.
    """
    pairs = (n + 1) // 2
    rivals = rng.integers(len(x), size=(2 * pairs, 2))
    parents = x.take(np.minimum(rivals[:, 0], rivals[:, 1]), axis=0)
    return breed(parents[:pairs], parents[pairs:], n, settings, space, rng)


def mutate(x: Array, settings: Genetic, space: Space, rng: Generator) -> Array:
    """Mutated copies of x, (n, d)."""
    return polynomial_mutation(x, space, rng, prob=settings.mutation, eta=settings.eta_mutation)
