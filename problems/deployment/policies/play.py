"""Play a policy through a scenario, and what each environment came to, as measured."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.types import Array
from problems.deployment.choice import choose
from problems.deployment.policies.protocol import Policy
from problems.deployment.tabulated import Tabulated


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one environment came to.

    row: deployed; f: its latency ms, memory MiB and error as measured, (3,); cost: by the
    preference; oracle: cost of the best row with hindsight; violated: names of limits exceeded;
    possible: whether any row keeps them all; excess: the summed violation over the oracle's;
    switched: whether another strategy was deployed before; switch_ms: of its loading and first run;
    search_ms: processor time of the choice, and the measured time of its trials; full: the static
    full network's f here, (3,).
    """

    t: float
    row: int
    f: Array
    cost: float
    oracle: float
    violated: tuple[str, ...]
    possible: bool
    excess: float
    switched: bool
    switch_ms: float
    search_ms: float
    full: Array


def play(policy: Policy, problem: Tabulated, environments: int, rng: Generator) -> Iterator[Outcome]:
    """One outcome for each environment t = 0, 1, ..., each as soon as it is over."""
    playing, before = policy.start(problem, rng), -1
    for t in map(float, range(environments)):
        clock = time.process_time()
        row = playing.choose(t)
        seconds = time.process_time() - clock
        truth = problem.truth(t)
        best = choose(truth, problem.problem.full, problem.prefers(t))
        # A preference may depend on the alternatives: both are judged in one set.
        cost, oracle = problem.cost(truth.f, t)[[row, best]]
        switched = row != before
        yield Outcome(
            t=t,
            row=row,
            f=truth.f[row],
            cost=float(cost),
            oracle=float(oracle),
            violated=problem.problem.violated(truth.f[row], t),
            possible=bool(truth.feasible.any()),
            excess=float(truth.violation[row] - truth.violation[best]),
            switched=switched and before >= 0,
            switch_ms=float(problem.switching[row]) if switched else 0.0,
            search_ms=1e3 * seconds + float(getattr(playing, "trial_ms", 0.0)),
            full=truth.f[problem.full],
        )
        playing.observe(t, np.array(truth.f[row]))
        before = row
