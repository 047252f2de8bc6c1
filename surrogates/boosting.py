"""Boosting: small trees, each fitted to what those before it left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates.scaling import Scaling, log_flags, scaled_rows
from surrogates.trees import Trees

FOLDS = 5


@dataclass(frozen=True)
class Boosting:
    """Stochastic gradient boosting, grown by scikit-learn and predicted from arrays.

    trees: of each target; depth: of each tree; rate: share of a tree that counts; rows, features:
    shares that a tree, and a split, see; log: which targets are logarithmic, one flag each or one
    for all. The variance is that of rows held out in 5 folds, the same everywhere.
    Source: Friedman, Stochastic gradient boosting (2002).
    Raises ArgumentError when a setting is out of range.
    """

    trees: int = 200
    depth: int = 4
    rate: float = 0.05
    rows: float = 0.5
    features: float = 0.3
    log: bool | tuple[bool, ...] = True

    def __post_init__(self) -> None:
        at_least("trees", self.trees, 1)
        at_least("depth", self.depth, 1)
        for name in ("rate", "rows", "features"):
            share = getattr(self, name)
            if not 0.0 < share <= 1.0:
                raise ArgumentError(name, "a share in (0, 1]", repr(share), "set it in this range")
        object.__setattr__(self, "log", log_flags(self.log))

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedBoosting:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, z, t = scaled_rows(x, y, self.log)
        fold = rng.permutation(np.arange(len(z)) % min(FOLDS, len(z)))
        error = np.empty_like(t)
        for f in range(fold.max() + 1):
            trees, start = self._grown(z[fold != f], t[fold != f], rng)
            error[fold == f] = t[fold == f] - start - _sums(trees, z[fold == f], t.shape[1])
        trees, start = self._grown(z, t, rng)
        return FittedBoosting(scaling, trees, start, (error**2).mean(axis=0))

    def _grown(self, z: Array, t: Array, rng: Generator) -> tuple[Trees, Array]:
        """Trees, those of the first target first, with the rate in their values; and what they add to."""
        from sklearn.ensemble import GradientBoostingRegressor

        grown: list[Any] = []
        for k in range(t.shape[1]):
            settings: dict[str, Any] = {
                "n_estimators": self.trees,
                "learning_rate": self.rate,
                "max_depth": self.depth,
                "subsample": max(self.rows, 1.0 / len(z)),
                "max_features": self.features,
                "random_state": int(rng.integers(2**31)),
            }
            grown += GradientBoostingRegressor(**settings).fit(z, t[:, k]).estimators_[:, 0].tolist()
        trees = Trees.of(grown)
        trees.value[:] *= self.rate
        return trees, t.mean(axis=0)


@dataclass(frozen=True, eq=False)
class FittedBoosting:
    """trees: equally many of each target; start: (k,) what they add to; noise: (k,) held-out variance."""

    scaling: Scaling
    trees: Trees
    start: Array
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        mean = self.start + _sums(self.trees, self.scaling.features(x), len(self.start))
        return self.scaling.unscaled(mean, np.broadcast_to(self.noise, mean.shape))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        return {**self.scaling.arrays(), **self.trees.arrays(), "start": self.start, "noise": self.noise}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedBoosting:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        scaling = Scaling.restore(arrays)
        trees, start, noise = Trees.restore(arrays, scaling.n_features), arrays["start"], arrays["noise"]
        k = scaling.n_targets
        if len(trees.root) % k or trees.value.shape[1] != 1 or not start.shape == noise.shape == (k,):
            raise ValueError("trees that do not fit the scaling")
        return cls(scaling, trees, start, noise)


def _sums(trees: Trees, z: Array, targets: int) -> Array:
    """(n, k): the sum of each target's trees."""
    each = trees(z)[:, :, 0]
    return np.asarray(each.reshape(targets, len(trees.root) // targets, len(z)).sum(axis=1).T)
