"""Transfer learning: where the old front lies once the old and the new objectives look alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.distances import squared_distances
from dmo.history import History
from dmo.responses.gaussian_process import GaussianProcess, SquaredExponential, most_likely
from dmo.responses.take import take
from dmo.responses.transfer_components import TransferComponents, fit
from dmo.space import Space
from dmo.types import Array

LENGTHS = (0.05, 0.1, 0.25, 0.5, 1.0)  # of the model, as shares of the diagonal of the space
NOISE = 1e-3
FIRST_STEP, SHRINKAGE = 0.2, 0.8  # of the search, as a share of the ranges, and from round to round


@dataclass(frozen=True)
class TrDMOEA:
    """Find points of the new environment that the latent space puts where the old front's points are.

    random, old: points evaluated first, drawn from the space and from the last population, as
    shares of it; dimensions: of the latent space; trade_off: mu; gamma: of the Gaussian kernel
    exp(-gamma r^2), r between objectives scaled to [0, 1] by the old population; rounds: of the search.
    Source: Jiang, Huang, Qiu, Huang & Yen, Transfer Learning-Based Dynamic Multiobjective Optimization
    Algorithms, IEEE Trans. Evolutionary Computation 22(4), 2018, algorithms 1 and 2.
    Deviation: the paper minimises the latent distance by an interior-point method that evaluates the
    new problem at every step, hundreds of times for each point, and does not count it. Here every
    evaluation counts: a Gaussian process fitted to the points evaluated first stands for the
    problem, and all points search it together by shrinking random steps. The source sample is the
    old population, as a past environment cannot be sampled. Constraints take no part.
    """

    random: float = 0.25
    old: float = 0.25
    dimensions: int = 20
    trade_off: float = 0.5
    gamma: float = 1.0
    rounds: int = 20

    def __post_init__(self) -> None:
        for name in ("random", "old"):
            fraction(name, getattr(self, name))
        at_least("dimensions", self.dimensions, 1)
        at_least("trade_off", self.trade_off, 1e-9)
        at_least("gamma", self.gamma, 1e-9)
        at_least("rounds", self.rounds, 0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Random points and old members, one at least."""
        last = history.populations[-1].x
        random = space.sample(round(self.random * len(last)), rng)
        old = min(len(last), max(round(self.old * len(last)), 1 - len(random)))
        return np.concatenate([random, take(last, old, rng)])

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """One point for each of the old front's, and random ones."""
        last, probes = history.populations[-1], history.probes
        low, extent = last.f.min(axis=0), np.ptp(last.f, axis=0)
        scale = np.where(extent > 0.0, extent, 1.0)
        source, target = (last.f - low) / scale, (probes.f - low) / scale
        source = take(source, min(len(source), len(target)), rng)
        latent = fit(source, target, self.dimensions, self.trade_off, self.gamma)
        front = (history.answers[-1].f - low) / scale
        rows = max(1, n - len(probes))
        goals = latent.transform(take(front, min(rows, len(front)), rng))
        span = np.where(space.span > 0.0, space.span, 1.0)
        u = (probes.x - space.lower) / span
        kernels = [SquaredExponential(length * np.sqrt(space.dim)) for length in LENGTHS]
        mean = target.mean(axis=0)
        model = most_likely(u, target - mean, kernels, NOISE)
        start = squared_distances(goals, latent.transform(target)).argmin(axis=1)
        found = self._search(u[start], goals, model, mean, latent, rng)
        return space.repair(
            np.concatenate([space.lower + span * found, space.sample(rows - len(found), rng)])
        )

    def _search(
        self,
        u: Array,
        goals: Array,
        model: GaussianProcess,
        mean: Array,
        latent: TransferComponents,
        rng: Generator,
    ) -> Array:
        """Points in [0, 1]^d whose modelled objectives come nearer to the goals, (k, d), from u."""
        best = np.full(len(u), np.inf)
        step, tried = FIRST_STEP, u
        for _ in range(self.rounds + 1):
            distance = ((latent.transform(mean + model.predict(tried)) - goals) ** 2).sum(axis=1)
            better = distance < best
            u, best = np.where(better[:, None], tried, u), np.where(better, distance, best)
            tried = np.clip(u + step * rng.standard_normal(u.shape), 0.0, 1.0)
            step *= SHRINKAGE
        return u
