"""run: one searcher on one problem under one schedule with one seed."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from dmo.batch import Batch
from dmo.oracle import Oracle
from dmo.problem import Problem
from dmo.result import Result
from dmo.schedule import Schedule
from dmo.search import Searcher
from dmo.types import Array

Progress = Callable[[int, int], None]


def run(
    problem: Problem,
    schedule: Schedule,
    searcher: Searcher,
    seed: int,
    *,
    evals: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Search through all environments; the answer of each is evaluated anew at its own time.

    seed: of the run's one random generator; evals: keep every evaluation, not the answers alone;
    progress(environments finished, of all): called after each environment. The answers are scored
    outside the budget, so that no stale objective value is ever reported.
    Raises EvaluationError when searcher or problem break their contract.
    """
    began = time.perf_counter()
    oracle = Oracle(problem, schedule)
    search = searcher.start(problem.space, np.random.default_rng(seed))
    answers: list[Array] = []
    told: list[Batch] = []
    announced = -1
    searching = 0.0
    while (index := oracle.index) < schedule.n_env:
        clock = time.perf_counter()
        if schedule.announced and announced < index:
            search.change(oracle.environment(index))
            announced = index
        x = search.ask(oracle.limit)
        # A batch may run over unannounced changes: what was proposed before it answers the
        # environments that it ends; before the first tell, that is what was asked for in the first.
        overrun = schedule.index(oracle.count + len(x) - 1) - index
        if overrun > 0:
            answers += [search.answer() if oracle.count else x[: schedule.opening]] * overrun
        searching += time.perf_counter() - clock
        batch = oracle.evaluate(x)
        clock = time.perf_counter()
        search.tell(batch)
        if len(answers) < oracle.index:
            answers.append(search.answer())
        searching += time.perf_counter() - clock
        if evals:
            told.append(batch)
        if progress and oracle.index > index:
            progress(oracle.index, schedule.n_env)
    scored = tuple(oracle.score(x, k) for k, x in enumerate(answers))
    return Result(
        answers=scored,
        times=np.array([schedule.time(k) for k in range(schedule.n_env)]),
        evaluations=oracle.count,
        told=Batch.concat(*told) if told else None,
        wall_seconds=time.perf_counter() - began,
        search_seconds=searching,
    )
