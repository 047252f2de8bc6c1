"""Reuse: old members that move towards feasible ones, and as many random points; the response of dCMOEA."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import fraction
from dmo.dominance import nondominated, select
from dmo.history import History
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Reuse:
    """Evaluate the old population and some random points; the better old members then move.

    share: of the population that is random, and whose complement is the old members that move. Each goes
    a random part of the way, another one in each variable, to a random point of those that are
    feasible now; where none is, to one of the least violation. What was evaluated stays in the
    competition.
    Source: Chen, Ding, Yang & Chai, A Novel Evolutionary Algorithm for Dynamic Constrained
    Multiobjective Optimization Problems, IEEE Trans. Evolutionary Computation 24(4), 2020, the change
    response and steady-state update.
    Deviations: the paper's text was not at hand; this is the response as a later comparison runs it
    (d-CMOEA of the program DCMOEA-CTD, 2024), which draws random points again, up to ten times, until
    one is feasible, and charges no evaluation to the budget. Here they are drawn once, and all count.
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        fraction("share", self.share)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The last population, then the random points."""
        last = history.populations[-1].x
        return np.concatenate([last, space.sample(round(self.share * len(last)), rng)])

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The best of the old members, each on its way to a feasible point."""
        probes = history.probes
        old = probes[: len(history.populations[-1])]
        rows = max(1, n - len(probes), n - round(self.share * n))
        best = np.resize(select(old, rows), rows)
        targets = np.flatnonzero(probes.feasible)
        if len(targets) == 0:
            targets = np.flatnonzero(nondominated(probes))
        x = old.x[best]
        towards = probes.x[rng.choice(targets, rows)]
        return space.repair(x + rng.random(x.shape) * (towards - x))
