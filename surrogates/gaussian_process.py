"""GaussianProcess: a linear trend and a Matern process over it, one per target."""

from __future__ import annotations

import warnings
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
from surrogates.scaling import Scaling, log_flags, scaled_rows


@dataclass(frozen=True)
class GaussianProcess:
    """Gaussian-process regression; kernel: constant * Matern 3/2 + constant * linear + noise.

    log: which targets are logarithmic, one flag each or one for all; rows: hyper-parameters are
    found from at most so many of them, drawn at random, by scikit-learn; all rows are conditioned on.
    Source: Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), alg. 2.1, eqs. 4.17
    and 5.9. Raises ArgumentError when a setting is out of range.
    """

    log: bool | tuple[bool, ...] = True
    rows: int = 600

    def __post_init__(self) -> None:
        at_least("rows", self.rows, 2)
        object.__setattr__(self, "log", log_flags(self.log))

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedGaussianProcess:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, z, t = scaled_rows(x, y, self.log)
        some = rng.permutation(len(z))[: self.rows]
        kernels = np.array([_kernel(z[some], t[some, k]) for k in range(t.shape[1])])
        alphas, factors = [], []
        for k, (matern, length, linear, offset, noise) in enumerate(kernels):
            gram = _covariance(z, z, matern, length, linear, offset)
            factor = np.linalg.cholesky(gram + (noise + 1e-8) * np.eye(len(z)))
            half = solve_triangular(factor, t[:, k], lower=True)
            alphas.append(solve_triangular(factor, half, lower=True, trans=1))
            factors.append(np.linalg.inv(factor))
        return FittedGaussianProcess(scaling, z, kernels, np.stack(alphas), np.stack(factors))


@dataclass(frozen=True, eq=False)
class FittedGaussianProcess:
    """z: (N, q) scaled features; kernels: (k, 5), of each target the variance and length of the Matern
    part, the slope and offset of the linear part (variances), and the noise; alphas: (k, N); factors:
    (k, N, N), inverse Cholesky factors."""

    scaling: Scaling
    z: Array
    kernels: Array
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
        product, square = z @ self.z.T, (z**2).sum(axis=1)
        distance = np.sqrt(np.maximum(square[:, None] + (self.z**2).sum(axis=1) - 2.0 * product, 0.0))
        for (matern, length, linear, offset, noise), alpha, factor in zip(
            self.kernels, self.alphas, self.factors, strict=True
        ):
            r = np.sqrt(3.0) / length * distance
            cross = matern * (1.0 + r) * np.exp(-r) + linear * (offset + product)
            means.append(cross @ alpha)
            prior = matern + linear * (offset + square)
            known = ((cross @ factor.T) ** 2).sum(axis=1)
            variances.append(np.maximum(prior - known, 0.0) + noise)
        return np.stack([*means, *variances], axis=1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        own = {"z": self.z, "kernels": self.kernels, "alphas": self.alphas, "factors": self.factors}
        return {**self.scaling.arrays(), **own}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedGaussianProcess:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        scaling = Scaling.restore(arrays)
        z, kernels, alphas, factors = (arrays[name] for name in ("z", "kernels", "alphas", "factors"))
        k, n = scaling.n_targets, len(z)
        wanted = (n, scaling.n_features), (k, 5), (k, n), (k, n, n)
        if (z.shape, kernels.shape, alphas.shape, factors.shape) != wanted:
            raise ValueError("a Gaussian process whose arrays do not fit together")
        return cls(scaling, z, kernels, alphas, factors)


def _kernel(z: Array, t: Array) -> list[float]:
    """The hyper-parameters, see FittedGaussianProcess, that make the scaled target t, (n,), likeliest."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process import kernels as k

    # Lengths in units of the distance of two random rows, which grows with the number of features.
    reach = float(np.sqrt(2.0 * max(z.shape[1], 1)))
    shape: Any = (
        k.ConstantKernel(1.0, (1e-3, 1e3)) * k.Matern(reach, (0.05 * reach, 100.0 * reach), nu=1.5)
        + k.ConstantKernel(0.1, (1e-6, 1e2)) * k.DotProduct(1.0, (1e-2, 1e2))
        + k.WhiteKernel(0.05, (1e-6, 1.0))
    )
    with warnings.catch_warnings():
        # A parameter at its bound: the part of the kernel is not needed.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = GaussianProcessRegressor(shape).fit(z, t).kernel_
    matern, linear, noise = found.k1.k1, found.k1.k2, found.k2
    return [
        matern.k1.constant_value,
        matern.k2.length_scale,
        linear.k1.constant_value,
        linear.k2.sigma_0**2,
        noise.noise_level,
    ]


def _covariance(a: Array, b: Array, matern: float, length: float, linear: float, offset: float) -> Array:
    product = a @ b.T
    square = np.maximum((a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * product, 0.0)
    r = np.sqrt(3.0 * square) / length
    return np.asarray(matern * (1.0 + r) * np.exp(-r) + linear * (offset + product))
