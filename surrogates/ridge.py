"""Ridge: the linear baseline, in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates.scaling import Scaling, log_flags, scaled_rows


@dataclass(frozen=True)
class Ridge:
    """Linear regression with a quadratic penalty, chosen for each target by its leave-one-out error.

    log: which targets are logarithmic, one flag each or one for all; penalties: to choose from, > 0,
    in units of one row's weight (features and targets are standardised).
    Deterministic: rng is not used. Source: Hastie et al., The Elements of Statistical Learning
    (2009), eqs. 3.47 and 7.64.
    Raises ArgumentError when a penalty is not positive.
    """

    log: bool | tuple[bool, ...] = True
    penalties: tuple[float, ...] = (0.01, 0.1, 1.0, 10.0, 100.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log", log_flags(self.log))
        object.__setattr__(self, "penalties", tuple(map(float, self.penalties)))
        if not self.penalties or not all(0.0 < p < float("inf") for p in self.penalties):
            raise ArgumentError(
                "penalties", "at least one finite number > 0", repr(self.penalties), "0.01 to 100 is usual"
            )

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedRidge:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, z, t = scaled_rows(x, y, self.log)
        left, singular, right = np.linalg.svd(z, full_matrices=False)
        projected = left.T @ t  # (r, k)
        weights, noise = np.empty((z.shape[1], t.shape[1])), np.full(t.shape[1], np.inf)
        for p in self.penalties:
            shrunk = singular**2 / (singular**2 + p)
            # The mean was fitted as well: it adds 1/n to the leverage of every row.
            leverage = np.minimum((left**2) @ shrunk + 1.0 / len(z), 1.0 - 1e-6)
            left_out = (t - left @ (shrunk[:, None] * projected)) / (1.0 - leverage)[:, None]
            error = (left_out**2).mean(axis=0)
            better = error < noise
            solved = right.T @ ((singular / (singular**2 + p))[:, None] * projected)
            weights[:, better], noise[better] = solved[:, better], error[better]
        return FittedRidge(scaling, weights, noise)


@dataclass(frozen=True, eq=False)
class FittedRidge:
    """weights: (q, k), from scaled features to scaled targets; noise: (k,), their leave-one-out variance."""

    scaling: Scaling
    weights: Array
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        # A sum of products rather than a matrix product, which rounds differently for other numbers
        # of rows: a point evaluated again has the very same value.
        mean = (self.scaling.features(x)[:, :, None] * self.weights).sum(axis=1)
        return self.scaling.unscaled(mean, np.broadcast_to(self.noise, mean.shape))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        return {**self.scaling.arrays(), "weights": self.weights, "noise": self.noise}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedRidge:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        scaling = Scaling.restore(arrays)
        weights, noise = arrays["weights"], arrays["noise"]
        if weights.shape != (scaling.n_features, scaling.n_targets) or noise.shape != (scaling.n_targets,):
            raise ValueError("ridge weights that do not fit the scaling")
        return cls(scaling, weights, noise)
