"""Gaussian naive Bayes for two classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.types import Array, BoolArray

SMOOTHING = 1e-9  # of the largest variance, added to all: a variable without any decides nothing


@dataclass(frozen=True, eq=False)
class Bayes:
    """Two fitted classes: mean and variance of each variable, (2, d), and the log of their shares, (2,)."""

    mean: Array
    variance: Array
    log_share: Array

    def predict(self, x: Array) -> BoolArray:
        """Which rows of x, (n, d), more likely belong to the second class, (n,)."""
        gap = np.square(x[:, None] - self.mean) / self.variance
        score = self.log_share - 0.5 * (np.log(self.variance).sum(axis=1) + gap.sum(axis=2))
        return np.asarray(score[:, 1] > score[:, 0])


def fit(first: Array, second: Array) -> Bayes:
    """Classify by the rows of two classes, (k, d) and (l, d), each with one row or more."""
    both = np.concatenate([first, second])
    variance = np.stack([first.var(axis=0), second.var(axis=0)])
    share = np.array([len(first), len(second)]) / len(both)
    # Where nothing varies at all, any positive variance gives the same answer.
    floor = max(SMOOTHING * float(both.var(axis=0).max()), np.finfo(float).tiny)
    return Bayes(np.stack([first.mean(axis=0), second.mean(axis=0)]), variance + floor, np.log(share))
