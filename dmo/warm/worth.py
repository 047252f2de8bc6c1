"""Worth: which points add most to a front, and how much a front has gained."""

from __future__ import annotations

import moocore
import numpy as np

from dmo.batch import Batch
from dmo.dominance import nondominated, select
from dmo.types import Array, IntArray

CORNER = 1.1  # the reference point of objectives that are scaled to a front's range
EXACT = (2, 3, 4)  # numbers of objectives for which contributions are quick to compute


def by_worth(batch: Batch) -> IntArray:
    """Indices of the feasible non-dominated points by the hypervolume that only they dominate, best first.

    Objectives are scaled to the range of these points and referred to 1.1 in each. Of equal points
    one is named. Where none is feasible, or the objectives are not 2, 3 or 4, all points are
    named by rank and crowding.
    """
    feasible = batch.feasible
    if batch.f.shape[1] not in EXACT or not feasible.any():
        return select(batch, len(batch))
    rows = feasible.nonzero()[0]
    f = np.ascontiguousarray(batch.f[rows])
    front = moocore.is_nondominated(f, keep_weakly=False).nonzero()[0]
    low, span = _range(f[front])
    gains = moocore.hv_contributions((f[front] - low) / span, ref=np.full(f.shape[1], CORNER))
    return np.asarray(rows[front[np.argsort(-gains, kind="stable")]])


def gain(before: Batch, after: Batch) -> float:
    """What `after`, which has all points of `before`, adds: a share of its hypervolume.

    Where nothing is feasible after, of the least violation before; 1 where something is for the first time.
    """
    violations = [float(batch.violation.min()) for batch in (before, after)]
    if violations[1] > 0.0:
        return 1.0 - violations[1] / violations[0]
    if violations[0] > 0.0:
        return 1.0
    fronts = _front(before), _front(after)
    low, span = _range(fronts[1])
    old, new = (_volume((f - low) / span) for f in fronts)
    return 1.0 - old / new


def _volume(f: Array) -> float:
    m = f.shape[1]
    return float(moocore.hypervolume(f, ref=np.full(m, CORNER))) if m > 1 else CORNER - float(f.min())


def _front(batch: Batch) -> Array:
    return batch.f[batch.feasible & nondominated(batch)]


def _range(f: Array) -> tuple[Array, Array]:
    low, span = f.min(axis=0), np.ptp(f, axis=0)
    return low, np.where(span > 0.0, span, 1.0)
