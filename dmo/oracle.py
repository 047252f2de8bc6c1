"""Oracle: the only counter and the only clock; it checks all that passes between searcher and problem."""

from __future__ import annotations

import time

import numpy as np

from dmo.batch import Batch
from dmo.errors import EvaluationError
from dmo.problem import HasContext, Problem
from dmo.rows import Rows
from dmo.schedule import Schedule
from dmo.search import Environment
from dmo.types import Array


class Oracle:
    """Evaluates for one run: counts, keeps time, and refuses what cannot be used.

    A batch that straddles an unannounced change is evaluated in parts, each at its true time.
    """

    def __init__(self, problem: Problem, schedule: Schedule, *, keep: bool = False) -> None:
        """keep: whether to keep every evaluation in `told`."""
        from dmo.kernels import inside

        self.problem = problem
        self.schedule = schedule
        self.space = problem.space
        self.count = 0  # evaluations made, or given up
        self.seconds = 0.0  # time spent in the problem
        self.told: list[Batch] = []
        self._keep = keep
        self._latest: list[Batch] = []  # evaluated in the environment of the last evaluation
        self._latest_index = -1
        self._inside = inside

    @property
    def index(self) -> int:
        """The environment of the next evaluation; schedule.n_env when the budget is spent."""
        return self.schedule.index(self.count)

    @property
    def limit(self) -> int:
        """How many evaluations may be asked for at once.

        Announced changes: those left in this environment. Unannounced: those left in the run,
        which does not give the next change away.
        """
        last = self.index if self.schedule.announced else self.schedule.n_env - 1
        return self.schedule.end(last) - self.count

    def environment(self, index: int) -> Environment:
        """What an announcement of environment `index` says."""
        t = self.schedule.time(index)
        context = self.problem.context(t) if isinstance(self.problem, HasContext) else None
        return Environment(index, t, context)

    def evaluate(self, x: Array) -> Batch:
        """Evaluate x, (n, d), at the current time, and count n evaluations.

        Raises EvaluationError when x has the wrong shape, lies outside the space, is empty or
        longer than `limit`, or when the problem returns anything but finite numbers in the right shape.
        """
        x = self._checked(x)
        if not 1 <= len(x) <= self.limit:
            raise EvaluationError(
                f"ask() returned {len(x)} points where 1 to {self.limit} were allowed; respect its `limit`"
            )
        parts, start = [], 0
        while start < len(x):
            index = self.index
            stop = min(len(x), start + self.schedule.end(index) - self.count)
            part = self._evaluated(x[start:stop], index)
            if index != self._latest_index:
                self._latest, self._latest_index = [], index
            self._latest.append(part)
            parts.append(part)
            self.count += stop - start
            start = stop
        batch = parts[0] if len(parts) == 1 else Batch.concat(*parts)
        if self._keep:
            self.told.append(batch)
        return batch

    def give_up(self) -> None:
        """Leave the evaluations unmade that are left in this environment: the next one begins."""
        self.count = self.schedule.end(self.index)

    def score(self, x: Array, index: int) -> Batch:
        """The values of an answer at the time of environment `index`, outside the budget.

        Where all of it was just evaluated at that time, these values, which a problem gives again.
        """
        x = self._checked(x)
        if len(x) == 0:
            raise EvaluationError("answer() returned no points; a searcher must always propose at least one")
        if index == self._latest_index:
            latest = Batch.concat(*self._latest)
            rows = Rows(latest.x).find(x)
            if (rows >= 0).all():
                return latest[rows]
        return self._evaluated(x, index)

    def _checked(self, x: Array) -> Array:
        x = np.asarray(x, dtype=float)
        if x.ndim != 2 or x.shape[1] != self.space.dim:
            raise EvaluationError(
                f"the searcher proposed an array of shape {x.shape} where (n, {self.space.dim}) was "
                "expected; return one row per point"
            )
        space = self.space
        if not self._inside(np.ascontiguousarray(x), space.lower, space.upper, space.integer):
            outside = np.flatnonzero(~self.space.contains(x))
            raise EvaluationError(
                f"the searcher proposed {outside.size} of {len(x)} points outside the space, "
                f"first x = {x[outside[0]]}; pass them through space.repair"
            )
        return x

    def _evaluated(self, x: Array, index: int) -> Batch:
        t = self.schedule.time(index)
        name = type(self.problem).__name__
        began = time.perf_counter()
        batch = self.problem.evaluate(x, t)
        self.seconds += time.perf_counter() - began
        if not isinstance(batch, Batch):
            raise EvaluationError(
                f"{name}.evaluate returned {type(batch).__name__} where a dmo.Batch was expected"
            )
        wanted = (len(x), self.space.n_obj), (len(x), self.space.n_con)
        if (batch.f.shape, batch.g.shape) != wanted:
            raise EvaluationError(
                f"{name}.evaluate returned f {batch.f.shape} and g {batch.g.shape} where {wanted[0]} and "
                f"{wanted[1]} were expected; its space promises {self.space.n_obj} objectives and "
                f"{self.space.n_con} constraints"
            )
        if not (np.isfinite(batch.f).all() and (not batch.g.size or np.isfinite(batch.g).all())):
            bad = np.flatnonzero(~(np.isfinite(batch.f).all(axis=1) & np.isfinite(batch.g).all(axis=1)))
            i = bad[0]
            raise EvaluationError(
                f"{name}.evaluate returned a value that is not finite at t = {t:g} for {bad.size} of "
                f"{len(x)} points, first x = {x[i]}: f = {batch.f[i]}, g = {batch.g[i]}; mend the "
                "problem or its bounds"
            )
        return Batch(x, batch.f, batch.g)  # a problem that repairs must not replace what was asked for
