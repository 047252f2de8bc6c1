"""CARIn's rule: a few designs are found once, and a fixed rule switches between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from problems.deployment.choice import choose
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated

SHARES = (1.0, 0.5, 0.25)  # of the full network's memory and latency, for which designs are sought


@dataclass(frozen=True)
class PrecomputedSet:
    """Before it starts: the best design, the one of least memory and the one of least latency, all
    within the accuracy that may be given up first, and the best for smaller shares of memory and
    latency. Afterwards: the cheapest of these that satisfies the limits, by what was predicted then.

    Source: Panopoulos et al., CARIn (2024), its RASS solver: designs d0, dm and dw and a switching
    policy, as its abstract and summaries tell; the details could not be read. Deviations: there is one
    processor, so no design for each; optimality is the user's preference; a few more designs, as limits
    here move continuously.
    """

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Switching(problem)


class _Switching(Unmoved):
    def __init__(self, problem: Tabulated) -> None:
        self.problem = problem
        self.designs: np.ndarray | None = None

    def choose(self, t: float) -> int:
        if self.designs is None:
            self.designs = np.array(self._found(t))
        batch = self.problem.predicted(t)[self.designs]
        return int(self.designs[choose(batch, self.problem.problem.full, self.problem.prefers(t))])

    def _found(self, t: float) -> list[int]:
        problem = self.problem
        f, g = problem.mean[0], problem.predicted(t).g
        accurate = g[:, 2] <= 0.0 if (g[:, 2] <= 0.0).any() else np.ones(len(problem), bool)
        rows = np.flatnonzero(accurate)
        found = [problem.full, int(rows[np.argmin(f[rows, 1])]), int(rows[np.argmin(f[rows, 0])])]
        latency, memory, _ = problem.problem.full
        cost = problem.cost(f, t)
        for small in SHARES:
            for fast in SHARES:
                fits = accurate & (f[:, 1] <= small * memory) & (f[:, 0] <= fast * latency)
                if fits.any():
                    found.append(int(np.argmin(np.where(fits, cost, np.inf))))
        return sorted(set(found))
