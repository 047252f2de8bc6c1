"""The live loop: a change comes, search, choose, build the plan, run it on real images, compare."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dmo.loop import answers_of
from dmo.oracle import Oracle
from dmo.schedule import Schedule
from dmo.search import Searcher
from dmo.types import Array
from problems.deployment.choice import choose
from problems.deployment.device import Device
from problems.deployment.images import Images
from problems.deployment.prepare import Workshop
from problems.deployment.problem import Deployment
from problems.deployment.strategy import Strategy
from problems.deployment.worker import Timing, measure


@dataclass(frozen=True, eq=False)
class Redeployment:
    """What one change led to. predicted, measured: latency ms, peak memory MiB, error, (3,) each.

    violated: the limits that the measured figures exceed; search_ms: from the announced change to the
    chosen strategy; build_ms: export, quantisation and optimisation, 0 where the plan was there;
    load_ms: of the fresh process's session; images: how many the measured error is of.
    """

    env: int
    label: str
    limits: Array
    strategy: Strategy
    predicted: Array
    measured: Array
    violated: tuple[str, ...]
    search_ms: float
    build_ms: float
    load_ms: float
    images: int


@dataclass(frozen=True)
class Controller:
    """Re-deploys a network on `device` whenever its budgets move, as soon as the search is done.

    shop: builds subnets and plans; images: real ones that each deployed plan classifies; timing:
    how long each is timed.
    """

    problem: Deployment
    schedule: Schedule
    searcher: Searcher
    shop: Workshop
    device: Device
    images: Images
    timing: Timing

    def steps(self, seed: int) -> Iterator[Redeployment]:
        """One redeployment per environment, each as soon as it is done."""
        problem = self.problem
        oracle = Oracle(problem, self.schedule)
        search = self.searcher.start(problem.space, np.random.default_rng(seed))
        began = time.perf_counter()
        for k, x in enumerate(answers_of(search, oracle, early=True)):
            t = self.schedule.time(k)
            answer = oracle.score(x, k)
            pick = choose(answer, problem.full, problem.preference)
            searched = time.perf_counter() - began
            strategy = problem.strategies.decode(problem.strategies.canonical(answer.x[pick : pick + 1])[0])
            clock = time.perf_counter()
            plan = self.shop.plan(strategy)
            build = time.perf_counter() - clock
            inputs = self.shop.inputs(self.images, strategy.shape.resolution)
            found = measure(plan, self.device, self.timing, inputs)
            error = float(np.mean(np.array(found["classes"]) != self.images.labels))
            memory = max(found["load_peak_mib"], found["run_peak_mib"])
            measured = np.array([found["latency_ms"], memory, error])
            yield Redeployment(
                env=k,
                label=problem.scenario.at(t).label,
                limits=problem.limits(t),
                strategy=strategy,
                predicted=answer.f[pick],
                measured=measured,
                violated=problem.violated(measured, t),
                search_ms=1e3 * searched,
                build_ms=1e3 * build,
                load_ms=found["load_ms"],
                images=len(self.images),
            )
            began = time.perf_counter()
