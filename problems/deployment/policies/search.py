"""Any searcher of the framework as a policy: search, answer, choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

import dmo
from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.loop import answers_of
from dmo.oracle import Oracle
from dmo.schedule import Schedule
from dmo.types import Array
from problems.deployment.choice import choose
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated

MOST = 100_000  # environments


@dataclass(frozen=True)
class Search:
    """Searches the table with `searcher` and chooses from its answer by the preference.

    evals: evaluations of predictions in each environment; first: in the first one, None for as many.
    """

    searcher: dmo.Searcher
    evals: int = 1000
    first: int | None = None

    def __post_init__(self) -> None:
        at_least("evals", self.evals, 1)

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Searching(problem, self, rng)


def answers(problem: Tabulated, settings: Search, rng: Generator) -> Callable[[float], Array]:
    """What a search through the environments answers at t = 0, 1, ...: (k, d) points, asked for in order."""
    schedule = Schedule(settings.evals, MOST, 1.0, settings.first)
    found = enumerate(
        answers_of(settings.searcher.start(problem.space, rng), Oracle(problem, schedule), early=True)
    )

    def answer(t: float) -> Array:
        k, x = next(found)
        if k != t:
            raise ArgumentError(
                "t", f"environment {k}, the one after the last", repr(t), "play them in order"
            )
        return x

    return answer


class _Searching(Unmoved):
    def __init__(self, problem: Tabulated, settings: Search, rng: Generator) -> None:
        self.problem = problem
        self.answer = answers(problem, settings, rng)

    def choose(self, t: float) -> int:
        x = self.answer(t)
        batch = self.problem.evaluate(x, t)
        pick = choose(batch, self.problem.problem.full, self.problem.prefers(t))
        return int(self.problem.row(x[[pick]])[0])
