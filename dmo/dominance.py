"""Constrained dominance: ranking, crowding and environmental selection, all on arrays."""

from __future__ import annotations

import moocore
import numpy as np

from dmo.batch import Batch
from dmo.types import Array, BoolArray, IntArray


def rank(batch: Batch) -> IntArray:
    """Non-domination rank of each point under constrained dominance, (n,), 0 is best.

    A feasible point dominates every infeasible one; of two infeasible points the one with the
    smaller summed violation dominates; feasible points compare by their objectives.
    Source: Deb et al., NSGA-II (2002), section VI.A.
    """
    violation = batch.violation
    feasible = violation == 0.0
    ranks = np.empty(len(batch), dtype=np.intp)
    best = 0
    if feasible.any():
        # moocore demands C order and counts ranks from 0.
        ranks[feasible] = moocore.pareto_rank(np.ascontiguousarray(batch.f[feasible]))
        best = int(ranks[feasible].max()) + 1
    if not feasible.all():
        _, order = np.unique(violation[~feasible], return_inverse=True)
        ranks[~feasible] = best + order
    return ranks


def nondominated(batch: Batch) -> BoolArray:
    """Which points no other constrained-dominates, (n,); of equal points all are kept."""
    violation = batch.violation
    best = violation == violation.min()
    if violation.min() > 0.0:
        return np.asarray(best)
    mask = np.zeros(len(batch), dtype=bool)
    mask[best] = moocore.is_nondominated(np.ascontiguousarray(batch.f[best]), keep_weakly=True)
    return mask


def crowding(f: Array, ranks: IntArray) -> Array:
    """Crowding distance of each point among those of its rank, (n,); the extremes have inf.

    f: (n, m) objectives; ranks: (n,). An objective in which a rank does not vary adds nothing.
    Source: Deb et al., NSGA-II (2002), section III.B; all ranks are measured in one sweep.
    """
    n, m = f.shape
    distance = np.zeros(n)
    for j in range(m):
        order = np.lexsort((f[:, j], ranks))
        value, front = f[order, j], ranks[order]
        first = np.r_[True, front[1:] != front[:-1]]
        last = np.r_[first[1:], True]
        group = np.cumsum(first) - 1
        low, high = value[first], value[last]
        span = (high - low)[group]
        gap = np.zeros(n)
        gap[1:-1] = value[2:] - value[:-2]
        # Where a rank does not vary in this objective, its gap is 0 and so is its share.
        share = np.divide(gap, span, out=np.zeros(n), where=span > 0.0)
        share[(first | last) & (span > 0.0)] = np.inf
        share[first & last] = np.inf
        distance[order] += share
    return distance


def select(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, best first: by rank, then by crowding distance.

    Of points that are equal in rank and crowding the earlier one survives, so that selection
    depends on nothing but its input. n may exceed the number of points: all survive.
    Source: Deb et al., NSGA-II (2002), section III.C.
    """
    ranks = rank(batch)
    return np.lexsort((-crowding(batch.f, ranks), ranks))[:n]
