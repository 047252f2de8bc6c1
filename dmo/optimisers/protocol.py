"""What an optimiser is: hyper-parameters that start an evolution, and the evolution's verbs."""

from __future__ import annotations

from typing import Protocol

from numpy.random import Generator

from dmo.batch import Batch
from dmo.space import Space
from dmo.types import Array


class Evolution(Protocol):
    """The state of one optimiser in one environment; it knows nothing of changes."""

    @property
    def population(self) -> Batch:
        """The present population, never empty after begin."""

    def begin(self, batch: Batch) -> None:
        """Forget everything and start from these evaluated points, of any number >= 1."""

    def ask(self) -> Array:
        """The next generation's points, (k, d), k >= 1."""

    def tell(self, batch: Batch) -> None:
        """Values of points asked for: all of a generation, or a part where the budget cut it.

        Before the first ask it may also be told further points to begin from: those that an answer
        given early had cut off.
        """


class Optimiser(Protocol):
    """Hyper-parameters of a static multi-objective optimiser, a frozen dataclass."""

    @property
    def pop_size(self) -> int:
        """Size of the population, and of what a change response returns."""

    def start(self, space: Space, rng: Generator) -> Evolution:
        """A new evolution; every random number it draws comes from rng."""
