"""KNearest: the mean of the most similar measured rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.types import Array
from surrogates.blocks import in_blocks
from surrogates.scaling import Scaling, log_flags, scaled_rows


@dataclass(frozen=True)
class KNearest:
    """The mean of the nearest rows in standardised features, weighted by inverse squared distance.

    neighbours: how many, at most the rows there are; log: which targets are logarithmic, one flag
    each or one for all. The predicted variance is that of the neighbours plus the leave-one-out
    variance of all rows. Deterministic: rng is not used.
    Source: Shepard, A two-dimensional interpolation function for irregularly-spaced data (1968),
    with power 2. Raises ArgumentError when a setting is out of range.
    """

    neighbours: int = 5
    log: bool | tuple[bool, ...] = True

    def __post_init__(self) -> None:
        at_least("neighbours", self.neighbours, 1)
        object.__setattr__(self, "log", log_flags(self.log))

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedNearest:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, z, t = scaled_rows(x, y, self.log)
        k = min(self.neighbours, len(z) - 1)
        silent = FittedNearest(scaling, z, t, k, np.zeros(t.shape[1]))
        left_out = silent.nearest(z, skip=np.arange(len(z)))
        noise = ((left_out[:, : t.shape[1]] - t) ** 2).mean(axis=0)
        return FittedNearest(scaling, z, t, k, noise)


@dataclass(frozen=True, eq=False)
class FittedNearest:
    """z: (N, q) scaled features; t: (N, k) scaled targets; noise: (k,) leave-one-out variance."""

    scaling: Scaling
    z: Array
    t: Array
    neighbours: int
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        found = self.nearest(self.scaling.features(x))
        k = self.t.shape[1]
        return self.scaling.unscaled(found[:, :k], found[:, k:] + self.noise)

    def nearest(self, z: Array, skip: NDArray[np.intp] | None = None) -> Array:
        """(n, 2k): the neighbours' weighted mean and variance; skip: a row that each z must not use."""
        square = (self.z**2).sum(axis=1)
        distance = in_blocks(z, len(self.z), lambda b: b @ self.z.T)
        distance = np.maximum((z**2).sum(axis=1)[:, None] + square - 2.0 * distance, 0.0)
        if skip is not None:
            distance[np.arange(len(z)), skip] = np.inf
        near = np.argsort(distance, axis=1, kind="stable")[:, : self.neighbours]
        weight = 1.0 / (np.take_along_axis(distance, near, axis=1) + 1e-9)
        weight = (weight / weight.sum(axis=1, keepdims=True))[:, :, None]
        values = self.t[near]
        mean = (weight * values).sum(axis=1)
        variance = (weight * (values - mean[:, None]) ** 2).sum(axis=1)
        return np.concatenate([mean, variance], axis=1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        own = {"z": self.z, "t": self.t, "neighbours": np.array(self.neighbours), "noise": self.noise}
        return {**self.scaling.arrays(), **own}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedNearest:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        scaling = Scaling.restore(arrays)
        z, t, noise, k = arrays["z"], arrays["t"], arrays["noise"], int(arrays["neighbours"])
        shapes = (len(z), scaling.n_features), (len(z), scaling.n_targets), (scaling.n_targets,)
        if (z.shape, t.shape, noise.shape) != shapes or not 1 <= k <= len(z):
            raise ValueError("rows that do not fit the scaling")
        return cls(scaling, z, t, k, noise)
