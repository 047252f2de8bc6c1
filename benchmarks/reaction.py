"""How fast a controller answers: from an announced change of the device's budgets to a chosen strategy.

python -m benchmarks.reaction [--searchers dnsga2_a warm] [--budgets 1 2 5 10] [--environments 60]

The deployment problem with its shipped surrogate, population 100, one thread. Each environment lasts as
many generations as the budget says; a reaction is all that happens from the announcement on: the
response, the surrogate's scoring, the search, and the choice by preference. The hypervolume is that of
the feasible answer, as a share of the best that any searcher and budget reached in that environment,
relative to the full network's latency, memory and error.
"""

from __future__ import annotations

# ruff: noqa: E402 - numpy reads the number of threads as it loads
import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import time
from dataclasses import dataclass

import numpy as np

from benchmarks._timing import machine
from benchmarks.responses import composed
from dmo import fixed
from dmo.metrics import hypervolume
from dmo.oracle import Oracle
from dmo.search import Searcher
from experiments.entry import build
from problems.deployment.choice import choose
from problems.deployment.problem import Deployment

POP_SIZE = 100
GOAL_MS = 6.0  # AdaSpring's published evolution step is 6.2 ms
SCORED, SCORED_GOAL_MS = 1000, 2.0
REFERENCE = np.array([1.0, 1.0, 2.0])  # the full network's latency and memory, twice its error


@dataclass(frozen=True)
class Reactions:
    """Of each environment after the first: seconds on the clock, of the CPU, and hypervolume; (k,) each."""

    wall: np.ndarray
    cpu: np.ndarray
    volume: np.ndarray


def reactions(problem: Deployment, searcher: Searcher, budget: int, n_env: int, seed: int) -> Reactions:
    """React to every change of a run, `budget` generations each; 50 generations before the first."""
    schedule = fixed(evals=budget * POP_SIZE, n_env=n_env, severity=1.0, first=50 * POP_SIZE)
    oracle = Oracle(problem, schedule)
    search = searcher.start(problem.space, np.random.default_rng(seed))
    rows = []
    for index in range(n_env):
        wall, cpu = time.perf_counter(), time.process_time()
        search.change(oracle.environment(index))
        while oracle.index == index:
            search.tell(oracle.evaluate(search.ask(oracle.limit)))
        answer = oracle.score(search.answer(), index)
        choose(answer, problem.full, problem.preference)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        kept = np.ascontiguousarray(answer.f[answer.feasible] / problem.full)
        rows.append((wall, cpu, hypervolume(kept, REFERENCE)))
    return Reactions(*np.array(rows[1:]).T)


def scoring(problem: Deployment, rounds: int = 200) -> np.ndarray:
    """CPU milliseconds to score 1,000 strategies: predict alone, and evaluate as a whole; (rounds, 2)."""
    x = problem.space.sample(SCORED, np.random.default_rng(0))
    features = problem.strategies.features(x)
    spent = np.empty((rounds, 2))
    for i in range(rounds):
        for j, action in enumerate(
            (lambda: problem.predictor.predict(features), lambda: problem.evaluate(x, 1.0))
        ):
            began = time.process_time()
            action()
            spent[i, j] = (time.process_time() - began) * 1e3
    return spent


def main() -> None:
    """Print the scoring times, then a row per searcher and budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--searchers", nargs="+", default=["dnsga2_a", "warm"])
    parser.add_argument("--budgets", nargs="+", type=int, default=[1, 2, 5, 10], help="generations a change")
    parser.add_argument("--environments", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    problem: Deployment = build(composed("problem=deployment/resnet", "searcher=dnsga2_a").problem)
    print(machine())
    for name, one in zip(("predict", "evaluate"), scoring(problem).T, strict=True):
        print(
            f"surrogate, {SCORED} strategies, {name}: median {np.median(one):.2f} ms, "
            f"least {one.min():.2f} ms CPU (goal {SCORED_GOAL_MS:g} ms)"
        )
    found = {}
    for name in given.searchers:
        searcher = build(composed("problem=deployment/resnet", f"searcher={name}").searcher)
        for budget in given.budgets:
            runs = [reactions(problem, searcher, budget, given.environments, s) for s in range(given.seeds)]
            found[name, budget] = Reactions(
                *(np.array([getattr(r, part) for r in runs]) for part in ("wall", "cpu", "volume"))
            )
    best = np.max([one.volume.max(axis=0) for one in found.values()], axis=0)
    print("searcher       generations median ms   p99 ms  CPU ms hypervolume")
    for (name, budget), one in found.items():
        middle, high = np.percentile(one.wall, [50, 99]) * 1e3
        share = float((one.volume / np.where(best > 0.0, best, 1.0))[:, best > 0.0].mean())
        met = "" if middle <= GOAL_MS else f"  above {GOAL_MS:g} ms"
        print(
            f"{name:<14} {budget:>11} {middle:>9.2f} {high:>8.2f} {np.median(one.cpu) * 1e3:>7.2f} "
            f"{100 * share:>10.1f}%{met}"
        )


if __name__ == "__main__":
    main()
