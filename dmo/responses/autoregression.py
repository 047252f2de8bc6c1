"""Autoregression: the next value of several series at once."""

from __future__ import annotations

import numpy as np

from dmo.types import Array

# Singular values below this share of the largest are rounding: a series that never moved has no
# unique model, and the least-norm one continues it.
NEGLIGIBLE = 1e-10


def forecast(series: Array, order: int, constant: bool = False) -> tuple[Array, Array]:
    """The next value of each column of series, (T, k), and the deviation of its model: (k,), (k,).

    Each column has an AR(order) model of its own, fitted by least squares to all T - order >= 1
    targets; constant: whether it has a constant term; the deviation is the root mean square of its
    residuals.
    Source: Zhou, Jin & Zhang, PPS (2014), section III.B.
    """
    # Of order 1, so that a series of the smallest numbers does not overflow the inverse.
    scale = np.maximum(np.abs(series).max(axis=0), np.finfo(float).tiny)
    series = series / scale
    # lagged[:, :, j] is the series j + 1 steps before each target.
    lagged = np.stack([series[order - 1 - j : -1 - j].T for j in range(order)], axis=-1)
    if constant:
        lagged = np.concatenate([lagged, np.ones_like(lagged[..., :1])], axis=-1)
    targets = series[order:].T[..., None]
    weights = np.linalg.pinv(lagged, rcond=NEGLIGIBLE) @ targets
    residual = targets - lagged @ weights
    latest = series[-order:][::-1].T
    if constant:
        latest = np.column_stack([latest, np.ones(len(latest))])
    value = (latest * weights[..., 0]).sum(axis=1)
    return scale * value, scale * np.sqrt(np.square(residual[..., 0]).mean(axis=1))
