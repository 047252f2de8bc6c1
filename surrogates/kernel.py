"""Kernel: the covariance of a Gaussian process over scaled features, and the likeliest one for some rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize

from dmo.types import Array

JITTER = 1e-8  # added to the noise, so that equal rows can be factorised
VARIANCE, SLOPE, OFFSET, NOISE = (1e-3, 1e3), (1e-6, 1e2), (1e-4, 1e4), (1e-6, 1.0)  # bounds
START = (1.0, 0.1, 1.0, 0.05)  # of the same
UNLIKELY = 1e12


@dataclass(frozen=True, eq=False)
class Kernel:
    """variance * (1 + r) exp(-r) + slope * (offset + a . b), r = sqrt(3) |(a - b) / lengths|.

    lengths: (q,), of the features; noise: variance of a measurement, which is not part of a covariance.
    """

    lengths: Array
    variance: float
    slope: float
    offset: float
    noise: float

    def __call__(self, a: Array, b: Array) -> Array:
        """Covariances of the rows a, (n, q), with b, (m, q): (n, m)."""
        r = self.distances(a, b)
        return np.asarray(self.variance * (1.0 + r) * np.exp(-r) + self.slope * (self.offset + a @ b.T))

    def prior(self, a: Array) -> Array:
        """Variances of the rows a, (n, q), before anything was measured: (n,)."""
        return np.asarray(self.variance + self.slope * (self.offset + (a**2).sum(axis=1)))

    def distances(self, a: Array, b: Array) -> Array:
        """r between the rows, (n, m)."""
        a, b = a / self.lengths, b / self.lengths
        square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * a @ b.T
        return np.asarray(np.sqrt(3.0 * np.maximum(square, 0.0)))

    def to_array(self) -> Array:
        """All of it in a row, (q + 4,)."""
        return np.array([*self.lengths, self.variance, self.slope, self.offset, self.noise])

    @classmethod
    def of(cls, row: Array) -> Kernel:
        """The kernel that to_array() wrote."""
        return cls(row[:-4], *map(float, row[-4:]))


def likeliest(z: Array, t: Array, prior: float, steps: int) -> Kernel:
    """The kernel that makes the scaled targets t, (n,), of the scaled features z, (n, q), likeliest.

    Lengths are held by a log-normal prior of deviation `prior` about the distance of two random rows,
    which grows with the number of features: few rows hardly move them. steps: of L-BFGS-B, at most.
    """
    reach = reach_of(z)
    bounds = [(0.05 * reach, 100.0 * reach)] * z.shape[1] + [VARIANCE, SLOPE, OFFSET, NOISE]
    start = np.log([*np.full(z.shape[1], reach), *START])
    found = minimize(
        unlikelihood,
        start,
        (z, t, prior),
        jac=True,
        method="L-BFGS-B",
        bounds=np.log(bounds),
        options={"maxiter": steps},
    )
    return Kernel.of(np.exp(found.x))


def reach_of(z: Array) -> float:
    """About the distance of two random rows of scaled features."""
    return float(np.sqrt(2.0 * max(z.shape[1], 1)))


def unlikelihood(theta: Array, z: Array, t: Array, prior: float) -> tuple[float, Array]:
    """Minus the logarithm of evidence and prior, and its gradient in theta = log(Kernel.to_array()).

    Constants are left out. Source: Rasmussen & Williams (2006), eqs. 5.8 and 5.9.
    """
    k = Kernel.of(np.exp(theta))
    r, product = k.distances(z, z), z @ z.T
    decay = np.exp(-r)
    matern, linear = k.variance * (1.0 + r) * decay, k.slope * (k.offset + product)
    covariance = matern + linear
    covariance[np.diag_indices(len(z))] += k.noise + JITTER
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:  # a step too far: equal rows, hardly any noise
        return UNLIKELY, np.zeros_like(theta)
    alpha = cho_solve((lower, True), t)
    inverse = solve_triangular(lower, np.eye(len(z)), lower=True)
    weight = inverse.T @ inverse - np.outer(alpha, alpha)
    # d covariance / d log length: 3 variance exp(-r) (difference / length)^2, summed without (n, n, q).
    pull = weight * (3.0 * k.variance * decay)
    lengths = (pull.sum(axis=1) @ z**2 - (z * (pull @ z)).sum(axis=0)) / k.lengths**2
    off = (theta[:-4] - np.log(reach_of(z))) / prior
    value = 0.5 * t @ alpha + np.log(np.diag(lower)).sum() + 0.5 * off @ off
    others = [
        0.5 * (weight * matern).sum(),
        0.5 * (weight * linear).sum(),
        0.5 * k.slope * k.offset * weight.sum(),
        0.5 * k.noise * np.trace(weight),
    ]
    return float(value), np.array([*(lengths + off / prior), *others])
