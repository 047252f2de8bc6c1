"""Forest: trees grown on resampled rows, averaged."""

from __future__ import annotations

import warnings
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


@dataclass(frozen=True)
class Forest:
    """A random forest, grown by scikit-learn and predicted from arrays.

    trees: how many; features: share of the features that a split may choose from; log: which
    targets are logarithmic, one flag each or one for all. The variance is that between trees plus
    the out-of-bag variance of all rows, less what the former explains of it.
    Source: Breiman, Random Forests (2001). Raises ArgumentError when a setting is out of range.
    """

    trees: int = 200
    features: float = 0.5
    log: bool | tuple[bool, ...] = True

    def __post_init__(self) -> None:
        at_least("trees", self.trees, 2)
        if not 0.0 < self.features <= 1.0:
            raise ArgumentError("features", "a share in (0, 1]", repr(self.features), "0.5 is usual")
        object.__setattr__(self, "log", log_flags(self.log))

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedForest:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        from sklearn.ensemble import RandomForestRegressor

        scaling, z, t = scaled_rows(x, y, self.log)
        forest = RandomForestRegressor(
            self.trees, max_features=self.features, oob_score=True, random_state=int(rng.integers(2**31))
        )
        with warnings.catch_warnings():
            # Of very few rows, some are in every bag; they are left out below.
            warnings.filterwarnings("ignore", message="Some inputs do not have OOB scores")
            forest.fit(z, t[:, 0] if t.shape[1] == 1 else t)
        trees = Trees.of(forest.estimators_)
        seen = forest.oob_prediction_.reshape(t.shape)
        error = ((seen - t) ** 2)[(seen != 0.0).any(axis=1)]
        mean = error.mean(axis=0) if len(error) else np.ones(t.shape[1])
        return FittedForest(scaling, trees, np.maximum(mean - trees(z).var(axis=0).mean(axis=0), 0.1 * mean))


@dataclass(frozen=True, eq=False)
class FittedForest:
    """trees: of the scaled features; noise: (k,) variance that their disagreement does not explain."""

    scaling: Scaling
    trees: Trees
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        each = self.trees(self.scaling.features(x))
        return self.scaling.unscaled(each.mean(axis=0), each.var(axis=0) + self.noise)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        return {**self.scaling.arrays(), **self.trees.arrays(), "noise": self.noise}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedForest:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        scaling = Scaling.restore(arrays)
        trees, noise = Trees.restore(arrays, scaling.n_features), arrays["noise"]
        if trees.value.shape[1] != scaling.n_targets or noise.shape != (scaling.n_targets,):
            raise ValueError("trees that do not fit the scaling")
        return cls(scaling, trees, noise)
