"""Inverse modelling with knowledge transfer: mixed moments in the objectives, mapped back to variables."""

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
class IMKT:
    """Sample objectives from moments mixed of past fronts and the better half of a moved population.

    pool: past fronts that take part at most; own: weight of the moved population, where a past front
    whose moments are at distance r of its better half's has 1 / r; radius: least uniform noise on
    the moved population; scaled: whether variables are shares of their range, from its middle, and
    objectives shares of the better half's extent, which the source's are not: set it where units differ.
    The last population, moved by the last displacement of its centroid and with noise, is evaluated
    first. A least-squares linear map of its better half, objectives to variables, takes sampled
    objectives back. Values outside their bounds are random.
    Source: the program of pydmoo 0.1.6 (NSGA2IMKT), which names the manuscript "Inverse modeling for
    dynamic multiobjective optimization with knowledge transfer in objective space".
    Deviation: the pool is chosen anew each time.
    """

    pool: int = 10
    own: float = 0.5
    radius: float = 0.1
    scaled: bool = False

    def __post_init__(self) -> None:
        at_least("pool", self.pool, 1)
        at_least("own", self.own, 0.0)
        at_least("radius", self.radius, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The last population, moved and scattered."""
        before, last = history.populations[-2:][0].x, history.populations[-1].x
        span = np.where(self.scaled & (space.span > 0.0), space.span, 1.0)
        step = (last.mean(axis=0) - before.mean(axis=0)) / span
        radius = max(float(np.linalg.norm(step)) / space.n_obj, self.radius)
        noise = rng.uniform(-radius, radius, last.shape)
        return _inside(last + (step + noise) * span, space, rng)

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Points whose objectives are expected to be like those of past fronts that resemble the new one."""
        probes = history.probes
        better = probes[select(probes, max(1, len(probes) // 2))]
        extent = np.ptp(better.f, axis=0)
        scale = np.where(self.scaled & (extent > 0.0), extent, 1.0)
        past = [answer.f / scale for answer in history.answers]
        mean, deviation = mixed(moments(better.f / scale), past, self.pool, self.own)
        wanted = mean + deviation * rng.standard_normal((n, space.n_obj))
        middle = 0.5 * (space.lower + space.upper) * self.scaled
        inverse = np.linalg.lstsq(better.f / scale, better.x - middle, rcond=None)[0]
        return _inside(middle + wanted @ inverse, space, rng)


def _inside(x: Array, space: Space, rng: Generator) -> Array:
    """x with random values in place of those outside their bounds."""
    outside = (x < space.lower) | (x > space.upper)
    return space.repair(np.where(outside, space.sample(len(x), rng), x))
