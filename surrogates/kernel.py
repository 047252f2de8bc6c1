"""Kernel: the covariance and the noise of a Gaussian process over scaled features, and the likeliest ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize

from dmo.distances import squared_distances
from dmo.types import Array

JITTER = 1e-8  # added to the noise, so that equal rows can be factorised
VARIANCE, SLOPE, OFFSET, NOISE = (1e-3, 1e3), (1e-6, 1e2), (1e-4, 1e4), (1e-6, 1.0)  # bounds
START = (0.5, 0.1, 1.0, 0.05)  # of the same
RANGES = (0.6, 2.0)  # where the lengths of each Matern part start, in distances of two random rows
TILT = 0.5  # prior deviation of how the logarithm of the noise grows with a feature
MOST = 4.0  # the noise's logarithm is at most so far from its middle: beyond the rows it was not seen
UNLIKELY = 1e12


@dataclass(frozen=True, eq=False)
class Kernel:
    """slope * (offset + a . b) and, for each Matern part, variance * (1 + r) exp(-r), where
    r = sqrt(3) |(a - b) / lengths|.

    lengths: (m, q), of each part and feature; variances: (m,). A measurement's variance, which is not
    part of a covariance, is noise * exp(tilt . a): what competes for the processor, say, varies more.
    """

    lengths: Array
    variances: Array
    slope: float
    offset: float
    noise: float
    tilt: Array

    def __call__(self, a: Array, b: Array) -> Array:
        """Covariances of the rows a, (n, q), with b, (m, q): (n, m)."""
        smooth = sum((1.0 + r) * decay for r, decay in self.parts(a, b))
        return np.asarray(smooth + self.slope * (self.offset + a @ b.T))

    def parts(self, a: Array, b: Array) -> Iterator[tuple[Array, Array]]:
        """Of each Matern part, r and variance * exp(-r) between the rows, (n, m) each."""
        for lengths, variance in zip(self.lengths, self.variances, strict=True):
            r = np.sqrt(3.0 * squared_distances(a / lengths, b / lengths))
            yield r, variance * np.exp(-r)

    def prior(self, a: Array) -> Array:
        """Variances of the rows a, (n, q), before anything was measured: (n,)."""
        return np.asarray(self.variances.sum() + self.slope * (self.offset + (a**2).sum(axis=1)))

    def noises(self, a: Array) -> Array:
        """Variances of measurements of the rows a, (n, q): (n,)."""
        return np.asarray(self.noise * np.exp(np.clip(a @ self.tilt, -MOST, MOST)))

    def to_array(self) -> Array:
        """All of it in a row, (m q + m + 3 + q,)."""
        scalars = (self.slope, self.offset, self.noise)
        return np.concatenate([self.lengths.ravel(), self.variances, scalars, self.tilt])

    @classmethod
    def of(cls, row: Array, q: int) -> Kernel:
        """The kernel over q features that to_array() wrote; ValueError when it did not."""
        m, rest = divmod(len(row) - 3 - q, q + 1)
        if m < 1 or rest:
            raise ValueError(f"{len(row)} numbers are no kernel over {q} features")
        lengths, variances, (slope, offset, noise), tilt = np.split(row, np.cumsum([m * q, m, 3]))
        return cls(lengths.reshape(m, q), variances, float(slope), float(offset), float(noise), tilt)


def likeliest(z: Array, t: Array, prior: float, steps: int) -> Kernel:
    """The kernel that makes the scaled targets t, (n,), of the scaled features z, (n, q), likeliest.

    Lengths are held by a log-normal prior of deviation `prior` about the distance of two random rows,
    which grows with the number of features, and the tilt by a normal one about 0: few rows hardly move
    them. steps: of L-BFGS-B, at most.
    """
    q, m, reach = z.shape[1], len(RANGES), reach_of(z)
    bounds = np.log([(0.05 * reach, 100.0 * reach)] * (m * q) + [VARIANCE] * m + [SLOPE, OFFSET, NOISE])
    start = np.log([*np.repeat(RANGES, q) * reach, *[START[0]] * m, *START[1:]])
    found = minimize(
        unlikelihood,
        np.concatenate([start, np.zeros(q)]),
        (z, t, prior, z @ z.T),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, *[(-MOST, MOST)] * q],
        options={"maxiter": steps},
    )
    return _of_search(found.x, q)


def reach_of(z: Array) -> float:
    """About the distance of two random rows of scaled features."""
    return float(np.sqrt(2.0 * max(z.shape[1], 1)))


def unlikelihood(theta: Array, z: Array, t: Array, prior: float, product: Array) -> tuple[float, Array]:
    """Minus the logarithm of evidence and prior, and its gradient in theta.

    theta: Kernel.to_array(), all but the tilt in logarithms; product: z @ z.T. Constants are left out.
    Source: Rasmussen & Williams (2006), eqs. 5.8 and 5.9, with a noise for each row.
    """
    k = _of_search(theta, z.shape[1])
    parts, noises = list(k.parts(z, z)), k.noises(z)
    matern, linear = [(1.0 + r) * decay for r, decay in parts], k.slope * (k.offset + product)
    covariance = sum(matern) + linear
    covariance[np.diag_indices(len(z))] += noises + JITTER
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:  # a step too far: equal rows, hardly any noise
        return UNLIKELY, np.zeros_like(theta)
    alpha = cho_solve((lower, True), t)
    inverse = solve_triangular(lower, np.eye(len(z)), lower=True)
    weight = inverse.T @ inverse - np.outer(alpha, alpha)
    off, tilted = np.log(k.lengths / reach_of(z)) / prior, k.tilt / TILT
    noisy = 0.5 * np.diag(weight) * noises
    # d covariance / d log length: 3 variance exp(-r) (difference / length)^2, summed without (n, n, q).
    pulls = [weight * (3.0 * decay) for _, decay in parts]
    squares = np.stack([pull.sum(axis=1) @ z**2 - (z * (pull @ z)).sum(axis=0) for pull in pulls])
    gradient = (
        (squares / k.lengths**2 + off / prior).ravel(),
        [0.5 * (weight * part).sum() for part in matern],
        [0.5 * (weight * linear).sum(), 0.5 * k.slope * k.offset * weight.sum(), noisy.sum()],
        (noisy * (np.abs(z @ k.tilt) < MOST)) @ z + tilted / TILT,
    )
    value = 0.5 * t @ alpha + np.log(np.diag(lower)).sum() + 0.5 * ((off**2).sum() + tilted @ tilted)
    return float(value), np.concatenate(gradient)


def _of_search(theta: Array, q: int) -> Kernel:
    """The kernel at a point of the search."""
    return Kernel.of(np.concatenate([np.exp(theta[:-q]), theta[-q:]]), q)
