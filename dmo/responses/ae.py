"""Autoencoding: a linear map from one non-dominated set to the next, applied once more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import fraction
from dmo.history import History
from dmo.responses.take import take
from dmo.responses.tracks import tracks
from dmo.space import Space
from dmo.types import Array

# Singular values below this share of the largest are rounding: sets often lie in fewer dimensions
# than the space has, and the least-norm map leaves those out.
NEGLIGIBLE = 1e-10


@dataclass(frozen=True)
class AE:
    """Map the last non-dominated set by what mapped the set before onto it; add old members and random ones.

    share: of the population that comes from the last non-dominated set, as far as that has members.
    The mapped set is evaluated first, as its better half is what the method keeps. What remains is
    random; so is half of the population after the first change, when there is no map yet.
    Source: Feng, Zhou, Liu, Ong & Tan, Solving Dynamic Multiobjective Problem via Autoencoding
    Evolutionary Search, IEEE Trans. Cybernetics 52(5), 2022: the least-squares solution of a
    denoising autoencoder whose corrupted input is the older set.
    Deviation: the solution pairs the members of both sets, which the paper leaves open; here each is
    paired with the one that made the same trade-off (see tracks). All mapped points compete for
    their places, where the paper lets half of the population compete. Points outside are clipped.
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        fraction("share", self.share)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The last non-dominated set, mapped; nothing after the first change."""
        if len(history.answers) < 2:
            return space.empty()
        before, last = tracks(history.answers[-2:])
        return space.repair(last @ fit(before, last))

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Members of the last non-dominated set, at most once each, and random points."""
        last = history.answers[-1].x
        mapped = min(n // 2, len(history.probes))
        old = min(round(self.share * n), len(last), n - mapped)
        return np.concatenate([take(last, old, rng), space.sample(n - mapped - old, rng)])


def fit(source: Array, target: Array) -> Array:
    """The matrix M, (p, d), with source M = target in the least-squares sense, of least norm."""
    return np.asarray(np.linalg.lstsq(source, target, rcond=NEGLIGIBLE)[0])
