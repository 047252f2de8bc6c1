"""No response: carry the old population on."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from dmo.history import History
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class NoResponse:
    """Re-evaluate the last population and go on: what a static optimiser would do if it noticed."""

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The last population."""
        return take(history.populations[-1].x, n, rng)
