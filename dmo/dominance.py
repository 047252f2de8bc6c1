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
    if batch.g.shape[1] == 0:
        return _pareto_rank(batch.f)
    violation = batch.violation
    feasible = violation == 0.0
    if feasible.all():
        return _pareto_rank(batch.f)
    ranks = np.empty(len(batch), dtype=np.intp)
    best = 0
    if feasible.any():
        ranks[feasible] = _pareto_rank(batch.f[feasible])
        best = int(ranks[feasible].max()) + 1
    _, order = np.unique(violation[~feasible], return_inverse=True)
    ranks[~feasible] = best + order
    return ranks


def _pareto_rank(f: Array) -> IntArray:
    # moocore demands C order and counts ranks from 0.
    ranks = moocore.pareto_rank(np.ascontiguousarray(f))
    return np.asarray(ranks, dtype=np.intp)


def nondominated(batch: Batch) -> BoolArray:
    """Which points no other constrained-dominates, (n,); of equal points all are kept."""
    f = np.ascontiguousarray(batch.f)
    if batch.g.shape[1] == 0:
        return np.asarray(moocore.is_nondominated(f, keep_weakly=True))
    violation = batch.violation
    mask = violation == violation.min()
    if violation.min() == 0.0:
        mask[mask] = moocore.is_nondominated(f[mask], keep_weakly=True)
    return np.asarray(mask)


def crowding(f: Array, ranks: IntArray) -> Array:
    """Crowding distance of each point among those of its rank, (n,); the extremes have inf.

    f: (n, m) objectives; ranks: (n,). An objective in which a rank does not vary adds nothing.
    Source: Deb et al., NSGA-II (2002), section III.B; all ranks are measured in one sweep.
    """
    n, m = f.shape
    if n == 0:
        return np.zeros(0)
    objective = np.arange(m)[:, None]
    # Row j of what follows is objective j, its points sorted by rank, then by value.
    order = np.lexsort((f.T, np.repeat(ranks[None], m, axis=0)))
    value, front = f[order, objective], ranks[order[0]]
    ends = (front[1:] != front[:-1]).nonzero()[0]
    first, last = np.concatenate([[0], ends + 1]), np.concatenate([ends, [n - 1]])
    span = value[:, last] - value[:, first]
    varies = span > 0.0
    share = np.zeros((m, n))
    share[:, 1:-1] = value[:, 2:] - value[:, :-2]
    # Where a rank does not vary in an objective, its gaps are 0 and so are its shares.
    with np.errstate(over="ignore"):  # of gaps between ranks, which the ends below take the place of
        share /= np.repeat(np.where(varies, span, 1.0), last - first + 1, axis=1)
    alone = np.where(varies | (first == last), np.inf, 0.0)
    share[:, first] = alone
    share[:, last] = alone
    distance = np.empty((m, n))
    distance[objective, order] = share
    return np.asarray(distance.sum(axis=0))


def select(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, best first: by rank, then by crowding distance.

    Of points that are equal in rank and crowding the earlier one survives, so that selection
    depends on nothing but its input. n may exceed the number of points: all survive.
    Source: Deb et al., NSGA-II (2002), section III.C.
    """
    f, ranks = batch.f, rank(batch)
    if n >= len(f):
        return np.lexsort((-crowding(f, ranks), ranks))
    # The ranks after the one that fills the last place die out whatever their crowding.
    alive = (ranks <= np.partition(ranks, n - 1)[n - 1]).nonzero()[0]
    f, ranks = f.take(alive, axis=0), ranks[alive]
    return np.asarray(alive[np.lexsort((-crowding(f, ranks), ranks))[:n]])
