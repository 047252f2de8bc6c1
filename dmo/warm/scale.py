"""Scale: which outputs are better predicted as logarithms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.types import Array, BoolArray
from dmo.warm.quadratic import RIDGE

FURTHEST = 100.0  # from 0, of a predicted logarithm: a surface may run away, and infinity spreads


@dataclass(frozen=True, eq=False)
class Scale:
    """log: (q,), which outputs are predicted as logarithms; floor: (q,), the least they count as."""

    log: BoolArray
    floor: Array

    @classmethod
    def none(cls, outputs: int) -> Scale:
        """All outputs as they are."""
        return cls(np.zeros(outputs, dtype=bool), np.ones(outputs))

    @classmethod
    def of(cls, terms: Array, y: Array) -> Scale:
        """Logarithms of those outputs y, (n, q), all positive, that terms, (n, p), explain better so.

        Better by the leave-one-out errors of ridge regression, each relative to its scale's variance.
        Source: Allen, PRESS (1974), in its closed form for linear smoothers.
        """
        positive = (y > 0.0).all(axis=0)
        floor = np.where(positive, 1e-3 * y.min(axis=0), 1.0)
        scales = np.array([y, np.log(np.where(positive, y, 1.0))], dtype=np.float64)
        kernel = terms @ terms.T + RIDGE * len(terms) * np.eye(len(terms))
        inverse = np.asarray(np.linalg.inv(kernel), dtype=np.float64)
        errors = _left_out(inverse, scales)
        return cls(np.asarray(positive & (errors[1] < errors[0])), floor)

    def __call__(self, y: Array) -> Array:
        """y, (n, q), on its scale."""
        z = y.copy()
        z[:, self.log] = np.log(np.maximum(y[:, self.log], self.floor[self.log]))
        return z

    def back(self, z: Array) -> Array:
        """What self() made z, (n, q), of; finite for any finite z."""
        y = z.copy()
        y[:, self.log] = np.exp(np.clip(z[:, self.log], -FURTHEST, FURTHEST))
        return y


def _left_out(inverse: Array, z: Array) -> Array:
    """Leave-one-out errors of z, (..., n, q), relative to the variances; 0 where these are 0: (..., q)."""
    centred = z - z.mean(axis=-2, keepdims=True)
    error = ((inverse @ centred / np.diag(inverse)[:, None]) ** 2).sum(axis=-2)
    total = (centred**2).sum(axis=-2)
    return np.asarray(np.divide(error, total, out=np.zeros_like(total), where=total > 0.0))
