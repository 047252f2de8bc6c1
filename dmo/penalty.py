"""A self-adaptive penalty: objectives that count violation, the more so the fewer points are feasible."""

from __future__ import annotations

import numpy as np

from dmo.batch import Batch
from dmo.types import Array


def penalised(batch: Batch) -> Array:
    """Objectives that count violation too, (n, m); those of a feasible point are its own, scaled to [0, 1].

    With f scaled to [0, 1], v the mean of the violations, each constraint's scaled to [0, 1], and r
    the feasible share: sqrt(f^2 + v^2) + (1 - r) v + r f where infeasible, or v alone where r = 0.
    While few are feasible violation counts most; once many are, infeasible points of good objectives
    stay beside feasible ones of worse.
    Source: Woldesenbet, Yen & Tessema, Constraint Handling in Multiobjective Evolutionary Optimization
    (2009), eqs. 7 to 12.
    """
    low, span = batch.f.min(axis=0), np.ptp(batch.f, axis=0)
    f = (batch.f - low) / np.where(span > 0.0, span, 1.0)
    excess = np.maximum(batch.g, 0.0)
    worst = excess.max(axis=0) if len(excess) else np.zeros(excess.shape[1])
    v = (excess / np.where(worst > 0.0, worst, 1.0)).mean(axis=1) if excess.shape[1] else np.zeros(len(batch))
    share = float(batch.feasible.mean())
    if share == 0.0:
        return np.repeat(v[:, None], f.shape[1], axis=1)
    out = ~batch.feasible[:, None]
    return np.asarray(np.sqrt(f**2 + v[:, None] ** 2) + (1.0 - share) * v[:, None] + share * f * out)
