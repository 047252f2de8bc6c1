"""run: one searcher on one problem under one schedule with one seed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least, speaks
from dmo.oracle import Oracle
from dmo.problem import Problem
from dmo.result import Result
from dmo.schedule import Schedule
from dmo.search import Search, Searcher
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
    progress(environments finished, of all): called after each. The answers are scored outside the
    budget, so that no stale objective value is ever reported.
    Raises ArgumentError when an argument is not what it should be, EvaluationError when searcher or
    problem break their contract.
    """
    speaks("problem", problem, ("space", "evaluate", "front"))
    speaks("schedule", schedule, ("announced", "n_env", "index", "time"))
    speaks("searcher", searcher, ("start",))
    at_least("seed", seed, 0)
    oracle = Oracle(problem, schedule, keep=evals)  # loads compiled code, which is not the run's time
    began = time.perf_counter()
    search = searcher.start(problem.space, np.random.default_rng(seed))
    answers: list[Array] = []
    for x in answers_of(search, oracle):
        answers.append(x)
        if progress:
            progress(len(answers), schedule.n_env)
    scored = tuple(oracle.score(x, k) for k, x in enumerate(answers))
    wall = time.perf_counter() - began
    return Result(
        answers=scored,
        times=np.array([schedule.time(k) for k in range(schedule.n_env)]),
        evaluations=oracle.count,
        told=Batch.concat(*oracle.told) if evals else None,
        wall_seconds=wall,
        search_seconds=wall - oracle.seconds,
    )


def answers_of(search: Search, oracle: Oracle, *, early: bool = False) -> Iterator[Array]:
    """Drive a search through the oracle's schedule; yield its answer as each environment ends.

    early: whether an environment ends, where changes are announced, as soon as the search is `done`,
    and not only with its budget. A batch may run over changes that are not announced. What was
    proposed before it is then the answer of the environments that it ends.
    """
    schedule = oracle.schedule
    present = -1
    while (index := oracle.index) < schedule.n_env:
        if schedule.announced and present < index:
            present = index
            search.change(oracle.environment(index))
        x = search.ask(oracle.limit)
        overrun = min(schedule.index(oracle.count + max(len(x), 1) - 1), schedule.n_env - 1) - index
        if overrun > 0:
            # Nothing can answer before the first tell but what was asked for.
            before = search.answer() if oracle.count else x[: schedule.opening]
        search.tell(oracle.evaluate(x))
        for _ in range(overrun):
            yield before
        if early and schedule.announced and oracle.index == index and getattr(search, "done", False):
            oracle.give_up()
        if oracle.index > index + overrun:
            yield search.answer()
