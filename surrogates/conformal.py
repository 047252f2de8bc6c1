"""Conformal: intervals that cover as often as they say, around any surrogate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import stats

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates.protocol import Storable, Surrogate, find_kind, kind_name


@dataclass(frozen=True)
class Conformal:
    """The surrogate within, with deviations scaled so that the central interval of `level` covers it.

    surrogate: predicts; folds: the rows are held out once each, in so many parts; level: share of
    new rows that mean +- its normal quantile times the deviation shall hold. The score of a held-out
    row is its error in deviations; their quantile of rank ceil((n + 1) level) over the normal quantile
    is the factor, one for each target. The mean is that of the surrogate fitted to all rows.
    together: columns of x; rows equal in all of them are held out together, so that intervals hold for
    rows like none learnt from (other models, say); none: each row is one of its own.

    Source: Papadopoulos et al., Normalized nonconformity measures for regression conformal prediction
    (2008); Vovk, Cross-conformal predictors (2015), for the folds; Barber et al., Predictive inference
    with the jackknife+ (2021), theorem 1, for what refitting may cost of the guarantee.
    Deviation: one symmetric factor, so that mean and deviation stay all there is to a prediction.
    Raises ArgumentError when a setting is out of range.
    """

    surrogate: Surrogate
    folds: int = 5
    level: float = 0.9
    together: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        at_least("folds", self.folds, 2)
        if not 0.0 < self.level < 1.0:
            raise ArgumentError("level", "a share strictly between 0 and 1", repr(self.level), "0.9 is usual")

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedConformal:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2, fitting folds + 1 times.

        Of fewer than 4 rows, or groups of rows, none is held out and the factor is 1.
        Raises ArgumentError when the rows cannot be used.
        """
        fitted: Any = self.surrogate.fit(x, y, rng)
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        group = np.arange(len(x))
        if self.together:
            group = np.unique(x[:, list(self.together)], axis=0, return_inverse=True)[1].ravel()
        groups = int(group.max()) + 1
        if groups < 4:
            return FittedConformal(fitted, np.ones(y.shape[1]))
        fold = rng.permutation(np.arange(groups) % min(self.folds, groups // 2))[group]
        score = np.empty_like(y)
        for f in range(fold.max() + 1):
            held = fold == f
            mean, std = self.surrogate.fit(x[~held], y[~held], rng).predict(x[held])
            score[held] = np.abs(y[held] - mean) / np.maximum(std, np.finfo(float).tiny)
        rank = min(int(np.ceil((len(x) + 1) * self.level)), len(x))
        factor = np.sort(score, axis=0)[rank - 1] / stats.norm.ppf(0.5 + self.level / 2.0)
        return FittedConformal(fitted, np.minimum(factor, 1e6))


@dataclass(frozen=True, eq=False)
class FittedConformal:
    """fitted: predicts; factor: (k,) by which its deviations are multiplied."""

    fitted: Storable
    factor: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units."""
        mean, std = self.fitted.predict(x)
        return mean, std * self.factor

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        inner = {f"fitted.{name}": a for name, a in self.fitted.arrays().items()}
        return {"kind": np.array(kind_name(self.fitted)), "factor": self.factor, **inner}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedConformal:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        own = {n.removeprefix("fitted."): a for n, a in arrays.items() if n.startswith("fitted.")}
        return cls(find_kind(str(arrays["kind"])).restore(own), arrays["factor"])
