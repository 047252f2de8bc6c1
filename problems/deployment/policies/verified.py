"""AdaInfer's rule: search by predictions, measure the few that would be chosen, and remember."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.types import Array, IntArray
from problems.deployment.choice import choose
from problems.deployment.policies.protocol import Play
from problems.deployment.policies.search import Search, answers
from problems.deployment.tabulated import Tabulated

TRIAL_MS = 250.0  # for which a trial times a strategy, besides loading it


@dataclass(frozen=True)
class Verified:
    """Searches as `search` does, but measures what it would deploy before it does.

    What is chosen from the answer and from all that was measured earlier is tried out, at most
    `trials` strategies in an environment, and the best by measurement is deployed. Trials that are left
    go to what may be better still, whether the search proposed it or not: the best of all strategies were
    each better than predicted by `hope` times the margin that limits add, as long as it would then be
    better than the best known (a lower confidence bound, as in Bayesian optimisation). A trial takes the
    time of loading, of a first run and of 250 ms of runs; a strategy is tried once for each level of
    contention. images: how many an environment has to process; a strategy that is not the deployed
    one is charged its loading and first run, shared among these.
    """

    search: Search
    trials: int = 3
    images: int = 1000
    hope: float = 3.0

    def __post_init__(self) -> None:
        at_least("trials", self.trials, 1)
        at_least("images", self.images, 1)
        at_least("hope", self.hope, 0.0)

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Verifying(problem, self, rng)


class _Verifying:
    def __init__(self, problem: Tabulated, settings: Verified, rng: Generator) -> None:
        self.problem, self.settings = problem, settings
        self.answer = answers(problem, settings.search, rng)
        self.deployed = -1
        self.known: dict[int, set[int]] = {}  # by level of contention, the rows that were measured
        self.trial_ms = 0.0  # of the last choice

    def choose(self, t: float) -> int:
        problem = self.problem
        proposed = problem.row(self.answer(t))
        known = self.known.setdefault(problem.problem.level(t), set())
        rows = np.unique(np.concatenate([proposed, np.array(sorted(known), dtype=np.intp)]))
        self.trial_ms = 0.0
        for _ in range(self.settings.trials):
            best = self._best(rows, known, t)
            if best in known:
                best = self._hoped(best, known, t)
                if best in known:
                    break
            known.add(best)
            rows = np.union1d(rows, [best])
            self.trial_ms += TRIAL_MS + problem.switching[best]
        best = self._best(np.array(sorted(known)), known, t)
        self.deployed = best
        return best

    def observe(self, t: float, f: Array) -> None:
        """Nothing new: what is deployed has been measured."""

    def _hoped(self, best: int, known: set[int], t: float) -> int:
        """What may well be better than `best`, the choice among known rows; else that itself."""
        fresh = np.ones(len(self.problem), dtype=bool)
        fresh[sorted(known)] = False
        if not fresh.any():
            return best
        hoped, truth = self.problem.hoped(t, self.settings.hope), self.problem.truth(t)
        row = self.problem.pick(hoped, t, fresh)
        both = Batch.concat(truth[np.array([best])], hoped[np.array([row])])
        return (best, row)[choose(both, self.problem.problem.full, self.problem.prefers(t))]

    def _best(self, rows: IntArray, known: set[int], t: float) -> int:
        """The choice from `rows` by what was measured where it was, and predicted where not."""
        measured = np.isin(rows, sorted(known))[:, None]
        predicted, truth = (batch[rows] for batch in (self.problem.predicted(t), self.problem.truth(t)))
        f = np.where(measured, truth.f, predicted.f)
        g = np.where(measured, truth.g, predicted.g)
        f[:, 0] += np.where(rows == self.deployed, 0.0, self.problem.switching[rows] / self.settings.images)
        batch = Batch(self.problem.x[rows], f, g)
        return int(rows[choose(batch, self.problem.problem.full, self.problem.prefers(t))])
