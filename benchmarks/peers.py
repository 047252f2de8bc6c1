"""DNSGA-II-A on DF1 under the CEC2018 clock, ours against pymoo's and pydmoo's, run in turn in one call.

CPU seconds of one thread: on an idle machine the time on the clock, on a busy one still near it.

python -m benchmarks.peers [--rounds 11] [--pydmoo-python PYDMOO/bin/python]

Both peers evaluate beside the clock: a tenth of the population in every generation to detect changes, and
the whole population after each. So ours runs twice: for as many generations, and for as many evaluations
as pymoo's counter says, of which each environment gets its share.

pydmoo runs in an environment of its own, named here or in DMO_PYDMOO_PYTHON, and is left out where none is
named; benchmarks/_pydmoo_worker.py says how to make one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from pymoo.algorithms.moo.dnsga2 import DNSGA2
from pymoo.core.callback import CallbackCollection
from pymoo.optimize import minimize
from pymoo.problems.dyn import TimeSimulation
from pymoo.problems.dynamic.df import DF1 as PymooDF1

from benchmarks._timing import machine
from dmo import Batch, Evolve, Schedule, cec2018, measure, run
from dmo.responses import Immigrants
from problems.synthetic import DF1

ROOT = Path(__file__).resolve().parent.parent
GENERATIONS = 350
SCHEDULE = cec2018()
ENDS = np.arange(50, GENERATIONS + 1, 10)  # the last generation of each environment


Run = tuple[float, float, int]


def ours(schedule: Schedule, seed: int) -> Run:
    """CPU seconds, MIGD and evaluations of our run; the metric is not timed."""
    began = time.process_time()
    result = run(DF1(), schedule, Evolve(response=Immigrants()), seed)
    seconds = time.process_time() - began
    return seconds, measure(DF1(), result.answers, result.times).means["migd"], result.evaluations


def as_many(evaluations: int) -> Schedule:
    """The clock of the same environments with this many evaluations, or a few less, in all."""
    rest = evaluations - SCHEDULE.total
    each = SCHEDULE.evals + rest * SCHEDULE.evals // SCHEDULE.total
    return replace(SCHEDULE, evals=each, first=evaluations - each * (SCHEDULE.n_env - 1))


def pymoos(seed: int) -> Run:
    """The same of pymoo's: the last population of each environment, evaluated anew at its time."""
    problem = PymooDF1(taut=10, n_var=10, nt=10)
    answers, times = [], []

    class Clock(TimeSimulation):
        """pymoo ticks the problem's time itself; the CEC2018 clock has a longer first environment."""

        def update(self, algorithm):
            if algorithm.n_gen in ENDS:
                answers.append(algorithm.opt.get("X"))
                times.append(problem.time)
                problem.time = len(times) / 10

    problem.time = 0.0
    began = time.process_time()
    found = minimize(
        problem,
        DNSGA2(version="A", pop_size=100),
        termination=("n_gen", GENERATIONS),
        callback=CallbackCollection(Clock()),
        seed=seed,
        verbose=False,
    )
    seconds = time.process_time() - began
    mine = DF1()
    scored: list[Batch] = [mine.evaluate(x, t) for x, t in zip(answers, times, strict=True)]
    migd = measure(mine, scored, np.array(times)).means["migd"]
    return seconds, migd, int(found.algorithm.evaluator.n_eval)


def pydmoos(python: str, seed: int) -> Run:
    """The same of pydmoo's, in a process of its own whose start is not timed."""
    command = [python, "-W", "ignore", "-m", "benchmarks._pydmoo_worker", "--seed", str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["cpu_seconds"], found["migd"], found["evaluations"]


def main() -> None:
    """Print times, MIGDs and the ratios of the medians, with their spread."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--pydmoo-python", default=os.environ.get("DMO_PYDMOO_PYTHON"))
    given = parser.parse_args()
    runs = {"pymoo": pymoos, "ours": lambda seed: ours(SCHEDULE, seed)}
    if given.pydmoo_python:
        runs["pydmoo"] = lambda seed: pydmoos(given.pydmoo_python, seed)
    runs["ours, as many evaluations"] = lambda seed: ours(as_many(int(found["pymoo"][seed, 2])), seed)
    found = {name: np.empty((given.rounds, 3)) for name in runs}
    ours(SCHEDULE, 0)  # the first call of a process pays for what it loads
    for seed in range(given.rounds):
        for name, once in runs.items():
            found[name][seed] = once(seed)
    print(f"DNSGA-II-A on DF1, population 100, {GENERATIONS} generations, {given.rounds} seeds, {machine()}")
    for name, values in found.items():
        seconds, migd, evaluations = values.T
        error = migd.std(ddof=1) / np.sqrt(len(migd)) if len(migd) > 1 else np.nan
        median = np.median(seconds)
        print(
            f"{name:>25}: median {median:.3f} s ({seconds.min():.3f} to {seconds.max():.3f}), "
            f"{median / GENERATIONS * 1e3:.3f} ms a generation, {np.median(evaluations):.0f} evaluations, "
            f"MIGD {migd.mean():.4f} +- {error:.4f}"
        )
    for name in (name for name in runs if "ours" not in name):
        for own in (name for name in runs if "ours" in name):
            seconds, mine = found[name][:, 0], found[own][:, 0]
            ratios = seconds / mine
            print(
                f"{name} / {own}: {np.median(seconds) / np.median(mine):.1f} of the medians, "
                f"round by round {ratios.min():.1f} to {ratios.max():.1f}"
            )
    if "pydmoo" not in runs:
        print("pydmoo left out: name its Python with --pydmoo-python (benchmarks/_pydmoo_worker.py says how)")


if __name__ == "__main__":
    main()
