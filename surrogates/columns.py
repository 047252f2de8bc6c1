"""Columns: a surrogate that sees some of the features, such as the multiply-adds alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.random import Generator

from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates.joint import Joint, Part
from surrogates.protocol import Surrogate


@dataclass(frozen=True)
class Columns:
    """The surrogate within, fitted to the features of these names; the others cannot move it.

    surrogate: learns from them; names: of the features; index: where they are, found by `bound`.
    With Ridge and the logarithm of the multiply-adds it is the usual FLOPs baseline.
    Raises ArgumentError when it is fitted before it is bound.
    """

    surrogate: Surrogate
    names: tuple[str, ...]
    index: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "index", tuple(map(int, self.index)))

    def bound(self, features: Sequence[str]) -> Columns:
        """This surrogate for features of these names. Raises ArgumentError when one is not among them."""
        missing = [name for name in self.names if name not in features]
        if missing or not self.names:
            raise ArgumentError(
                "names", f"some of {', '.join(features)}", f"{missing or 'none'}", "name features there are"
            )
        return replace(self, index=tuple(list(features).index(name) for name in self.names))

    def fit(self, x: Array, y: Array, rng: Generator) -> Joint:
        """Learn the targets y, (n, k), of some columns of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used, or no column has been found yet.
        """
        if not self.index or max(self.index) >= x.shape[1]:
            raise ArgumentError(
                "index", f"columns below {x.shape[1]}", f"{self.index}", "call bound(names of the features)"
            )
        fitted: Any = self.surrogate.fit(x[:, list(self.index)], y, rng)
        return Joint(x.shape[1], (Part(fitted, self.index, tuple(range(y.shape[1]))),))
