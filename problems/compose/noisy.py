"""Noisy: normal noise on the objectives, without a generator: a hash of what is evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from dmo.checks import at_least
from dmo.types import Array
from problems.compose.composition import Composition

Words = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@final
@dataclass(frozen=True)
class Noisy(Composition):
    """Normal noise on every objective, a pure function of x, t and `seed`.

    The same point at the same time has the same noise, so that asking again does not average it; another
    point, however near, has independent noise. std: its standard deviation, the same for all objectives.
    Constraints have none. Front and set stay those without noise: f of the set scatters about the front,
    and in a metric no searcher can have the value it would have without.
    Deviation: noise is usually drawn anew at each evaluation; here a problem is a function.
    Raises ArgumentError when std or seed is negative.
    """

    std: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("std", self.std, 0.0)
        at_least("seed", self.seed, 0)

    def _objectives(self, f: Array, x: Array, t: float) -> Array:
        return f + self.std * normal(x, t, self.seed, f.shape[1])


def normal(x: Array, t: float, seed: int, count: int) -> Array:
    """Standard normal numbers, (n, count): in each row a hash of that row of x, (n, d), of t and the seed."""
    state = np.full(len(x), seed, dtype=np.uint64)
    bits = (np.ascontiguousarray(x) + 0.0).view(
        np.uint64
    )  # + 0.0 makes -0.0 the same as 0.0, which it equals
    for column in (*bits.T, np.array([t + 0.0]).view(np.uint64)):
        state = _mixed(state ^ column)
    streams = _mixed(state[:, None] + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN)
    return np.asarray(ndtri(((streams >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53))


def _mixed(z: Words) -> Words:
    """SplitMix64's next state and finaliser of each word: every bit depends on every other.

    Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
    """
    z = z + GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
