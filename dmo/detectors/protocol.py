"""What a detector is: hyper-parameters that start a watch, and the watch's verbs."""

from __future__ import annotations

from typing import Protocol

from numpy.random import Generator

from dmo.batch import Batch
from dmo.space import Space
from dmo.types import IntArray


class Watch(Protocol):
    """The state of one run's detection. A detector without a state is its own watch."""

    def observe(self, parents: Batch, children: Batch) -> bool:
        """Whether a generation's values, beside those of the population it came from, show a change.

        Both were paid for anyway: observing costs nothing. Children may have been evaluated across
        the change, the later ones after it.
        """

    def sentinels(self, population: Batch, rng: Generator) -> IntArray:
        """Rows of the population to evaluate again, at the budget's cost; none is allowed."""

    def changed(self, before: Batch, after: Batch) -> bool:
        """Whether the sentinels' values, then and now, show a change."""

    def reset(self) -> None:
        """Another environment begins: what was observed belongs to the last."""


class Detector(Protocol):
    """Hyper-parameters, a frozen dataclass; every search starts a watch of its own from them."""

    def start(self, space: Space) -> Watch:
        """A new watch."""
