"""Moments of past sets that resemble what is known of the new one, mixed with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dmo.types import Array

CLOSEST = 1e-8  # a past set at no distance at all weighs as if at this one


def moments(x: Array) -> Array:
    """Mean and standard deviation of each column of x, (n, d): (2, d)."""
    return np.stack([x.mean(axis=0), x.std(axis=0)])


def mixed(now: Array, past: Sequence[Array], pool: int, own: float) -> Array:
    """The moments `now`, (2, d), mixed with those of the past sets nearest to them: (2, d).

    pool: how many past sets take part at most; own: the weight of `now`, where a past set at
    distance r has 1 / r. Weights are then scaled to sum 1.
    Source: Zou et al., KTMM (2025), in the form of pydmoo's program.
    """
    known = np.stack([moments(x) for x in past])
    distance = np.sqrt(((known - now) ** 2).sum(axis=(1, 2)))
    nearest = np.argsort(distance, kind="stable")[:pool]
    weight = 1.0 / (distance[nearest] + CLOSEST)
    total = weight.sum() + own
    return np.asarray((own * now + np.tensordot(weight, known[nearest], axes=1)) / total)
