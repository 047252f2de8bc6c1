"""The oracle: the best row of the table with hindsight."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated


@dataclass(frozen=True)
class Oracle:
    """Knows what every row was measured at, and chooses the best in each environment: not a policy
    that could be had, but what regret is counted from."""

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Hindsight(problem)


class _Hindsight(Unmoved):
    def __init__(self, problem: Tabulated) -> None:
        self.problem = problem

    def choose(self, t: float) -> int:
        return self.problem.pick(self.problem.truth(t), t)
