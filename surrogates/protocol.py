"""What a surrogate is: settings that fit rows of features, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self

from numpy.random import Generator

from dmo.types import Array


class Fitted(Protocol):
    """A predictor of k targets from q features; pure: the same row gives the same numbers."""

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units."""


class Surrogate(Protocol):
    """Settings of a predictor, a frozen dataclass; every fit starts anew from them."""

    def fit(self, x: Array, y: Array, rng: Generator) -> Fitted:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2; rng is its only randomness."""


class Storable(Fitted, Protocol):
    """A fitted predictor that is nothing but named arrays: what store.save takes."""

    def arrays(self) -> dict[str, Array]:
        """All it consists of, by name."""

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> Self:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
