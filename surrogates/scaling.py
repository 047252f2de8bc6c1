"""Scaling: features and targets to zero mean and unit spread, and predictions back to the target's unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray

CONSTANT = 1e-9  # a spread below this share of the column's size is rounding, not information


@dataclass(frozen=True, eq=False)
class Scaling:
    """Affine maps of q features and k targets, some targets on a logarithmic scale.

    centre, gain: (q,), a scaled feature is (x - centre) * gain, and gain is 0 where the feature never
    varied: nothing was learnt about it, so that a new value must not move the prediction.
    log: (k,) bool; offset, spread: (k,), of the targets after the logarithm.
    """

    centre: Array
    gain: Array
    log: BoolArray
    offset: Array
    spread: Array

    @classmethod
    def of(cls, x: Array, y: Array, log: BoolArray) -> Scaling:
        """The scaling under which the rows x, (n, q), and y, (n, k), have mean 0 and variance 1."""
        centre, deviation = x.mean(axis=0), x.std(axis=0)
        varies = deviation > CONSTANT * np.abs(x).max(axis=0)
        gain = np.where(varies, 1.0 / np.where(varies, deviation, 1.0), 0.0)
        seen = _logged(y, log)
        offset, spread = seen.mean(axis=0), seen.std(axis=0)
        spread = np.where(spread > CONSTANT * np.maximum(np.abs(seen).max(axis=0), 1.0), spread, 1.0)
        return cls(centre, gain, log, offset, spread)

    @property
    def n_features(self) -> int:
        """The number of features q."""
        return int(self.centre.size)

    @property
    def n_targets(self) -> int:
        """The number of targets k."""
        return int(self.offset.size)

    def features(self, x: Array) -> Array:
        """Scaled features of x, (n, q).

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        x = np.asarray(x, dtype=float)
        if x.ndim != 2 or x.shape[1] != self.n_features:
            raise ArgumentError(
                "x",
                f"(n, {self.n_features}) features, as many as it was fitted with",
                f"shape {x.shape}",
                "pass one row per point, from the same space and feature list as at fitting",
            )
        if not np.isfinite(x).all():
            raise _not_finite("x", x)
        return np.asarray((x - self.centre) * self.gain)

    def targets(self, y: Array) -> Array:
        """Scaled targets of y, (n, k)."""
        return np.asarray((_logged(y, self.log) - self.offset) / self.spread)

    def unscaled(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Mean and standard deviation in the targets' units, from those of scaled targets, each (n, k).

        A logarithmic target comes back as its median, which is what a relative error is about; its
        deviation is that of the logarithm times the value (first order).
        """
        value = mean * self.spread + self.offset
        std = np.sqrt(variance) * self.spread
        value = np.where(self.log, np.exp(np.where(self.log, value, 0.0)), value)
        return value, np.where(self.log, std * value, std)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        return {
            "centre": self.centre,
            "gain": self.gain,
            "log": np.asarray(self.log, dtype=float),
            "offset": self.offset,
            "spread": self.spread,
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> Scaling:
        """The same scaling from its arrays(); KeyError or ValueError when they do not fit together."""
        centre, gain, log, offset, spread = (
            arrays[name] for name in ("centre", "gain", "log", "offset", "spread")
        )
        if centre.ndim != 1 or centre.shape != gain.shape or not log.shape == offset.shape == spread.shape:
            raise ValueError("scaling arrays of unequal lengths")
        return cls(centre, gain, np.asarray(log, dtype=bool), offset, spread)


def training_rows(x: Array, y: Array, log: bool | tuple[bool, ...]) -> tuple[Array, Array, BoolArray]:
    """x, (n, q), and y, (n, k), as float arrays, and the (k,) mask of logarithmic targets.

    log: of each target, or one answer for all of them.
    Raises ArgumentError when a shape is wrong, n < 2, a value is not finite, or a logarithmic
    target is not positive.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or 0 in (x.shape[1], y.shape[1]):
        raise ArgumentError(
            "x, y",
            "features (n, q) and targets (n, k) of the same n, q and k >= 1",
            f"shapes {x.shape} and {y.shape}",
            "give one row of features and one of targets per point; a single target is y[:, None]",
        )
    if len(x) < 2:
        raise ArgumentError("x, y", "at least 2 rows", f"{len(x)}", "measure more points before fitting")
    for name, a in (("x", x), ("y", y)):
        if not np.isfinite(a).all():
            raise _not_finite(name, a)
    mask = np.full(y.shape[1], log) if isinstance(log, bool) else np.array(log, dtype=bool)
    if mask.shape != (y.shape[1],):
        raise ArgumentError(
            "log",
            f"one flag for each of the {y.shape[1]} targets, or one for all",
            f"{len(mask)} flags",
            "give one flag per column of y",
        )
    if (y[:, mask] <= 0.0).any():
        column = int(np.flatnonzero(mask & (y <= 0.0).any(axis=0))[0])
        raise ArgumentError(
            "y",
            "positive values of logarithmic targets",
            f"{y[:, column].min():g} in column {column}",
            "switch log off for this target or drop these rows",
        )
    return x, y, mask


def _logged(y: Array, log: BoolArray) -> Array:
    return np.where(log, np.log(np.where(log, y, 1.0)), y)


def _not_finite(name: str, a: Array) -> ArgumentError:
    row, column = np.argwhere(~np.isfinite(a))[0]
    return ArgumentError(
        name,
        "finite numbers",
        f"{a[row, column]} in row {row}, column {column}",
        "drop the row or mend the measurement",
    )


def scaled_rows(x: Array, y: Array, log: bool | tuple[bool, ...]) -> tuple[Scaling, Array, Array]:
    """What families learn from: the scaling of features x, (n, q), and targets y, (n, k), and both scaled.

    Raises ArgumentError when the rows cannot be used (see training_rows).
    """
    x, y, flags = training_rows(x, y, log)
    scaling = Scaling.of(x, y, flags)
    return scaling, scaling.features(x), scaling.targets(y)


def log_flags(log: bool | Sequence[bool]) -> bool | tuple[bool, ...]:
    """The setting `log` as it is kept: a configuration gives a list."""
    return log if isinstance(log, bool) else tuple(map(bool, log))
