"""Vector autoregression and environment-aware hypermutation: the change response of VARE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError
from dmo.history import History
from dmo.optimisers.weights import weights
from dmo.responses.vector_autoregression import forecast
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray
from dmo.variation import polynomial_mutation


@dataclass(frozen=True)
class VARE:
    """For each reference direction, predict its point or mutate it: what was the better lately is likelier.

    lag: past values that a value is regressed on, and environments by which success is judged;
    fewest: environments from which on there is a vector autoregression, until then the last step is
    repeated with noise; explained: share of the variance that principal components must explain;
    eta: largest distribution index of the mutation, lowered to a tenth as objectives and variables
    change more. A direction's point is the member at the smallest angle to it. These are evaluated
    first. After the first change all are mutated.
    Source: Jiang, Wang, Hu, Zhang & Yang, Vector Autoregressive Evolution for Dynamic Multi-Objective
    Optimisation, arXiv 2305.12752 (2023), with the choices of the first author's program.
    Deviation: the program judges success by which points survive their first selection, which a
    response is not told; here a prediction succeeded if it came nearer to where the direction's point
    was found than the point before it. Changes are relative to the extent of the last points in
    objectives and to the ranges of the variables, not to values that may be 0.
    Cost: with success to judge, about six forecasts a change, of about 1.5 ms for 100 directions.
    """

    lag: int = 5
    fewest: int = 20
    explained: float = 0.8
    eta: float = 20.0

    def __post_init__(self) -> None:
        at_least("lag", self.lag, 1)
        at_least("fewest", self.fewest, 2)
        fraction("explained", self.explained)
        at_least("eta", self.eta, 0.0)
        if self.fewest <= self.lag:
            raise ArgumentError(
                "fewest", f"more than lag = {self.lag}", f"{self.fewest}", "a regression needs values to fit"
            )

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The last environment's point of each direction."""
        last = history.populations[-1]
        return last.x[nearest(last.f, weights(len(last), space.n_obj))]

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """A prediction or a mutant for each of n directions."""
        directions = weights(n, space.n_obj)
        places = [nearest(population.f, directions) for population in history.populations]
        pairs = list(zip(history.populations, places, strict=True))
        series = np.stack([population.x[place] for population, place in pairs], axis=1)
        last, now = history.populations[-1][places[-1]], history.probes[nearest(history.probes.f, directions)]
        x = polynomial_mutation(now.x, space, rng, eta=self.eta * self._calm(last, now, space))
        predicted = self._chosen(series, rng)
        if predicted.any():
            x[predicted] = self._next(series[predicted], rng)
        return space.repair(x)

    def _calm(self, last: Batch, now: Batch, space: Space) -> float:
        """1 where nothing changed, 0.1 where much did."""
        extent, span = np.ptp(last.f, axis=0), space.span
        f = np.abs(now.f - last.f) / np.where(extent > 0.0, extent, 1.0)
        x = np.abs(now.x - last.x) / np.where(span > 0.0, span, 1.0)
        return max(float(np.exp(-(f.mean() + x.mean()))), 0.1)

    def _chosen(self, series: Array, rng: Generator) -> BoolArray:
        """Which directions are predicted, (n,), by chance from the success so far, within [0.1, 0.9]."""
        n, length, _ = series.shape
        if length < 2:
            return np.zeros(n, dtype=bool)
        chance = np.full(n, 0.5)
        if length > self.lag + 1:
            ends = range(length - self.lag, length)
            won = np.stack([self._succeeded(series[:, : end + 1]) for end in ends])
            chance = np.clip(won.mean(axis=0), 0.1, 0.9)
        return np.asarray(rng.random(n) < chance)

    def _succeeded(self, series: Array) -> BoolArray:
        """Whether the last value of each series, (n, T, d), was predicted better than by the one before."""
        found, before = series[:, -1], series[:, -2]
        return np.asarray(_length(self._next(series[:, :-1]) - found) < _length(before - found))

    def _next(self, series: Array, rng: Generator | None = None) -> Array:
        """The predicted point of each direction, (n, d), from its past ones, (n, T, d)."""
        if series.shape[1] >= self.fewest:
            return forecast(series, self.lag, self.explained)
        step = series[:, -1] - series[:, -2]
        noise = np.zeros(len(step)) if rng is None else rng.standard_normal(len(step))
        scatter = noise * _length(step) / (2.0 * np.sqrt(step.shape[1]))
        return np.asarray(series[:, -1] + step + scatter[:, None])


def nearest(f: Array, directions: Array) -> IntArray:
    """The row of f, (k, m), at the smallest angle to each direction, (n, m): (n,), f scaled to [0, 1]."""
    low, extent = f.min(axis=0), np.ptp(f, axis=0)
    scaled = (f - low) / np.where(extent > 0.0, extent, 1.0)
    length = _length(scaled)[:, None]
    return np.asarray((directions @ (scaled / np.where(length > 0.0, length, 1.0)).T).argmax(axis=1))


def _length(a: Array) -> Array:
    return np.asarray(np.sqrt((a**2).sum(axis=1)))
