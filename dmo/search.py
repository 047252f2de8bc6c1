"""What a searcher is: hyper-parameters that start a search, and the search's four verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from numpy.random import Generator

from dmo.batch import Batch
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True, eq=False)
class Environment:
    """What an announced change reveals.

    index: number of the environment, from 0; t: its time, None where a searcher detected the
    change by itself; context: (c,) state of the surroundings (budgets, deadline, contention,
    preference), None where the problem tells none.
    """

    index: int
    t: float | None
    context: Array | None


class Search(Protocol):
    """The state of one run. Time is not its business: it is told values and, if announced, changes.

    A search may also have a property `done`: whether more evaluations in this environment are not
    worth while. A live controller stops then; a run with a budget goes on to its end.
    """

    def ask(self, limit: int) -> Array:
        """1 to `limit` points to evaluate next, (n, d)."""

    def tell(self, batch: Batch) -> None:
        """The values of the points last asked for, in the same order."""

    def change(self, environment: Environment) -> None:
        """An environment begins, the first included; called only where changes are announced."""

    def answer(self) -> Array:
        """The set proposed now, (k, d), k >= 1; asked for after at least one tell."""


class Searcher(Protocol):
    """Hyper-parameters, a frozen dataclass; every run starts a search of its own from them."""

    def start(self, space: Space, rng: Generator) -> Search:
        """A new search; every random number it draws comes from rng."""
