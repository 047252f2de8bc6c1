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
    f = np.ascontiguousarray(f)
    if f.shape[1] == 2:
        import dmo.kernels as kernels

        return kernels.fronts(f, f[:, 0].argsort())
    return np.asarray(moocore.pareto_rank(f), dtype=np.intp)


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
    import dmo.kernels as kernels

    f = np.ascontiguousarray(f)
    return kernels.crowding(f, _orders(f), ranks)


def _orders(f: Array) -> IntArray:
    """Row j sorts objective j of f, (n, m), equal values by their index: (m, n)."""
    import dmo.kernels as kernels

    # A stable sort, which has no vector instructions, takes three times as long.
    orders = f.T.argsort(axis=1)
    kernels.settle(f, orders)
    return orders


def select(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, best first: by rank, then by crowding distance.

    Of points that are equal in rank and crowding the earlier one survives, so that selection
    depends on nothing but its input. n may exceed the number of points: all survive.
    Source: Deb et al., NSGA-II (2002), section III.C.
    """
    import dmo.kernels as kernels

    f = np.ascontiguousarray(batch.f)
    orders = _orders(f)
    simple = f.shape[1] == 2 and batch.g.shape[1] == 0
    ranks = kernels.fronts(f, orders[0]) if simple else rank(batch)
    distance = kernels.crowding(f, orders, ranks)
    return kernels.by_rank(_orders(-distance[:, None])[0], ranks)[:n]
