"""ALERT's rule: one slow-down factor for all strategies, followed by a Kalman filter."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from scipy.special import ndtri

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.deployment.policies.protocol import Play
from problems.deployment.tabulated import Tabulated


@dataclass
class SlowDown:
    """The belief about the factor between measured and profiled latency: normal, mean and variance.

    Source: Wan et al., ALERT (USENIX ATC 2020); the process noise adapts as in Akhlaghi et al. (2017).
    The paper itself could not be read: equations and constants are as they are commonly given.
    y = measured / profiled - mean; Q = max(Q0, alpha Q + (1 - alpha) (K y')^2) with the previous gain
    and y'; K = P / (P + R) where P = (1 - K') variance + Q; the mean moves by K y, the variance
    becomes P.
    """

    mean: float = 1.0
    variance: float = 0.1
    gain: float = 0.5
    noise: float = 0.1  # Q, of the process
    innovation: float = 0.0
    least: float = field(default=0.1, repr=False)  # Q0
    measured: float = field(default=0.001, repr=False)  # R, of the measurement
    forget: float = field(default=0.3, repr=False)  # alpha

    def update(self, ratio: float) -> None:
        """Learn from one measured / profiled latency."""
        moved = (self.gain * self.innovation) ** 2
        self.noise = max(self.least, self.forget * self.noise + (1.0 - self.forget) * moved)
        self.innovation = ratio - self.mean
        self.variance = (1.0 - self.gain) * self.variance + self.noise
        self.gain = self.variance / (self.variance + self.measured)
        self.mean += self.gain * self.innovation


@dataclass(frozen=True)
class Kalman:
    """Chooses by profiled latencies times the slow-down that the last deployments showed.

    It is not told of contention, it notices: the factor is of the environment before. confidence:
    the probability with which a deadline is to be kept, by the factor's distribution.
    Source: Wan et al., ALERT (2020). Deviations: ALERT follows the factor from
    input to input and sets a power limit too; here once in an environment, over all knobs. The
    spread it plans with is at most a tenth of the factor: the filter's own stays at its starting
    noise, a third, and would forbid what is fast enough.
    """

    confidence: float = 0.9

    def __post_init__(self) -> None:
        at_least("confidence", self.confidence, 0.5)
        if self.confidence >= 1.0:
            raise ArgumentError("confidence", "a share below 1", repr(self.confidence), "0.9 is usual")

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Following(problem, float(ndtri(self.confidence)))


class _Following:
    def __init__(self, problem: Tabulated, z: float) -> None:
        self.problem, self.z, self.belief = problem, z, SlowDown()
        self.row = -1

    def choose(self, t: float) -> int:
        problem, belief = self.problem, self.belief
        profiled, factor = problem.mean[0], belief.mean
        sure = factor + self.z * min(np.sqrt(belief.variance), 0.1 * factor)
        f, relied = profiled.copy(), problem.relied[0].copy()
        f[:, 0] *= factor
        relied[:, 0] = profiled[:, 0] * sure
        batch = Batch(problem.x, f, problem.problem.constraints(relied, t))
        self.row = problem.pick(batch, t)
        return self.row

    def observe(self, t: float, f: Array) -> None:
        self.belief.update(float(f[0] / self.problem.mean[0][self.row, 0]))
