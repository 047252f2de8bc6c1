"""Active: which strategies to measure next, so that the predicted front becomes surer."""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
from numpy.random import Generator

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array, IntArray
from surrogates.protocol import Fitted


@dataclass(frozen=True)
class NearFront:
    """Measure where errors near the front are expected to shrink most.

    reach: how far behind the front a candidate still counts, in deviations; likeness: how near,
    in standardised features, a candidate is to a chosen one to be discounted for it.

    A candidate's worth is the sum of its relative deviations times the normal density of how many
    deviations it lies behind the predicted front: certain points and hopeless ones teach little.
    Of a batch, each further one is discounted by its likeness to those already chosen.
    Source: Zuluaga et al., epsilon-PAL (2016): sample the most uncertain of those that may be on the
    front. Deviation: a soft edge instead of uncertainty boxes, and batches.
    Raises ArgumentError when a setting is out of range.
    """

    reach: float = 1.0
    likeness: float = 0.3

    def __post_init__(self) -> None:
        for name in ("reach", "likeness"):
            at_least(name, getattr(self, name), 1e-6)

    def choose(self, fitted: Fitted, x: Array, objectives: IntArray, n: int, rng: Generator) -> IntArray:
        """n different rows of the candidates x, (m, q), to measure next.

        objectives: which predicted targets are minimised. Raises ArgumentError for n > m.
        """
        _check(n, len(x))
        mean, std = (a[:, objectives] for a in fitted.predict(x))
        worth = np.log(self.worth(mean, std) + 1e-300)
        z = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0.0, x.std(axis=0), 1.0)
        scale = 2.0 * z.shape[1] * self.likeness**2
        free = np.ones(len(x), dtype=bool)
        chosen = []
        for _ in range(n):
            best = int(np.argmax(np.where(free, worth, -np.inf)))
            chosen.append(best)
            free[best] = False
            like = np.exp(-((z - z[best]) ** 2).sum(axis=1) / scale)
            worth = worth + np.log(np.maximum(1.0 - like, 1e-12))
        return np.array(chosen)

    def worth(self, mean: Array, std: Array) -> Array:
        """(m,) of candidates whose objectives are predicted as mean and std, (m, k)."""
        relative = std / np.maximum(np.abs(mean), 1e-12)
        front = mean[moocore.is_nondominated(np.ascontiguousarray(mean))]
        # A point is on the front once it beats every front point in some objective: by the least
        # of the objectives, at the front point where that is most.
        gap = ((mean[:, None] - front[None]) / np.maximum(std[:, None], 1e-12)).clip(min=0.0)
        behind = gap.min(axis=2).max(axis=1) / self.reach
        return np.asarray(relative.sum(axis=1) * np.exp(-0.5 * behind**2))


@dataclass(frozen=True)
class AtRandom:
    """Measure any: what an active choice is compared with."""

    def choose(self, fitted: Fitted, x: Array, objectives: IntArray, n: int, rng: Generator) -> IntArray:
        """n different rows of the candidates x, (m, q). Raises ArgumentError for n > m."""
        _check(n, len(x))
        return rng.permutation(len(x))[:n]


def _check(n: int, m: int) -> None:
    at_least("n", n, 1)
    if n > m:
        raise ArgumentError("n", f"at most the {m} candidates", repr(n), "offer more or ask for fewer")
