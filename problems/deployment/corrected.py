"""Corrected: a predictor whose latencies follow what was measured lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dmo.types import Array
from problems.deployment.problem import Predictor


class Tracking(Protocol):
    """The state of a correction, such as surrogates.SlowDown starts."""

    def observe(self, predicted: float, measured: float, features: Array | None = None) -> None:
        """Learn from one measurement of what was predicted."""

    def correct(self, mean: Array, std: Array, features: Array | None = None) -> tuple[Array, Array]:
        """Mean and deviation, (n,) each, as they are to be expected now."""


class Correction(Protocol):
    """Settings of a correction, a frozen dataclass."""

    def start(self) -> Tracking:
        """A state that has seen nothing."""


@dataclass(frozen=True, eq=False)
class Corrected:
    """`predictor`, its first target (latency) corrected by `tracking`, which changes while it is used."""

    predictor: Predictor
    tracking: Tracking

    @property
    def targets(self) -> tuple[str, ...]:
        """Those of the predictor."""
        return self.predictor.targets

    @property
    def sha256(self) -> str:
        """Of the predictor without the correction."""
        return self.predictor.sha256

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, (n, k) each, from features (n, q), as of now."""
        mean, std = (part.copy() for part in self.predictor.predict(x))
        mean[:, 0], std[:, 0] = self.tracking.correct(mean[:, 0], std[:, 0], x)
        return mean, std

    def learn(self, x: Array, measured: float) -> None:
        """Take note that a latency of `measured` ms came of features x, (q,)."""
        mean, _ = self.predictor.predict(x[None])
        self.tracking.observe(float(mean[0, 0]), measured, x)
