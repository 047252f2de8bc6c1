"""AdaptiveNet's rule: from what is deployed, step to neighbours along the trade-off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated


@dataclass(frozen=True)
class Walk:
    """Starts with what is predicted to be best, and then moves step by step to the best of the nearest
    strategies until none is better.

    neighbours: how many are looked at in each step, nearest by their knobs; steps: at most in one
    environment. A step first lessens the violation of limits, then the cost.
    Source: Wen et al., AdaptiveNet (MobiCom 2023): the subnet that runs is replaced by others near the
    budget, found from it by small changes. Of the paper only the abstract and summaries could be read.
    Deviation: AdaptiveNet swaps blocks of the model and measures candidates on the device; here any knob
    of any layer may change, by predictions.
    """

    neighbours: int = 20
    steps: int = 50

    def __post_init__(self) -> None:
        at_least("neighbours", self.neighbours, 1)
        at_least("steps", self.steps, 1)

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Walking(problem, self)


class _Walking(Unmoved):
    def __init__(self, problem: Tabulated, settings: Walk) -> None:
        self.problem, self.settings, self.row = problem, settings, -1
        size = np.maximum(problem.problem.strategies.sizes - 1, 1)
        self.place = problem.x / size

    def choose(self, t: float) -> int:
        problem = self.problem
        batch = problem.predicted(t)
        if self.row < 0:
            self.row = problem.pick(batch, t)
        for _ in range(self.settings.steps):
            distance = np.abs(self.place - self.place[self.row]).sum(axis=1)
            near = np.argsort(distance, kind="stable")[: self.settings.neighbours + 1]
            among = np.zeros(len(problem), bool)
            among[near] = True
            best = problem.pick(batch, t, among)
            if best == self.row:
                break
            self.row = best
        return self.row
