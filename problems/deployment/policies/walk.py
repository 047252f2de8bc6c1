"""AdaptiveNet's rule: up and down the strategies of the trade-off that was found beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.dominance import nondominated
from problems.deployment.choice import choose
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated


@dataclass(frozen=True)
class Walk:
    """Keeps the strategies that none dominates, in order of accuracy, and walks along them.

    Where what runs would break a limit, it steps to less accurate ones until one keeps all; where it keeps
    all, it looks from the most accurate down for one that does too. Where none does, the least violated
    is taken. It asks for accuracy within the limits, and for nothing else that the user prefers.
    Source: Wen et al., AdaptiveNet (MobiCom 2023), the switching of its published artifact
    (`dynamic_adapt.py`), whose trade-off is of latency and accuracy of subnets.
    Deviation: any knob of any layer may differ, memory is an objective and a limit too, and candidates
    are looked up among predictions, where the artifact times them.
    """

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Walking(problem)


class _Walking(Unmoved):
    def __init__(self, problem: Tabulated) -> None:
        self.problem = problem
        f = problem.mean[0]
        rows = np.flatnonzero(nondominated(Batch(problem.x, f, np.empty((len(f), 0)))))
        self.path = rows[np.lexsort((f[rows, 0], f[rows, 2]))]  # the most accurate first
        self.place = 0

    def choose(self, t: float) -> int:
        batch = self.problem.predicted(t)[self.path]
        kept = np.flatnonzero(batch.feasible)
        if batch.feasible[self.place]:
            self.place = int(kept[0])
        elif (kept > self.place).any():
            self.place = int(kept[kept > self.place][0])
        else:
            self.place = choose(batch, self.problem.problem.full, self.problem.prefers(t))
        return int(self.path[self.place])
