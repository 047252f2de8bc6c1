"""Joint: several fitted predictors as one, each of its own targets and from its own features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates.protocol import Storable, find_kind, kind_name


@dataclass(frozen=True, eq=False)
class Part:
    """A predictor with the columns of x that it sees and the columns of the prediction that it fills."""

    fitted: Storable
    features: tuple[int, ...]
    targets: tuple[int, ...]

    def __post_init__(self) -> None:
        for name in ("features", "targets"):
            object.__setattr__(self, name, tuple(map(int, getattr(self, name))))


@dataclass(frozen=True, eq=False)
class Joint:
    """Predictors side by side over n_features features.

    A target that depends on some features alone is learnt from these, and from the rows in which
    they differ: whatever else varies cannot move its prediction, and rows that repeat it do not
    pass for independent evidence.
    Raises ArgumentError unless every target has exactly one part.
    """

    n_features: int
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        targets = sorted(k for part in self.parts for k in part.targets)
        if not targets or targets != list(range(len(targets))):
            raise ArgumentError(
                "parts", "each target 0, 1, ... in one part", str(targets), "share the targets out once each"
            )

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

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
        shape = len(x), sum(len(part.targets) for part in self.parts)
        mean, std = np.empty(shape), np.empty(shape)
        for part in self.parts:
            columns = list(part.targets)
            mean[:, columns], std[:, columns] = part.fitted.predict(x[:, list(part.features)])
        return mean, std

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        named: dict[str, NDArray[Any]] = {"n_features": np.array(self.n_features)}
        for i, part in enumerate(self.parts):
            named[f"{i}.kind"] = np.array(kind_name(part.fitted))
            named[f"{i}.features"] = np.array(part.features, dtype=np.int64)
            named[f"{i}.targets"] = np.array(part.targets, dtype=np.int64)
            named |= {f"{i}.fitted.{name}": a for name, a in part.fitted.arrays().items()}
        return named

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> Joint:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        parts = []
        for i in range(sum(name.endswith(".kind") and name.count(".") == 1 for name in arrays)):
            own = {
                n.removeprefix(f"{i}.fitted."): a for n, a in arrays.items() if n.startswith(f"{i}.fitted.")
            }
            fitted = find_kind(str(arrays[f"{i}.kind"])).restore(own)
            parts.append(Part(fitted, arrays[f"{i}.features"], arrays[f"{i}.targets"]))
        joint = cls(int(arrays["n_features"]), tuple(parts))
        joint.predict(np.zeros((1, joint.n_features)))  # ValueError or IndexError where parts do not fit
        return joint
