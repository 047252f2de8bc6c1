"""Where a front of two objectives is interrupted."""

from __future__ import annotations

import numpy as np

from dmo.problem import Problem
from dmo.types import Array, IntArray

WIDE = 0.01  # of the span of an objective: narrower steps are not looked at
DENSER = 8


def breaks(problem: Problem, front: Array, t: float) -> IntArray:
    """The indices i at which a new piece begins in front, (k, 2), sorted by f1, of the problem at time t.

    Between two points of one piece lie others, better than the one and worse than the other in either
    objective, when more points are asked for; in a gap there are none.
    """
    steps = (np.abs(np.diff(front, axis=0)) / np.maximum(np.ptp(front, axis=0), 1e-12)).max(axis=1)
    wide = np.flatnonzero(steps > WIDE)
    dense = problem.front(t, DENSER * max(len(front), 100)) if wide.size else None
    if dense is None:
        return np.empty(0, dtype=np.intp)
    low, high = np.minimum(front[wide], front[wide + 1]), np.maximum(front[wide], front[wide + 1])
    margin = 0.05 * (high - low)
    inside = (dense[:, None] > low + margin) & (dense[:, None] < high - margin)
    return wide[~inside.all(axis=2).any(axis=0)] + 1
