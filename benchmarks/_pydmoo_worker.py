"""One run of pydmoo 0.1.6 under the CEC2018 clock, in an environment of its own; prints one line of JSON.

pydmoo needs Python >= 3.12 and another pymoo than ours. Outside the repository:

    python3.12 -m venv PYDMOO
    PYDMOO/bin/pip install 'pymoo==0.6.1.6' moocore scikit-learn mpmath
    PYDMOO/bin/pip install --no-deps pydmoo==0.1.6      # its torch is for the LSTM variants alone

and then, in the repository's root:

    PYDMOO/bin/python -m benchmarks._pydmoo_worker --response PPS --problem DF1 --seed 1

Printed: migd and mhv of the non-dominated set of each environment's last population, evaluated anew at its
time by this repository's problem; wall and CPU seconds of the run alone; its evaluations, which are more
than the clock's, for pydmoo's generations do not count what detection and responses evaluate.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
import time
import types

import numpy as np
from pymoo.core.callback import Callback
from pymoo.optimize import minimize
from pymoo.util.ref_dirs import get_reference_directions

from dmo import Batch, measure
from problems import synthetic

BASE = "pydmoo.algorithms.base.dmoo"
MODULES = {
    "A": ("{base}.d{optimiser}", "D{OPTIMISER}A"),
    "B": ("{base}.d{optimiser}", "D{OPTIMISER}B"),
    "AE": ("pydmoo.algorithms.classic.{optimiser}_ae", "{OPTIMISER}AE"),
    "PPS": ("pydmoo.algorithms.classic.{optimiser}_pps", "{OPTIMISER}PPS"),
    "KGB": ("pydmoo.algorithms.knowledge.{optimiser}_kgb", "{OPTIMISER}KGB"),
    "KTMM": ("pydmoo.algorithms.knowledge.{optimiser}_ktmm", "{OPTIMISER}KTMM"),
    "IMKT": ("pydmoo.algorithms.modern.{optimiser}_imkt", "{OPTIMISER}IMKT"),
    "TR": ("pydmoo.algorithms.learning.{optimiser}_tr", "{OPTIMISER}Tr"),
}
PARTITIONS = {2: 99, 3: 13}  # of the simplex: 100 weight vectors for 2 objectives, 105 for 3


def without_torch() -> None:
    """Let modules of pydmoo.algorithms.modern load without its __init__, which imports the LSTM variants."""
    name = "pydmoo.algorithms.modern"
    found = importlib.util.find_spec(name)
    package = types.ModuleType(name)
    package.__path__ = list(found.submodule_search_locations)
    sys.modules[name] = package


class Clock(Callback):
    """Ticks pydmoo's problem once a generation and keeps the answer of each environment as it ends."""

    def __init__(self, generations: int) -> None:
        super().__init__()
        self.generations = generations
        self.answers: list[np.ndarray] = []
        self.times: list[float] = []

    def update(self, algorithm) -> None:
        before = algorithm.problem.time
        algorithm.problem.tic()
        if algorithm.n_iter == self.generations or algorithm.problem.time != before:
            self.answers.append(algorithm.opt.get("X"))
            self.times.append(before)


def run(response: str, optimiser: str, name: str, seed: int, n_t: int, tau_t: int, n_env: int) -> dict:
    """The figures of one run, by name."""
    without_torch()
    mine = getattr(synthetic, name)()
    problem = getattr(importlib.import_module("pydmoo.problems.dynamic.df"), name)(nt=n_t, taut=tau_t)
    module, kind = (
        part.format(base=BASE, optimiser=optimiser.lower(), OPTIMISER=optimiser) for part in MODULES[response]
    )
    size = {"pop_size": 100}
    if optimiser == "MOEAD":
        m = mine.space.n_obj
        size = {"ref_dirs": get_reference_directions("das-dennis", m, n_partitions=PARTITIONS[m])}
    algorithm = getattr(importlib.import_module(module), kind)(**size)
    generations = 50 + (n_env - 1) * tau_t
    clock = Clock(generations)
    began, cpu = time.perf_counter(), time.process_time()
    result = minimize(
        problem, algorithm, ("n_gen", generations), seed=seed, callback=clock, copy_algorithm=False
    )
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    answers: list[Batch] = [mine.evaluate(x, t) for x, t in zip(clock.answers, clock.times, strict=True)]
    means = measure(mine, answers, np.array(clock.times)).means
    return {
        "response": response,
        "optimiser": optimiser,
        "problem": name,
        "seed": seed,
        "n_t": n_t,
        "tau_t": tau_t,
        "environments": len(answers),
        "migd": means["migd"],
        "mhv": means["mhv"],
        "seconds": seconds,
        "cpu_seconds": cpu,
        "evaluations": int(result.algorithm.evaluator.n_eval),
    }


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--response", choices=sorted(MODULES), default="A")
    parser.add_argument("--optimiser", choices=("NSGA2", "MOEAD"), default="NSGA2")
    parser.add_argument("--problem", default="DF1", help="DF1 to DF14")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n-t", type=int, default=10, help="severity")
    parser.add_argument("--tau-t", type=int, default=10, help="generations between changes")
    parser.add_argument("--environments", type=int, default=31)
    given = parser.parse_args()
    print(
        json.dumps(
            run(
                given.response,
                given.optimiser,
                given.problem,
                given.seed,
                given.n_t,
                given.tau_t,
                given.environments,
            )
        )
    )


if __name__ == "__main__":
    main()
