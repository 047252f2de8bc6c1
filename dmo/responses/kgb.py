"""Knowledge-guided Bayesian classification: past optima say which random points are worth a try."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from scipy.cluster.hierarchy import linkage

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import nondominated
from dmo.history import History
from dmo.responses import bayes
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class KGB:
    """Examine the centroids of clustered past optima, and sample what resembles the best clusters.

    clusters: how many; their centroids are evaluated first. Members of clusters whose centroid is
    non-dominated are useful, the rest useless; candidates are random points and useful members with
    noise, and of those that a naive Bayes classifier calls useful enough are taken. candidates:
    random points per member of the population; noise: standard deviation of the noise, as a share of
    each variable's range. Where too few candidates are useful, useful members fill up.
    Source: Ye, Li, Lin, Wong, Li & Ming, Knowledge guided Bayesian classification for dynamic
    multi-objective optimization, Knowledge-Based Systems 250, 2022, 109173; parameters as in pymoo.
    Deviation: each environment's optima are first condensed to `clusters` clusters, then their
    centroids, so that the cost does not grow with the square of all optima; as many environments
    count as Evolve's `memory` keeps.
    Cost: a few ms a change: an environment's optima are clustered once.
    """

    clusters: int = 13
    candidates: int = 50
    noise: float = 0.1

    def __post_init__(self) -> None:
        at_least("clusters", self.clusters, 1)
        at_least("candidates", self.candidates, 1)
        at_least("noise", self.noise, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The centroids of the clusters."""
        members, labels = _clustered(history.answers, self.clusters)
        return space.repair(_centroids(members, labels))

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Points that resemble the useful clusters; the centroids are among the probes."""
        members, labels = _clustered(history.answers, self.clusters)
        useful = nondominated(history.probes)[labels]
        known = members[useful]
        noisy = space.repair(known + rng.normal(0.0, self.noise, known.shape) * space.span)
        pool = np.concatenate([space.sample(self.candidates * n, rng), noisy])
        if not useful.all():
            pool = pool[bayes.fit(members[~useful], known).predict(pool)]
        rows = max(1, n - len(history.probes))
        chosen = take(pool, min(rows, len(pool)), rng) if len(pool) else pool
        return np.concatenate([chosen, take(known, rows - len(chosen), rng)])


# Probes and answer of a change share one clustering.
@lru_cache(maxsize=1)
def _clustered(answers: tuple[Batch, ...], most: int) -> tuple[Array, IntArray]:
    """All past optima, (k, d), and the cluster of each, (k,), counted from 0; not to be written to."""
    centres, parts, start = [], [], 0
    for answer in answers:
        labels, own = _condensed(answer, most)
        centres.append(own)
        parts.append(labels + start)
        start += len(own)
    whole = cluster(np.concatenate(centres), most)
    return np.concatenate([answer.x for answer in answers]), whole[np.concatenate(parts)]


# An environment's optima stay the same from change to change: each is condensed once.
@lru_cache(maxsize=128)
def _condensed(answer: Batch, most: int) -> tuple[IntArray, Array]:
    """The cluster of each point, (n,), and the clusters' centroids, (clusters, d)."""
    labels = cluster(answer.x, most)
    return labels, _centroids(answer.x, labels)


def cluster(x: Array, most: int) -> IntArray:
    """The cluster of each row of x, (n, d), from 0: the nearest two centroids join until `most` are left."""
    n = len(x)
    joins = n - min(n, most)
    if joins == 0:
        return np.arange(n)
    # Join i makes node n + i of two nodes; following what a node was joined into ends at its cluster.
    pairs = linkage(x, "centroid")[:joins, :2].astype(np.intp)
    into = np.arange(n + joins)
    into[pairs] = np.arange(n, n + joins)[:, None]
    while not np.array_equal(into, into[into]):
        into = into[into]
    return np.unique(into[:n], return_inverse=True)[1].astype(np.intp)


def _centroids(x: Array, labels: IntArray) -> Array:
    """The mean of each cluster of the rows of x, (clusters, d)."""
    belongs = (np.arange(labels.max() + 1)[:, None] == labels).astype(float)
    return np.asarray(belongs @ x / belongs.sum(axis=1, keepdims=True))
