"""What a surrogate is: settings that fit rows of features, and what comes of it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Protocol, Self

from numpy.random import Generator
from numpy.typing import NDArray

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

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> Self:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""


def kind_name(fitted: Storable) -> str:
    """Under which name its class is found again."""
    return f"{type(fitted).__module__}.{type(fitted).__qualname__}"


def find_kind(name: str) -> type[Storable]:
    """The class of that name, as with _target_ in a configuration: anybody's predictor can be stored.

    Raises ImportError, AttributeError or ValueError when there is no such predictor.
    """
    module, _, attribute = name.rpartition(".")
    kind = getattr(importlib.import_module(module), attribute)
    if not (isinstance(kind, type) and hasattr(kind, "restore")):
        raise ValueError(f"{name} is no storable predictor")
    return kind
