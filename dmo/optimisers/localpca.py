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
    from dmo.optimisers.loops import assigned, centred

    n, d = x.shape
    k = min(k, n)
    x = np.ascontiguousarray(x)
    mean, axes, across = x[rng.permutation(n)[:k]], np.zeros((k, d, q)), np.zeros(k)
    low, high = np.zeros((k, q)), np.zeros((k, q))
    distance, part, errors = np.empty((k, n)), np.full(n, -1), []
    changed: IntArray = np.arange(k)
    for _ in range(STEPS):
        # The other pieces, and how far they are, have not changed.
        away = x - mean[changed, None]
        squares = np.einsum("knd,knd->kn", away, away)
        if q:
            along = away @ axes[changed]
            squares -= np.einsum("knq,knq->kn", along, along)
        distance[changed] = squares
        part, changed, error = assigned(distance, part)
        errors.append(error)
        if changed.size == 0:
            break
        for c in changed.tolist():
            centre, spread = centred(x, part, c)
            if len(spread) == 0:
                centre = x[rng.integers(n, size=1)][0]
            mean[c] = centre
            axes[c], across[c] = _fit(spread, q)
    count = np.bincount(part, minlength=k)
    for c in np.flatnonzero(count > 1).tolist():
        along = (x[part == c] - mean[c]) @ axes[c]
        low[c], high[c] = along.min(axis=0), along.max(axis=0)
    noise = np.sqrt(np.maximum(across, 0.0) / max(d - q, 1))
    return Pieces(mean, axes, low, high, noise, part, count, tuple(errors))


def _fit(spread: Array, q: int) -> tuple[Array, float]:
    """Leading q axes, (d, q), of points, (n, d), about their mean, and the variance across them."""
    n, d = spread.shape
    if n < 2:
        return np.zeros((d, q)), 0.0
    covariance = spread.T @ spread / n
    total = float(np.vdot(spread, spread)) / n
    if q == 0:
        return np.empty((d, 0)), total
    # Only the leading pairs are wanted: the others' eigenvalues sum to what is left of the trace.
    values, vectors, _, _, _ = dsyevr(covariance, range="I", il=d - q + 1, iu=d)
    return vectors[:, :q], total - float(values[:q].sum())
