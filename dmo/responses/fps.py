"""Feed-forward prediction: the next extreme points of the set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.responses.autoregression import forecast
from dmo.responses.immigrants import Immigrants
from dmo.responses.pps import halfway
from dmo.space import Space
from dmo.types import Array

QUANTILE = 1.6449  # of the standard normal: 90 % of it lies within


@dataclass(frozen=True)
class FPS:
    """Predict the best point of each objective and the one nearest to the ideal; keep the rest.

    order: p of the AR(p) models; length: how many past points each is fitted to at most; share: of
    the remaining population that is random. Each of the m + 1 points gives three: the prediction,
    and two that are off by 1.6449 deviations of the model's residuals up or down in each variable.
    Until there are 2 order environments, half of the population is random and half is kept.
    Source: Hatzakis & Wallace, Dynamic multi-objective optimization with evolutionary algorithms: a
    forward-looking approach (GECCO 2006), in the form compared with PPS by Zhou, Jin & Zhang (2014).
    Deviation: points are sought in the non-dominated set, whose constraints hold where any do; the
    deviation is each point's own, where the authors' program takes the first point's for all.
    """

    order: int = 3
    length: int = 23
    share: float = 0.3

    def __post_init__(self) -> None:
        at_least("order", self.order, 1)
        at_least("length", self.length, 2 * self.order)
        fraction("share", self.share)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Three points for each prediction, then old members and random ones."""
        past = history.answers[-self.length :]
        if len(past) < 2 * self.order:
            return Immigrants(0.5).respond(history, space, n, rng)
        keys = np.stack([_key_points(answer) for answer in past])
        value, deviation = forecast(keys.reshape(len(keys), -1), self.order)
        centre, width = value.reshape(keys.shape[1:]), QUANTILE * deviation.reshape(keys.shape[1:])
        signs = rng.choice([-1.0, 1.0], size=(2, *centre.shape))
        predicted = np.concatenate([centre, *(centre + signs * width)])
        predicted = halfway(predicted, np.tile(keys[-1], (3, 1)), space)[:n]
        rest = n - len(predicted)
        if rest:
            predicted = np.concatenate([predicted, Immigrants(self.share).respond(history, space, rest, rng)])
        return space.repair(predicted)


def _key_points(answer: Batch) -> Array:
    """The best point of each objective and the one nearest to the ideal, (m + 1, d)."""
    ideal = answer.f.min(axis=0)
    nearest = np.square(answer.f - ideal).sum(axis=1).argmin()
    return answer.x[[*answer.f.argmin(axis=0), nearest]]
