"""Residual: which strategies are slower now than predicted, learnt while a program runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates.slow_down import ratio


@dataclass(frozen=True)
class Residual:
    """Recursive least squares with forgetting, of the logarithm of measured over predicted on features.

    forgetting: weight of the last measurement's past, < 1: about 1 / (1 - forgetting) of them count;
    prior: deviation of a coefficient before anything is seen; noise: of one measurement, relative.
    Where contention slows two threads and not one, a single factor (SlowDown) cannot say so.
    Source: Haykin, Adaptive Filter Theory (2002), table 9.1. Deviation: the uncertainty is
    bounded by the prior, so that directions never measured do not blow up.
    Raises ArgumentError when a setting is out of range.
    """

    forgetting: float = 0.95
    prior: float = 0.3
    noise: float = 0.1

    def __post_init__(self) -> None:
        for name in ("forgetting", "prior", "noise"):
            at_least(name, getattr(self, name), 1e-6)
        if self.forgetting >= 1.0:
            raise ArgumentError("forgetting", "a share in (0, 1)", repr(self.forgetting), "0.95 is usual")

    def start(self) -> Coefficients:
        """A tracker that has seen nothing: no correction."""
        return Coefficients(self)


@dataclass
class Coefficients:
    """The state of a Residual: weights (q + 1,) of the features and 1, and their covariance."""

    settings: Residual
    weights: Array = field(default_factory=lambda: np.zeros(0))
    covariance: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def observe(self, predicted: float, measured: float, features: Array | None = None) -> None:
        """Learn from one measurement; features: (q,), the same q each time, about 1 in size.

        Raises ArgumentError unless both figures are > 0 and the features are as many as before.
        """
        log_ratio, row, s = ratio(predicted, measured), self._rows(features)[0], self.settings
        if not self.weights.size:
            self.weights, self.covariance = np.zeros(len(row)), s.prior**2 * np.eye(len(row))
        along = self.covariance @ row
        gain = along / (s.forgetting * s.noise**2 + row @ along)
        self.weights = self.weights + gain * (log_ratio - row @ self.weights)
        grown = (self.covariance - np.outer(gain, along)) / s.forgetting
        # Bounded by the prior: forgetting must not make a direction less known than at the start.
        values, vectors = np.linalg.eigh(0.5 * (grown + grown.T))
        self.covariance = (vectors * values.clip(0.0, s.prior**2)) @ vectors.T

    def correct(self, mean: Array, std: Array, features: Array | None = None) -> tuple[Array, Array]:
        """Mean and deviation, (n,) each, of rows with these features, (n, q), as they are now."""
        mean, std = np.asarray(mean, dtype=float), np.asarray(std, dtype=float)
        if not self.weights.size:
            return mean, std
        rows = self._rows(features)
        factor = np.exp(rows @ self.weights)
        variance = np.einsum("ij,jk,ik->i", rows, self.covariance, rows)
        return mean * factor, factor * np.sqrt(std**2 + variance * mean**2)

    def _rows(self, features: Array | None) -> Array:
        if features is None:
            raise ArgumentError("features", "those of the row", "None", "use SlowDown without features")
        rows = np.atleast_2d(np.asarray(features, dtype=float))
        rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
        if self.weights.size and rows.shape[1] != len(self.weights):
            raise ArgumentError(
                "features", f"{len(self.weights) - 1} a row", f"{rows.shape[1] - 1}", "pass the same features"
            )
        return rows
