"""Support vector regression of each member's past: the predictor of MOEA/D-SVR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least
from dmo.history import History
from dmo.responses.take import keep
from dmo.responses.tracks import tracks
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class SVR:
    """Predict each variable of each member by an epsilon-SVR of its past on the values before.

    order: q, past values that a value is regressed on; penalty: C; tube: epsilon, the error that
    costs nothing, as a share of the variable's range; gamma: of the Gaussian kernel, 1/d where None.
    Until there are order + 2 environments the population stays as it is.
    Source: Cao, Xu, Goodman, Bao & Zhu, Evolutionary Dynamic Multiobjective Optimization Assisted by
    a Support Vector Regression Predictor, IEEE Trans. Evolutionary Computation 24(2), 2020.
    Deviation: a member's past is what made its trade-off (see tracks), which any optimiser allows,
    where MOEA/D takes its weight's row; variables are scaled to [0, 1], so that tube and gamma mean
    the same in every range.
    Cost: one regression per member and variable; 1,000 of 24 values each take about 20 ms on one core.
    """

    order: int = 4
    penalty: float = 1000.0
    tube: float = 0.05
    gamma: float | None = None

    def __post_init__(self) -> None:
        at_least("order", self.order, 1)
        at_least("penalty", self.penalty, 1e-6)
        at_least("tube", self.tube, 1e-6)
        if self.gamma is not None:
            at_least("gamma", self.gamma, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Each member where its regression expects it."""
        from dmo.responses.support_vectors import predict

        last = history.populations[-1].x
        if len(history.populations) < self.order + 2:
            return keep(last, n, rng)
        span = np.where(space.span > 0.0, space.span, 1.0)
        past = (tracks(history.populations) - space.lower) / span
        series = past.reshape(len(past), -1).T
        gamma = 1.0 / space.dim if self.gamma is None else self.gamma
        value = predict(np.ascontiguousarray(series), self.order, self.penalty, self.tube, gamma)
        return keep(space.repair(space.lower + span * value.reshape(last.shape)), n, rng)
