"""Population prediction strategy: the next centre and the next shape, each from the past ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least
from dmo.history import History
from dmo.responses.autoregression import forecast
from dmo.responses.immigrants import Immigrants
from dmo.responses.take import keep
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class PPS:
    """Predict a whole population: its centre by autoregression, its manifold by the last one, plus noise.

    order: p of the AR(p) model of the centre, one model per variable; length: M, how many past
    centres it is fitted to at most, as far as Evolve's `memory` reaches; constant: whether the model
    has a constant term. The noise has the variance of the model's residuals plus D^2 / d, where D is
    the mean distance from each point of the last manifold to the nearest of the one before. Until
    there are 2 order centres, half of the population is random and half is kept.
    Without a constant, as published, the first models have as many weights as targets and may throw
    the centre far off; where environments are short that is felt for long. A constant tames them.
    Source: Zhou, Jin & Zhang, A Population Prediction Strategy for Evolutionary Dynamic
    Multiobjective Optimization, IEEE Trans. Cybernetics 44(1), 2014, section III. What it leaves open
    is as in the authors' program: centre and manifold are the whole population's, 2 order centres
    are enough, and a centre predicted outside the space is the last one.
    Deviation: a point outside the space is put halfway between the bound and the point whose
    manifold it has, as the paper says; the program takes another member there.
    """

    order: int = 3
    length: int = 23
    constant: bool = False

    def __post_init__(self) -> None:
        at_least("order", self.order, 1)
        at_least("length", self.length, 2 * self.order)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The predicted centre with the last manifold and noise."""
        past = [population.x for population in history.populations[-self.length :]]
        if len(past) < 2 * self.order:
            return Immigrants(0.5).respond(history, space, n, rng)
        centres = np.stack([x.mean(axis=0) for x in past])
        centre, deviation = forecast(centres, self.order, self.constant)
        centre = np.where((centre < space.lower) | (centre > space.upper), centres[-1], centre)
        members = keep(past[-1], n, rng)
        shape = members - centres[-1]
        change = set_distance(past[-1] - centres[-1], past[-2] - centres[-2])
        spread = np.sqrt(deviation**2 + change**2 / space.dim)
        return space.repair(halfway(centre + shape + rng.normal(size=shape.shape) * spread, members, space))


def set_distance(a: Array, b: Array) -> float:
    """Mean distance from each row of a, (n, d), to the nearest row of b, (k, d)."""
    squares = np.square(a[:, None, :] - b[None, :, :]).sum(axis=2)
    return float(np.sqrt(squares.min(axis=1)).mean())


def halfway(x: Array, parents: Array, space: Space) -> Array:
    """x, (n, d), with each value outside the space put midway between the bound and its parent's value."""
    below = np.where(x < space.lower, 0.5 * (space.lower + parents), x)
    return np.where(x > space.upper, 0.5 * (space.upper + parents), below)
