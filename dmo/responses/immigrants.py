"""Random immigrants: the response of DNSGA-II-A."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import fraction
from dmo.history import History
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Immigrants:
    """Keep the last population but replace a share of it by random points.

    share: of the new population that is random.
    Source: Deb, Rao & Karthik, Dynamic multi-objective optimization ... using NSGA-II (2007),
    DNSGA-II-A.
    """

    share: float = 0.3

    def __post_init__(self) -> None:
        fraction("share", self.share)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Random members of the last population, then the immigrants."""
        new = round(self.share * n)
        return np.concatenate([take(history.populations[-1].x, n - new, rng), space.sample(new, rng)])
