"""Static deployments: one strategy for good."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated


@dataclass(frozen=True)
class StaticFull:
    """The full network in fp32 with the engine's defaults, whatever happens."""

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Still(problem.full)


@dataclass(frozen=True)
class StaticBest:
    """What is predicted to be best for the first environment, for good."""

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _First(problem)


class _Still(Unmoved):
    def __init__(self, row: int) -> None:
        self.row = row

    def choose(self, t: float) -> int:
        return self.row


class _First(Unmoved):
    def __init__(self, problem: Tabulated) -> None:
        self.problem = problem
        self.row: int | None = None

    def choose(self, t: float) -> int:
        if self.row is None:
            self.row = self.problem.pick(self.problem.predicted(t), t)
        return self.row
