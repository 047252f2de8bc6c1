"""Kernel: the covariance and the noise of a Gaussian process over scaled features, and the likeliest ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize

from dmo.distances import squared_distances
from dmo.types import Array

JITTER = 1e-8  # added to the noise, so that equal rows can be factorised
VARIANCE, SLOPE, OFFSET, NOISE = (1e-3, 1e3), (1e-6, 1e2), (1e-4, 1e4), (1e-6, 1.0)  # bounds
START = (1.0, 0.1, 1.0, 0.05)  # of the same
TILT = 0.5  # prior deviation of how the logarithm of the noise grows with a feature
MOST = 4.0  # the noise's logarithm is at most so far from its middle: beyond the rows it was not seen
UNLIKELY = 1e12


@dataclass(frozen=True, eq=False)
class Kernel:
    """variance * (1 + r) exp(-r) + slope * (offset + a . b), r = sqrt(3) |(a - b) / lengths|.

    lengths: (q,), of the features. A measurement's variance, which is not part of a covariance, is
    noise * exp(tilt . a): what competes for the processor, say, varies more.
    """

    lengths: Array
    variance: float
    slope: float
    offset: float
    noise: float
    tilt: Array

    def __call__(self, a: Array, b: Array) -> Array:
        """Covariances of the rows a, (n, q), with b, (m, q): (n, m)."""
        r = self.distances(a, b)
        return np.asarray(self.variance * (1.0 + r) * np.exp(-r) + self.slope * (self.offset + a @ b.T))

    def prior(self, a: Array) -> Array:
        """Variances of the rows a, (n, q), before anything was measured: (n,)."""
        return np.asarray(self.variance + self.slope * (self.offset + (a**2).sum(axis=1)))

    def noises(self, a: Array) -> Array:
        """Variances of measurements of the rows a, (n, q): (n,)."""
        return np.asarray(self.noise * np.exp(np.clip(a @ self.tilt, -MOST, MOST)))

    def distances(self, a: Array, b: Array) -> Array:
        """r between the rows, (n, m)."""
        return np.asarray(np.sqrt(3.0 * squared_distances(a / self.lengths, b / self.lengths)))

    def to_array(self) -> Array:
        """All of it in a row, (2 q + 4,)."""
        return np.array([*self.lengths, self.variance, self.slope, self.offset, self.noise, *self.tilt])

    @classmethod
    def of(cls, row: Array) -> Kernel:
        """The kernel that to_array() wrote."""
        q = (len(row) - 4) // 2
        return cls(row[:q], *map(float, row[q : q + 4]), row[q + 4 :])


def likeliest(z: Array, t: Array, prior: float, steps: int) -> Kernel:
    """The kernel that makes the scaled targets t, (n,), of the scaled features z, (n, q), likeliest.

    Lengths are held by a log-normal prior of deviation `prior` about the distance of two random rows,
    which grows with the number of features, and the tilt by a normal one about 0: few rows hardly move
    them. steps: of L-BFGS-B, at most.
    """
    q, reach = z.shape[1], reach_of(z)
    bounds = np.log([(0.05 * reach, 100.0 * reach)] * q + [VARIANCE, SLOPE, OFFSET, NOISE])
    start = np.log([*np.full(q, reach), *START])
    found = minimize(
        unlikelihood,
        np.concatenate([start, np.zeros(q)]),
        (z, t, prior, z @ z.T),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, *[(-MOST, MOST)] * q],
        options={"maxiter": steps},
    )
    return _of_search(found.x)


def reach_of(z: Array) -> float:
    """About the distance of two random rows of scaled features."""
    return float(np.sqrt(2.0 * max(z.shape[1], 1)))


def unlikelihood(theta: Array, z: Array, t: Array, prior: float, product: Array) -> tuple[float, Array]:
    """Minus the logarithm of evidence and prior, and its gradient in theta.

    theta: Kernel.to_array(), all but the tilt in logarithms; product: z @ z.T. Constants are left out.
    Source: Rasmussen & Williams (2006), eqs. 5.8 and 5.9, with a noise for each row.
    """
    q = z.shape[1]
    k = _of_search(theta)
    r, noises = k.distances(z, z), k.noises(z)
    decay = np.exp(-r)
    matern, linear = k.variance * (1.0 + r) * decay, k.slope * (k.offset + product)
    covariance = matern + linear
    covariance[np.diag_indices(len(z))] += noises + JITTER
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
    noisy = 0.5 * np.diag(weight) * noises
    inside = np.abs(z @ k.tilt) < MOST
    off, tilted = (theta[:q] - np.log(reach_of(z))) / prior, k.tilt / TILT
    value = 0.5 * t @ alpha + np.log(np.diag(lower)).sum() + 0.5 * (off @ off + tilted @ tilted)
    others = [
        0.5 * (weight * matern).sum(),
        0.5 * (weight * linear).sum(),
        0.5 * k.slope * k.offset * weight.sum(),
        noisy.sum(),
    ]
    tilt = (noisy * inside) @ z + tilted / TILT
    return float(value), np.concatenate([lengths + off / prior, others, tilt])


def _of_search(theta: Array) -> Kernel:
    """The kernel at a point of the search."""
    q = (len(theta) - 4) // 2
    return Kernel.of(np.concatenate([np.exp(theta[: q + 4]), theta[q + 4 :]]))
