"""Two-stage diversity compensation: the change response of TDCEA."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import fraction
from dmo.history import History
from dmo.space import Space
from dmo.types import Array, BoolArray


@dataclass(frozen=True)
class TDC:
    """Re-evaluate the population, replace a few members by random points, and disturb all others.

    share: of the new population that is random, drawn from feasible and infeasible members as their
    numbers are. The disturbance is, in each variable, a uniform share of the last displacement of the
    non-dominated set's centre. Members that are feasible now go along with it, times the feasible
    share, unless no objective changed: then they stay. The others go against it, times the
    infeasible share. After the first change, when there is no displacement yet, none is disturbed.
    Source: Chen, Guo, Wang, Liang, Gong & Yang, Evolutionary Dynamic Constrained Multiobjective
    Optimization: Test Suite and Algorithm, IEEE Trans. Evolutionary Computation 28(5), 2024, from its
    abstract, with the amounts that the program TDCEA of a comparison has (DCMOEAs, MIT licence).
    Deviations: the paper's text was not at hand. That program's displacement is always 0 by an
    oversight; here it is that of the abstract. Re-evaluated members compete with the disturbed
    ones. They cost evaluations, as all do here.
    """

    share: float = 0.1

    def __post_init__(self) -> None:
        fraction("share", self.share)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The last population."""
        return history.populations[-1].x

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Members in their order, some of them random, the others disturbed."""
        last, probes = history.populations[-1], history.probes
        rows = np.arange(n) if len(probes) == n else np.resize(rng.permutation(len(probes)), n)
        x, feasible = probes.x[rows], probes.feasible[rows]
        if len(history.answers) > 1:
            before, now = (answer.x.mean(axis=0) for answer in history.answers[-2:])
            feasible_share = probes.feasible.mean()
            along = feasible_share if (last.f != probes.f).any() else 0.0
            factor = np.where(feasible, along, feasible_share - 1.0)[:, None]
            x = x + factor * rng.random(x.shape) * (now - before)
        x = space.repair(reflected(x, space))
        for members, count in zip((feasible, ~feasible), self._counts(feasible), strict=True):
            chosen = rng.permutation(np.flatnonzero(members))[:count]
            x[chosen] = space.sample(len(chosen), rng)
        return x

    def _counts(self, feasible: BoolArray) -> tuple[int, int]:
        """How many of the feasible members become random, and how many of the others."""
        new = round(self.share * len(feasible))
        inside = round(float(feasible.mean()) * new)
        return inside, new - inside


def reflected(x: Array, space: Space) -> Array:
    """x with what is beyond a bound as far within, (n, d); from a long way out that is beyond the other."""
    low = np.where(x < space.lower, 2.0 * space.lower - x, x)
    return np.where(low > space.upper, 2.0 * space.upper - low, low)
