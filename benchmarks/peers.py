"""DNSGA-II-A on DF1 under the CEC2018 clock: ours against pymoo's, run in turn in one process.

python -m benchmarks.peers [--rounds 5]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from pymoo.algorithms.moo.dnsga2 import DNSGA2
from pymoo.core.callback import CallbackCollection
from pymoo.optimize import minimize
from pymoo.problems.dyn import TimeSimulation
from pymoo.problems.dynamic.df import DF1 as PymooDF1

from dmo import Batch, Evolve, cec2018, measure, run
from dmo.responses import Immigrants
from problems.synthetic import DF1

GENERATIONS = 350
SCHEDULE = cec2018()


def ours(seed: int) -> tuple[float, float]:
    """Seconds and MIGD of our run; the metric is not timed."""
    began = time.perf_counter()
    result = run(DF1(), SCHEDULE, Evolve(response=Immigrants()), seed)
    seconds = time.perf_counter() - began
    return seconds, measure(DF1(), result.answers, result.times).means["migd"]


def pymoos(seed: int) -> tuple[float, float]:
    """The same of pymoo's: the last population of each environment, evaluated anew at its time."""
    problem = PymooDF1(taut=10, n_var=10, nt=10)
    answers, times = [], []

    class Clock(TimeSimulation):
        """pymoo ticks the problem's time itself; the CEC2018 clock has a longer first environment."""

        def update(self, algorithm):
            generation = algorithm.n_gen
            now = max(generation + 1 + 10 - 51, 0) // 10 / 10
            if generation == GENERATIONS or now != problem.time:
                answers.append(algorithm.opt.get("X"))
                times.append(problem.time)
                problem.time = now

    problem.time = 0.0
    began = time.perf_counter()
    minimize(
        problem,
        DNSGA2(version="A", pop_size=100),
        termination=("n_gen", GENERATIONS),
        callback=CallbackCollection(Clock()),
        seed=seed,
        verbose=False,
    )
    seconds = time.perf_counter() - began
    mine = DF1()
    scored: list[Batch] = [mine.evaluate(x, t) for x, t in zip(answers, times, strict=True)]
    return seconds, measure(mine, scored, np.array(times)).means["migd"]


def main() -> None:
    """Print the ratio of the medians with its spread, and both MIGDs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {"ours": [], "pymoo": []}
    migd: dict[str, list[float]] = {"ours": [], "pymoo": []}
    for seed in range(rounds):
        for name, once in (("ours", ours), ("pymoo", pymoos)):
            spent, found = once(seed)
            seconds[name].append(spent)
            migd[name].append(found)
    for name in seconds:
        s = np.array(seconds[name])
        print(
            f"{name:>6}: median {np.median(s):.3f} s ({s.min():.3f} to {s.max():.3f}), "
            f"MIGD {np.mean(migd[name]):.4f} of {rounds} seeds"
        )
    ratios = np.array(seconds["pymoo"]) / np.array(seconds["ours"])
    low, middle, high = np.percentile(ratios, [0, 50, 100])
    print(f"pymoo / ours, pair by pair: median {middle:.1f} ({low:.1f} to {high:.1f})")


if __name__ == "__main__":
    main()
