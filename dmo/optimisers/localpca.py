"""Local principal component analysis: points as pieces of flat manifolds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.linalg.lapack import dsyevr

from dmo.types import Array, IntArray

# Partitions settle in about seven steps; the bound guards against a cycle of rounding errors.
STEPS = 50


@dataclass(frozen=True, eq=False)
class Pieces:
    """k clusters of points of d variables, each an affine piece of q dimensions.

    mean: (k, d); axes: (k, d, q) orthonormal columns, 0 where a cluster has fewer than two points;
    low, high: (k, q) extent of the members along the axes; noise: (k,) standard deviation of each
    variable across the piece; part: (n,) cluster of each point; count: (k,) members;
    errors: total squared distance to the nearest pieces at each step, which never rises.
    """

    mean: Array
    axes: Array
    low: Array
    high: Array
    noise: Array
    part: IntArray
    count: IntArray
    errors: tuple[float, ...]


def local_pca(x: Array, k: int, q: int, rng: Generator) -> Pieces:
    """Partition x, (n, d), into at most k pieces of q <= d dimensions, each point at its nearest piece.

    Starts from k of the points; a piece that lost all its points starts anew from a random one.
    Ends where the partition no longer changes.
    Source: Kambhatla & Leen, Dimension reduction by local principal component analysis (1997);
    Zhang, Zhou & Jin, RM-MEDA (2008), section III.B.
    """
    n, d = x.shape
    k = min(k, n)
    mean, axes, across = x[rng.permutation(n)[:k]], np.zeros((k, d, q)), np.zeros(k)
    low, high = np.zeros((k, q)), np.zeros((k, q))
    member, errors = np.zeros((k, n), dtype=bool), []
    for _ in range(STEPS):
        away = x - mean[:, None]
        distance = np.einsum("knd,knd->kn", away, away)
        if q:
            along = away @ axes
            distance -= np.einsum("knq,knq->kn", along, along)
        part = distance.argmin(axis=0)
        errors.append(float(distance[part, np.arange(n)].sum()))
        before, member = member, part == np.arange(k)[:, None]
        changed = np.flatnonzero((member != before).any(axis=1))
        if changed.size == 0:
            break
        for c in changed.tolist():
            points = x[member[c]]
            if len(points) == 0:
                points = x[rng.integers(n, size=1)]
            mean[c], axes[c], across[c] = _fit(points, q)
    for c in range(k):
        if member[c].sum() > 1:
            along = (x[member[c]] - mean[c]) @ axes[c]
            low[c], high[c] = along.min(axis=0), along.max(axis=0)
    noise = np.sqrt(np.maximum(across, 0.0) / max(d - q, 1))
    return Pieces(mean, axes, low, high, noise, part, member.sum(axis=1), tuple(errors))


def _fit(points: Array, q: int) -> tuple[Array, Array, float]:
    """Mean, (d,), leading q axes, (d, q), and the variance across them of these points, (n, d)."""
    n, d = points.shape
    mean = points.sum(axis=0) / n
    if n == 1:
        return mean, np.zeros((d, q)), 0.0
    spread = points - mean
    covariance = spread.T @ spread / n
    total = float(np.vdot(spread, spread)) / n
    if q == 0:
        return mean, np.empty((d, 0)), total
    # Only the leading pairs are wanted: the others' eigenvalues sum to what is left of the trace.
    values, vectors, _, _, _ = dsyevr(covariance, range="I", il=d - q + 1, iu=d)
    return mean, vectors[:, :q], total - float(values[:q].sum())
