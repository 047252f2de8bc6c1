"""Knowledge transfer with a mixture model: sample like those past sets that good random points resemble."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least
from dmo.dominance import select
from dmo.history import History
from dmo.responses.moments import mixed, moments
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class KTMM:
    """Sample Gaussians whose moments are mixed from past sets and the better half of random points.

    pool: past sets that take part at most; own: weight of the random points, where a past set
    whose moments are at distance r of theirs has 1 / r; scaled: whether distances are between
    variables scaled to [0, 1], which the source's are not: set it where their units differ. As many
    random points as the population has members are evaluated first, and compete with the sampled ones.
    Source: Zou, Hou, Jiang, Yang, Ruan, Xia & Liu, Knowledge Transfer With Mixture Model in Dynamic
    Multiobjective Optimization, IEEE Trans. Evolutionary Computation 29(5), 2025, in the form and
    with the parameters of pydmoo's program.
    Deviation: the pool is chosen anew from all that Evolve's `memory` keeps, where the program drops
    for good what was once not chosen.
    """

    pool: int = 14
    own: float = 0.5
    scaled: bool = False

    def __post_init__(self) -> None:
        at_least("pool", self.pool, 1)
        at_least("own", self.own, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Random points."""
        return space.sample(len(history.populations[-1]), rng)

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Samples of the mixed Gaussians, one for each variable."""
        probes = history.probes
        span = np.where(self.scaled & (space.span > 0.0), space.span, 1.0)
        better = probes.x[select(probes, max(1, len(probes) // 2))]
        past = [x / span for x in _sets(history)]
        mean, deviation = mixed(moments(better / span), past, self.pool, self.own)
        return space.repair((mean + deviation * rng.standard_normal((n, space.dim))) * span)


def _sets(history: History) -> list[Array]:
    """Each past answer, or the whole population where the answer is one point and has no spread."""
    pairs = zip(history.answers, history.populations, strict=True)
    return [(answer if len(answer) > 1 else whole).x for answer, whole in pairs]
