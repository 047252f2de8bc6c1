"""What a change response is: the field's plug-in point."""

from __future__ import annotations

from typing import Protocol

from numpy.random import Generator

from dmo.history import History
from dmo.space import Space
from dmo.types import Array


class Response(Protocol):
    """Where should the search restart after a change? Responses never call the problem.

    The new population is what was probed and what respond returns; the optimiser keeps the best n.
    """

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Points to be evaluated in the new environment first, (k, d), k >= 0; they cost budget."""

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The points from which the search restarts, (n, d), all within the space.

        k of them may be left out where k points were probed, so that no member costs two evaluations;
        one row at least must be returned.
        """
