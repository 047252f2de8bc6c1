"""What each change response costs, in generations of the optimiser that it restarts.

python -m benchmarks.responses [--problem df1] [--environments 31] [response ...]

NSGA-II, population 100; CPU time of probe and respond per change, without the evaluation of what they
ask for, the first five changes left out. What a response with a method `train` spends in it is told
apart: who has idle time between changes can train then.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import numpy as np
from hydra import compose, initialize_config_dir

from benchmarks._timing import generations, machine
from dmo import Evolve, cec2018
from dmo.history import History
from dmo.responses import Response
from dmo.space import Space
from experiments.entry import CONF, build

LIMIT = 10.0  # generations
FIRST = 5  # changes before histories are long enough to learn from

# Why a response may cost more than the limit.
REASONS = {
    "dip": "trains a small network, without torch, at every change",
    "tr_dmoea": "makes a latent space and a Gaussian process at every change, and searches both in rounds",
    "diffusion": "moves each sample in ten steps by its distances to twice the last answer's points",
    "vare": "fits vector autoregressions: one to predict, five to judge which directions it served of late",
    "fcp": "clusters the penalised objectives by k-means at every change",
    "kgb": "clusters all past members and sorts 50 candidates per member by a naive Bayes classifier",
    "svr": "fits one support vector regression per member and variable",
}


@dataclass(frozen=True)
class Timed:
    """A response with a clock: seconds of each change, probe and respond together."""

    response: Response
    seconds: list[float] = field(default_factory=list)
    training: list[float] = field(default_factory=list)  # of these, in train

    def probe(self, history: History, space: Space, rng: np.random.Generator) -> np.ndarray:
        """The response's."""
        began = time.process_time()
        x = self.response.probe(history, space, rng)
        self.seconds.append(time.process_time() - began)
        return x

    def respond(self, history: History, space: Space, n: int, rng: np.random.Generator) -> np.ndarray:
        """The response's."""
        began = time.process_time()
        kind, trained = type(self.response), 0.0

        def train(*arguments: Any) -> Any:
            nonlocal trained
            started = time.process_time()
            network = own(*arguments)
            trained += time.process_time() - started
            return network

        if own := getattr(kind, "train", None):
            with mock.patch.object(kind, "train", train):
                x = self.response.respond(history, space, n, rng)
        else:
            x = self.response.respond(history, space, n, rng)
        self.seconds[-1] += time.process_time() - began
        self.training.append(trained)
        return x


@dataclass(frozen=True)
class Cost:
    """CPU seconds, (k,) each."""

    changes: np.ndarray
    training: np.ndarray  # of these
    generations: np.ndarray

    @property
    def ratio(self) -> float:
        """Generations that a change costs, without training."""
        return float(np.median(self.changes - self.training) / np.median(self.generations))


def composed(*overrides: str) -> Any:
    """The configuration of experiments.run."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("run", overrides)


def cost(name: str, problem: str, n_env: int) -> Cost:
    """What the response of this name costs."""
    config = composed(f"problem={problem}", "searcher=evolve", f"response={name}")
    searcher: Evolve = build(config.searcher)
    timed = Timed(searcher.response)
    spent = generations(build(config.problem), cec2018(n_env=n_env), replace(searcher, response=timed))
    told = np.array([s for kind, s in spent if kind == "generation"])
    return Cost(np.array(timed.seconds[FIRST:]), np.array(timed.training[FIRST:]), told)


def main() -> None:
    """Print a table, dearest last, and what exceeds the limit without a reason."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problem", default="df1")
    parser.add_argument("--environments", type=int, default=31)
    parser.add_argument("responses", nargs="*", help="default: all that conf/response has")
    given = parser.parse_args()
    names = given.responses or sorted(f.stem for f in (CONF / "response").glob("*.yaml"))
    print(machine())
    cost("none", given.problem, 2)  # the first call of a process pays for what it loads
    found = {name: cost(name, given.problem, given.environments) for name in names}
    print(f"{'response':<18} {'ms a change':>11} {'p95':>8} {'generations':>11} {'ms to train':>11}")
    for name, one in sorted(found.items(), key=lambda row: row[1].ratio):
        middle, high = np.percentile(one.changes - one.training, [50, 95]) * 1e3
        trains = f"{np.median(one.training) * 1e3:.1f}" if one.training.any() else "-"
        note = f"  {REASONS.get(name, 'NO REASON GIVEN')}" if one.ratio > LIMIT else ""
        print(f"{name:<18} {middle:>11.3f} {high:>8.3f} {one.ratio:>11.1f} {trains:>11}{note}")


if __name__ == "__main__":
    main()
