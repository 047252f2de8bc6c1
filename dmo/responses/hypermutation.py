"""Hypermutation: the response of DNSGA-II-B."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array
from dmo.variation import polynomial_mutation


@dataclass(frozen=True)
class Hypermutation:
    """Keep the last population but replace a share of it by strongly mutated members.

    share: of the new population that is mutated; mutation: chance of each variable; eta:
    distribution index, small for large steps.
    Source: Deb, Rao & Karthik, Dynamic multi-objective optimization ... using NSGA-II (2007),
    DNSGA-II-B.
    """

    share: float = 0.3
    mutation: float = 0.5
    eta: float = 4.0

    def __post_init__(self) -> None:
        fraction("share", self.share)
        fraction("mutation", self.mutation)
        at_least("eta", self.eta, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Random members of the last population, then mutants of others."""
        members = take(history.populations[-1].x, n, rng)
        kept = n - round(self.share * n)
        mutants = polynomial_mutation(members[kept:], space, rng, prob=self.mutation, eta=self.eta)
        return np.concatenate([members[:kept], mutants])
