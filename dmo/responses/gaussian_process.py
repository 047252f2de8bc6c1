"""Gaussian process regression: several outputs that share one kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import solve_triangular

from dmo.checks import at_least
from dmo.distances import squared_distances
from dmo.types import Array

SMALLEST_NOISE = 1e-5  # with less, rounding makes the kernel matrix of points close together indefinite


class Kernel(Protocol):
    """A covariance function."""

    def matrix(self, a: Array, b: Array) -> Array:
        """The covariance of each row of a, (n, p), with each of b, (k, p): (n, k)."""


@dataclass(frozen=True)
class Linear:
    """Inner products: the regression is linear, without a constant."""

    def matrix(self, a: Array, b: Array) -> Array:
        """(n, k) from (n, p) and (k, p)."""
        return a @ b.T


@dataclass(frozen=True)
class SquaredExponential:
    """Smooth functions that vary over about the length scale."""

    length: float = 0.5

    def __post_init__(self) -> None:
        at_least("length", self.length, 1e-6)

    def matrix(self, a: Array, b: Array) -> Array:
        """(n, k) from (n, p) and (k, p)."""
        return np.asarray(np.exp(squared_distances(a, b) / (-2.0 * self.length**2)))


@dataclass(frozen=True, eq=False)
class GaussianProcess:
    """A posterior, of mean zero before the data.

    x: (n, p) inputs; weights: (n, d), from kernel values to the outputs' means; evidence: the log
    marginal likelihood, summed over the outputs, each with the variance under which it is most likely.
    """

    kernel: Kernel
    x: Array
    weights: Array
    evidence: float

    def predict(self, x: Array) -> Array:
        """The outputs' means at x, (k, p): (k, d)."""
        return self.kernel.matrix(x, self.x) @ self.weights


def fit(x: Array, y: Array, kernel: Kernel, noise: float) -> GaussianProcess:
    """The posterior of outputs y, (n, d), at x, (n, p).

    noise: standard deviation of the noise, as a share of the process's own; at least SMALLEST_NOISE.
    Source: Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1, with
    the variance of section 5.4.1's likelihood maximised in closed form.
    """
    n, d = y.shape
    matrix = kernel.matrix(x, x)
    matrix[np.diag_indices(n)] += max(noise, SMALLEST_NOISE) ** 2
    lower = np.linalg.cholesky(matrix)
    half = solve_triangular(lower, y, lower=True)
    # An output that does not vary would have an infinite likelihood under every kernel alike.
    variance = np.maximum((half**2).mean(axis=0), 1e-300)
    log_det = 2.0 * np.log(np.diag(lower)).sum()
    evidence = -0.5 * (n * np.log(2.0 * np.pi * variance).sum() + d * (log_det + n))
    return GaussianProcess(kernel, x, solve_triangular(lower, half, lower=True, trans=1), float(evidence))


def most_likely(x: Array, y: Array, kernels: Sequence[Kernel], noise: float) -> GaussianProcess:
    """Of the posteriors under these kernels the one of the greatest evidence."""
    return max((fit(x, y, kernel, noise) for kernel in kernels), key=lambda found: found.evidence)
