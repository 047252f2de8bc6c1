"""The live loop: a change comes, search, choose, build the plan, run it on real images, compare."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.loop import answers_of
from dmo.oracle import Oracle
from dmo.schedule import Schedule
from dmo.search import Searcher
from dmo.types import Array
from problems.deployment.choice import choose
from problems.deployment.competitors import competing
from problems.deployment.corrected import Corrected, Correction
from problems.deployment.device import Device
from problems.deployment.images import Images
from problems.deployment.measure import measure
from problems.deployment.prepare import Workshop
from problems.deployment.problem import Deployment, state_features
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing


@dataclass(frozen=True, eq=False)
class Redeployment:
    """What one change led to. predicted, measured: latency ms, peak memory MiB, error, (3,) each.

    violated: the limits that the measured figures exceed; possible: whether the search found any
    strategy that is predicted to keep all limits; search_ms: from the announced change to the chosen
    strategy; switched: whether another one was deployed before; build_ms: export, quantisation and
    optimisation, 0 where the plan was there; load_ms, first_run_ms: of the fresh process's session;
    charged_ms: what one image takes, its share of the switch included; images: how many the measured
    error is of.
    """

    env: int
    label: str
    limits: Array
    strategy: Strategy
    predicted: Array
    measured: Array
    violated: tuple[str, ...]
    possible: bool
    search_ms: float
    switched: bool
    build_ms: float
    load_ms: float
    first_run_ms: float
    charged_ms: float
    images: int


@dataclass(frozen=True)
class Controller:
    """Re-deploys a network on `device` whenever its budgets move, as soon as the search is done.

    shop: builds subnets and plans, and keeps them; images: real ones that each deployed plan
    classifies; timing: how long each is timed; served: how many images an environment has to
    process, among which a switch is shared: a strategy that is not deployed already is charged the
    table's median load and first run; correction: of predicted latencies by those measured, such as
    surrogates.SlowDown, None for none. Where the table was profiled under contention and the scenario has
    some, such processes are started for real while a plan is measured.
    """

    problem: Deployment
    schedule: Schedule
    searcher: Searcher
    shop: Workshop
    device: Device
    images: Images
    timing: Timing
    served: int = 1000
    correction: Correction | None = None

    def __post_init__(self) -> None:
        at_least("served", self.served, 1)

    def steps(self, seed: int) -> Iterator[Redeployment]:
        """One redeployment per environment, each as soon as it is done."""
        problem = self.problem
        corrected = None
        if self.correction is not None:
            corrected = Corrected(problem.predictor, self.correction.start())
            problem = replace(problem, predictor=corrected)
        oracle = Oracle(problem, self.schedule)
        search = self.searcher.start(problem.space, np.random.default_rng(seed))
        deployed: Array | None = None
        began = time.perf_counter()
        for k, x in enumerate(answers_of(search, oracle, early=True)):
            t = self.schedule.time(k)
            answer = oracle.score(x, k)
            pick = self._pick(problem, answer, t, deployed)
            searched = time.perf_counter() - began
            row = problem.strategies.canonical(answer.x[pick : pick + 1])[0]
            strategy = problem.strategies.decode(row)
            clock = time.perf_counter()
            plan = self.shop.plan(strategy)
            build = time.perf_counter() - clock
            inputs = self.shop.inputs(self.images, strategy.shape.resolution)
            level = problem.level(t)
            with competing(level, self.device.cpus, self.device.machine) if level else nullcontext():
                found = measure(plan, self.device, self.timing, inputs)
            error = float(np.mean(np.array(found["classes"]) != self.images.labels))
            memory = max(found["load_peak_mib"], found["run_peak_mib"])
            measured = np.array([found["latency_ms"], memory, error])
            switched = deployed is None or not np.array_equal(row, deployed)
            switch = (1e3 * build + found["load_ms"] + found["first_run_ms"]) if switched else 0.0
            yield Redeployment(
                env=k,
                label=problem.scenario.at(t).label,
                limits=problem.limits(t),
                strategy=strategy,
                predicted=answer.f[pick],
                measured=measured,
                violated=problem.violated(measured, t),
                possible=bool(answer.feasible.any()),
                search_ms=1e3 * searched,
                switched=switched,
                build_ms=1e3 * build,
                load_ms=found["load_ms"],
                first_run_ms=found["first_run_ms"],
                charged_ms=found["latency_ms"] + switch / self.served,
                images=len(self.images),
            )
            if corrected is not None:
                corrected.learn(
                    state_features(problem.strategies, problem.table, row[None], level)[0], measured[0]
                )
            deployed = row
            began = time.perf_counter()

    def _pick(self, problem: Deployment, answer: Batch, t: float, deployed: Array | None) -> int:
        """The row that limits and preference choose, staying where a switch is not worth its cost."""
        f = answer.f.copy()
        if deployed is not None:
            other = (problem.strategies.canonical(answer.x) != deployed).any(axis=1)
            f[:, 0] += np.where(other, np.median(problem.switching) / self.served, 0.0)
        return choose(Batch(answer.x, f, answer.g), problem.full, problem.prefers(t))
