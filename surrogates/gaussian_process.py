"""GaussianProcess: a linear trend and two Matern parts over it, one process per target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from dmo.checks import at_least
from dmo.types import Array
from surrogates.blocks import in_blocks
from surrogates.kernel import JITTER, Kernel, likeliest
from surrogates.scaling import Scaling, log_flags, scaled_rows


@dataclass(frozen=True)
class GaussianProcess:
    """Gaussian-process regression; kernel: two of constant * Matern 3/2, constant * linear, and noise.

    Each Matern part has a length for every feature, so that what a target does not depend on is
    forgotten: one finds what varies slowly, such as what all levels of contention share, the other what
    does not. The noise has a factor for every feature, so that rows measured roughly count less.

    log: which targets are logarithmic, one flag each or one for all; rows: hyper-parameters are
    found from at most so many of them, drawn at random (of few, noise is underestimated and deviations
    are too small: see Conformal); all rows are conditioned on; prior: deviation of
    a length's logarithm, about that of the distance of two random rows; steps: of the search for the
    likeliest hyper-parameters, at most.
    Source: Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), alg. 2.1, eqs. 4.17,
    5.2 and 5.9; Harvey, Estimating Regression Models with Multiplicative Heteroscedasticity (1976), for
    the noise. Raises ArgumentError when a setting is out of range.
    """

    log: bool | tuple[bool, ...] = True
    rows: int = 600
    prior: float = 1.0
    steps: int = 100

    def __post_init__(self) -> None:
        at_least("rows", self.rows, 2)
        at_least("prior", self.prior, 1e-3)
        at_least("steps", self.steps, 1)
        object.__setattr__(self, "log", log_flags(self.log))

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedGaussianProcess:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, z, t = scaled_rows(x, y, self.log)
        some = rng.permutation(len(z))[: self.rows]
        kernels = [likeliest(z[some], t[some, k], self.prior, self.steps) for k in range(t.shape[1])]
        alphas, factors = [], []
        for k, kernel in enumerate(kernels):
            gram = kernel(z, z)
            factor = np.linalg.cholesky(gram + np.diag(kernel.noises(z) + JITTER))
            half = solve_triangular(factor, t[:, k], lower=True)
            alphas.append(solve_triangular(factor, half, lower=True, trans=1))
            factors.append(np.linalg.inv(factor))
        return FittedGaussianProcess(scaling, z, tuple(kernels), np.stack(alphas), np.stack(factors))


@dataclass(frozen=True, eq=False)
class FittedGaussianProcess:
    """z: (N, q) scaled features; kernels: k, one of each target; alphas: (k, N); factors: (k, N, N),
    inverse Cholesky factors."""

    scaling: Scaling
    z: Array
    kernels: tuple[Kernel, ...]
    alphas: Array
    factors: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        The deviation is that of a measurement: the noise included.
        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        k = len(self.kernels)
        found = in_blocks(self.scaling.features(x), 2 * k, self._scaled)
        return self.scaling.unscaled(found[:, :k], found[:, k:])

    def _scaled(self, z: Array) -> Array:
        """(n, 2k): means and variances of the scaled targets of scaled features z, (n, q)."""
        means, variances = [], []
        for kernel, alpha, factor in zip(self.kernels, self.alphas, self.factors, strict=True):
            cross = kernel(z, self.z)
            means.append(cross @ alpha)
            known = ((cross @ factor.T) ** 2).sum(axis=1)
            variances.append(np.maximum(kernel.prior(z) - known, 0.0) + kernel.noises(z))
        return np.stack([*means, *variances], axis=1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        kernels = np.stack([kernel.to_array() for kernel in self.kernels])
        own = {"z": self.z, "kernels": kernels, "alphas": self.alphas, "factors": self.factors}
        return {**self.scaling.arrays(), **own}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedGaussianProcess:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        scaling = Scaling.restore(arrays)
        z, kernels, alphas, factors = (arrays[name] for name in ("z", "kernels", "alphas", "factors"))
        k, n = scaling.n_targets, len(z)
        wanted = (n, scaling.n_features), (k, n), (k, n, n)
        if (z.shape, alphas.shape, factors.shape) != wanted or len(kernels) != k:
            raise ValueError("a Gaussian process whose arrays do not fit together")
        of = (Kernel.of(row, scaling.n_features) for row in kernels)
        return cls(scaling, z, tuple(of), alphas, factors)
