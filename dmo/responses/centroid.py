"""Centroid shift: the first-order difference model of MOEA/D-FD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.responses.take import keep
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Centroid:
    """Move a share of the last population by the last displacement of its centroid, and keep the rest.

    share: of the members that move, spread evenly over the rows, so that in MOEA/D neighbours of
    those that move stay; noise: standard deviation of Gaussian noise on those that move, in each
    variable, as a share of the displacement's length. After the first change all stay.
    Source: Cao, Xu, Goodman & Li, A First-Order Difference Model-Based Evolutionary Dynamic
    Multiobjective Optimization (SEAL 2017), eqs. 4 and 5 and section 3.2: MOEA/D-FD, every second
    member and no noise. share = 1 with noise is the feed-forward model of others.
    """

    share: float = 0.5
    noise: float = 0.0

    def __post_init__(self) -> None:
        fraction("share", self.share)
        at_least("noise", self.noise, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The last population in its order, some members moved."""
        before, last = history.populations[-2:][0].x, history.populations[-1].x
        step = last.mean(axis=0) - before.mean(axis=0)
        x = keep(last, n, rng)
        moving = np.diff(np.floor(self.share * np.arange(n + 1))) > 0.0
        moved = x + step
        if self.noise > 0.0:
            moved = moved + rng.normal(0.0, self.noise * np.linalg.norm(step), x.shape)
        return space.repair(np.where(moving[:, None], moved, x))
