"""How good a predictor is: pure functions of what was measured and what was predicted, both (n,)."""

from __future__ import annotations

import numpy as np
from scipy import stats

from dmo.errors import ArgumentError
from dmo.types import Array


def within(true: Array, predicted: Array, share: float) -> float:
    """Share of the rows predicted within +-`share` (0.1: 10 %) of the true, positive value."""
    true, predicted = _pair(true, predicted)
    # The product, not the quotient, and a hair of slack: 1.1 is within +-10 % of 1.
    return float((np.abs(predicted - true) <= share * np.abs(true) * (1.0 + 1e-9)).mean())


def rmspe(true: Array, predicted: Array) -> float:
    """Root mean square percentage error, as a share: 0.1 is 10 %; true values are not 0."""
    true, predicted = _pair(true, predicted)
    return float(np.sqrt((((predicted - true) / true) ** 2).mean()))


def mae(true: Array, predicted: Array) -> float:
    """Mean absolute error, in the target's unit."""
    true, predicted = _pair(true, predicted)
    return float(np.abs(predicted - true).mean())


def spearman(true: Array, predicted: Array) -> float:
    """Spearman's rank correlation; nan where either side is constant, since it has no order then."""
    true, predicted = _pair(true, predicted)
    if _constant(true) or _constant(predicted):
        return float("nan")
    return float(stats.spearmanr(true, predicted).statistic)


def kendall(true: Array, predicted: Array) -> float:
    """Kendall's rank correlation (tau-b, ties allowed); nan where either side is constant."""
    true, predicted = _pair(true, predicted)
    if _constant(true) or _constant(predicted):
        return float("nan")
    return float(stats.kendalltau(true, predicted).statistic)


def coverage(true: Array, mean: Array, std: Array, level: float = 0.9) -> float:
    """Share of the rows inside the central interval of a normal distribution that holds `level` of it."""
    true, mean = _pair(true, mean)
    if not 0.0 < level < 1.0:
        raise ArgumentError("level", "a share strictly between 0 and 1", repr(level), "0.9 is usual")
    half = stats.norm.ppf(0.5 + level / 2.0) * np.asarray(std, dtype=float)
    return float((np.abs(true - mean) <= half).mean())


def _constant(a: Array) -> bool:
    return bool((a == a[0]).all())


def _pair(true: Array, predicted: Array) -> tuple[Array, Array]:
    true, predicted = np.asarray(true, dtype=float), np.asarray(predicted, dtype=float)
    if true.ndim != 1 or true.shape != predicted.shape or true.size == 0:
        raise ArgumentError(
            "true, predicted",
            "two vectors of the same length n >= 1",
            f"shapes {true.shape} and {predicted.shape}",
            "score one target at a time",
        )
    return true, predicted
