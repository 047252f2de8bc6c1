"""Vector autoregression: many short series at once, each in its own principal components."""

from __future__ import annotations

import numpy as np

from dmo.types import Array

# Of the mean square of the regressors: where there are more coefficients than values to fit, the
# smallest coefficients are chosen, and else nothing visible changes.
RIDGE = 1e-8


def forecast(series: Array, lag: int, explained: float) -> Array:
    """The next vector of each of n series, (n, T, d) with T > lag: (n, d).

    Each series is reduced to its leading principal components, as few as explain this share of its
    variance; they are regressed together on their last `lag` values and a constant, by least squares.
    Source: Jiang, Wang, Hu, Zhang & Yang, Vector Autoregressive Evolution for Dynamic Multi-Objective
    Optimisation (2023), section III.A; the posterior mean under their program's diffuse prior is the
    least-squares estimate.
    """
    n, length, _ = series.shape
    mean = series.mean(axis=1, keepdims=True)
    components, axes = _reduced(series - mean, explained)
    # The latest values come first among the regressors, the constant last.
    windows = [components[:, lag - 1 - j : length - j] for j in range(lag)]
    regressors = np.concatenate([*windows, np.ones((n, length - lag + 1, 1))], axis=2)
    past, latest = regressors[:, :-1], regressors[:, -1:]
    # Scaled to a like size, so that the ridge means the same to the constant.
    size = np.sqrt((past[:, :, :-1] ** 2).mean(axis=(1, 2)))
    scale = np.where(size > 0.0, size, 1.0)[:, None, None]
    past, latest, targets = past / scale, latest / scale, components[:, lag:] / scale
    past[:, :, -1] = latest[:, :, -1] = 1.0
    normal = np.swapaxes(past, 1, 2) @ past
    normal += RIDGE * past.shape[1] * np.eye(normal.shape[1])
    coefficients = np.linalg.solve(normal, np.swapaxes(past, 1, 2) @ targets)
    return np.asarray((mean + scale * (latest @ coefficients) @ np.swapaxes(axes, 1, 2))[:, 0])


def _reduced(series: Array, explained: float) -> tuple[Array, Array]:
    """Leading components of centred series, (n, T, k), and their axes, (n, d, k); 0 where one needs fewer."""
    values, vectors = np.linalg.eigh(np.swapaxes(series, 1, 2) @ series)
    values, vectors = np.maximum(values[:, ::-1], 0.0), vectors[:, :, ::-1]
    before = np.cumsum(values, axis=1) - values
    needed = before < explained * values.sum(axis=1, keepdims=True)
    axes = (vectors * needed[:, None])[:, :, : max(1, int(needed.sum(axis=1).max()))]
    return series @ axes, axes
