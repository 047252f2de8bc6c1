"""How near searchers come to the exhaustive front of the deployment problem, by evaluations per change.

All strategies that differ in what they execute are predicted once; their feasible non-dominated part is each
environment's exhaustive front. A searcher's share of its hypervolume is told as mean and minimum over the
environments after the first five and over seeds, objectives scaled to the exhaustive front and referred to
1.1. `tracking` goes through all environments in turn; `cold` begins each one knowing nothing.

python -m benchmarks.reach [--seeds 3] [--environments 60] [--budgets 100 200 500 1000] [--runs runs]
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import moocore
import numpy as np
from hydra import compose, initialize_config_dir
from matplotlib.figure import Figure

from dmo import Batch, Environment, Evolve
from dmo.files import replacing
from dmo.optimisers import NSGA2
from dmo.responses import Immigrants, Restart
from dmo.search import Search, Searcher
from dmo.types import Array
from dmo.warm import Warm
from experiments.entry import CONF, build
from experiments.figures.style import DASHES, MARKERS, SERIES, write
from problems.deployment.problem import Deployment

CHUNK = 65536  # strategies predicted at once
SKIPPED = 5  # environments in which a tracking searcher still gathers its memory
CORNER = 1.1
# Of 20, 50 and 100 members, NSGA-II from scratch does best with 50 at 500 and 1000 evaluations, DNSGA-II-A
# with 100.
CONTESTANTS: dict[str, tuple[Searcher, bool]] = {
    "warm, tracking": (Warm(), False),
    "warm, cold": (Warm(), True),
    "DNSGA-II-A, tracking": (Evolve(NSGA2(100), Immigrants()), False),
    "NSGA-II, cold": (Evolve(NSGA2(50), Restart()), True),
}


@dataclass(frozen=True, eq=False)
class Exhaustive:
    """Predictions of all strategies: what they are and what constraints rely on, (n, 3) each."""

    problem: Deployment
    f: Array
    relied: Array

    @classmethod
    def of(cls, problem: Deployment) -> Exhaustive:
        """Predict every strategy that is its own canonical form."""
        parts = [problem.predicted(x) for x in every_strategy(problem)]
        return cls(problem, *(np.concatenate(column) for column in zip(*parts, strict=True)))

    def front(self, t: float) -> Array:
        """The feasible non-dominated objectives at time t, (k, 3)."""
        feasible = (self.problem.constraints(self.relied, t) <= 0.0).all(axis=1)
        f = np.ascontiguousarray(self.f[feasible])
        return np.asarray(f[moocore.is_nondominated(f, keep_weakly=False)])


def every_strategy(problem: Deployment) -> Iterator[Array]:
    """The canonical strategies, in chunks (n, d)."""
    sizes = problem.strategies.sizes
    total = int(np.prod(sizes))
    for start in range(0, total, CHUNK):
        index = np.arange(start, min(start + CHUNK, total))
        x = np.stack(np.unravel_index(index, sizes), axis=1).astype(float)
        x = x[(problem.strategies.canonical(x) == x).all(axis=1)]
        if len(x):
            yield x


class Yardstick:
    """The share of each environment's exhaustive hypervolume that an answer has."""

    def __init__(self, fronts: Sequence[Array]) -> None:
        self._low = [f.min(axis=0) for f in fronts]
        self._span = [np.where(np.ptp(f, axis=0) > 0.0, np.ptp(f, axis=0), 1.0) for f in fronts]
        self._whole = [self._volume(f, k) for k, f in enumerate(fronts)]

    def share(self, answer: Batch, k: int) -> float:
        """Of environment k; infeasible points do not count."""
        f = answer.f[answer.feasible]
        return self._volume(f, k) / self._whole[k] if len(f) else 0.0

    def _volume(self, f: Array, k: int) -> float:
        return float(moocore.hypervolume((f - self._low[k]) / self._span[k], ref=np.full(f.shape[1], CORNER)))


def search_through(
    problem: Deployment, searcher: Searcher, budget: int, n_env: int, seed: int, cold: bool
) -> Iterator[Batch]:
    """The answer in each environment, evaluated."""
    rng = np.random.default_rng(seed)
    search = searcher.start(problem.space, rng)
    for k in range(n_env):
        if cold:
            search = searcher.start(problem.space, rng)
        t = float(k)
        search.change(Environment(0 if cold else k, t, problem.context(t)))
        yield problem.evaluate(spend(search, problem, t, budget), t)


def spend(search: Search, problem: Deployment, t: float, budget: int) -> Array:
    """The answer after `budget` evaluations at time t, (k, d)."""
    while budget:
        batch = problem.evaluate(search.ask(budget), t)
        search.tell(batch)
        budget -= len(batch)
    return search.answer()


def main() -> None:
    """Print the table; write it as CSV, and draw it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--environments", type=int, default=60)
    parser.add_argument("--budgets", type=int, nargs="+", default=[100, 200, 500, 1000])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    given = parser.parse_args()
    if given.environments <= SKIPPED or min(given.seeds, *given.budgets) < 1:
        parser.error(f"more than {SKIPPED} environments, at least 1 seed and 1 evaluation, please")
    with initialize_config_dir(str(CONF), version_base="1.3"):
        overrides = ["problem=deployment/resnet", f"schedule.n_env={given.environments}"]
        problem = build(compose("run", overrides).problem)
    exhaustive = Exhaustive.of(problem)
    fronts = [exhaustive.front(float(k)) for k in range(given.environments)]
    yardstick = Yardstick(fronts)
    print(
        f"{len(exhaustive.f)} strategies; exhaustive fronts of {min(map(len, fronts))} to "
        f"{max(map(len, fronts))} points in {given.environments} environments; {given.seeds} seeds"
    )
    print(f"{'share of the exhaustive hypervolume, %':<40} {'budget':>6} {'mean':>7} {'min':>7}")
    rows: list[tuple[str, int, float, float]] = []
    for name, (searcher, cold) in CONTESTANTS.items():
        for budget in given.budgets:
            shares = [
                yardstick.share(answer, k)
                for seed in range(given.seeds)
                for k, answer in enumerate(
                    search_through(problem, searcher, budget, given.environments, seed, cold)
                )
                if k >= SKIPPED
            ]
            rows.append((name, budget, float(np.mean(shares)), float(np.min(shares))))
            print(f"{name:<40} {budget:>6} {100 * rows[-1][2]:>7.2f} {100 * rows[-1][3]:>7.2f}", flush=True)
    given.runs.mkdir(parents=True, exist_ok=True)
    with replacing(given.runs / "reach.csv") as partial, partial.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["searcher", "evaluations", "mean_share", "min_share"])
        writer.writerows(rows)
    print(f"table {given.runs / 'reach.csv'}\nfigure {draw(rows, given.runs / 'reach.png')}")


def draw(rows: Sequence[tuple[str, int, float, float]], file: Path) -> Path:
    """Mean share by evaluations, bars down to the minimum."""
    figure = Figure(figsize=(5.5, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for i, name in enumerate(dict.fromkeys(row[0] for row in rows)):
        budget, mean, least = np.array([row[1:] for row in rows if row[0] == name]).T
        style = {"color": SERIES[i], "linestyle": DASHES[i], "marker": MARKERS[i], "markersize": 4}
        # Beside each other, so that bars can be told apart.
        axes.errorbar(budget * 1.03**i, mean, yerr=[mean - least, 0 * mean], label=name, capsize=2, **style)
    axes.axhline(0.99, color="black", linewidth=0.6)
    axes.set_xscale("log")
    axes.set_xticks(budget, [f"{b:g}" for b in budget])
    axes.minorticks_off()
    axes.set_xlabel("evaluations per change")
    axes.set_ylabel("share of the exhaustive hypervolume:\nmean, and least of all")
    axes.legend()
    return write(figure, file)


if __name__ == "__main__":
    main()
