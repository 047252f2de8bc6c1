"""SlowDown: one factor by which everything is slower now than predicted, tracked while a program runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError
from dmo.types import Array

SURPRISE = 3.0  # deviations


class Tracker(Protocol):
    """Follows how measurements drift away from predictions of one target; its state changes."""

    def observe(self, predicted: float, measured: float, features: Array | None = None) -> None:
        """Learn from one measurement, > 0, of what was predicted, > 0; features: (q,) of its row."""

    def correct(self, mean: Array, std: Array, features: Array | None = None) -> tuple[Array, Array]:
        """Mean and deviation, (n,) each, as they are to be expected now; features: (n, q)."""


@dataclass(frozen=True)
class SlowDown:
    """A Kalman filter on the logarithm of measured over predicted.

    noise: deviation of one measurement from the factor, relative; drift: deviation by which the
    factor changes between measurements; memory: share of the past in the estimate of what it changes
    by beyond that, learnt from surprises of more than three deviations, so that a jump is followed
    at once and noise is not taken for one.
    Source: Wan et al., ALERT (2020): one slow-down factor for all configurations, a Kalman filter whose
    process noise follows the innovations; Akhlaghi et al., Adaptive adjustment of noise covariance in
    Kalman filter (2017). Deviation: on the logarithm, where twice as slow and twice as fast are
    equally far; small innovations leave the process noise alone.
    Raises ArgumentError when a setting is out of range.
    """

    noise: float = 0.1
    drift: float = 0.01
    memory: float = 0.7

    def __post_init__(self) -> None:
        for name in ("noise", "drift"):
            at_least(name, getattr(self, name), 1e-6)
        fraction("memory", self.memory)

    def start(self) -> Factor:
        """A tracker that has seen nothing: factor 1."""
        return Factor(self)


@dataclass
class Factor:
    """The state of a SlowDown. log: of the factor; variance: of log; change: variance of a jump."""

    settings: SlowDown
    log: float = 0.0
    variance: float = 1.0
    change: float = 0.0

    @property
    def value(self) -> float:
        """How many times slower than predicted."""
        return float(np.exp(self.log))

    def observe(self, predicted: float, measured: float, features: Array | None = None) -> None:
        """Learn from one measurement of what was predicted. Raises ArgumentError unless both are > 0."""
        s, surprise = self.settings, ratio(predicted, measured) - self.log
        prior = self.variance + s.drift**2
        expected = prior + s.noise**2
        jump = surprise**2 - expected if surprise**2 > SURPRISE**2 * expected else 0.0
        self.change = s.memory * self.change + (1.0 - s.memory) * jump
        prior += self.change
        gain = prior / (prior + s.noise**2)
        self.log += gain * surprise
        self.variance = (1.0 - gain) * prior

    def correct(self, mean: Array, std: Array, features: Array | None = None) -> tuple[Array, Array]:
        """Mean and deviation, (n,) each, times the factor; its own uncertainty is added."""
        scaled = np.asarray(mean, dtype=float) * self.value
        own = np.asarray(std, dtype=float) * self.value
        return scaled, np.sqrt(own**2 + self.variance * scaled**2)


def ratio(predicted: float, measured: float) -> float:
    """The logarithm of measured over predicted. Raises ArgumentError unless both are finite and > 0."""
    for name, value in (("predicted", predicted), ("measured", measured)):
        if not 0.0 < value < float("inf"):
            raise ArgumentError(name, "a finite number > 0", repr(value), "skip measurements that failed")
    return float(np.log(measured / predicted))
