"""How the cost of a generation grows with population, objectives, variables, constraints and environments.

python -m benchmarks.scaling [--quick]

NSGA-II with random immigrants on a problem that costs next to nothing; its evaluation is not counted.
Exponents are slopes of log cost over log size, over all sizes and over the last three.
"""

from __future__ import annotations

import argparse
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks._timing import FIGURES, Moving, generations, machine
from dmo import Evolve, fixed, run
from dmo.optimisers import NSGA2
from dmo.responses import Immigrants


@dataclass(frozen=True)
class Sweep:
    """One size varied, the others kept. costs: (k,) in the unit that the label names."""

    label: str
    unit: str
    sizes: Sequence[int]
    costs: np.ndarray

    def exponent(self, last: int | None = None) -> float:
        """The slope over the last sizes."""
        part = slice(-last if last else None, None)
        return float(np.polyfit(np.log(self.sizes[part]), np.log(self.costs[part]), 1)[0])


def generation(pop_size: int = 100, rounds: int = 60, **problem: int) -> float:
    """Median CPU milliseconds of a generation, the first ones of the run and of each environment included."""
    searcher = Evolve(optimiser=NSGA2(pop_size=pop_size), response=Immigrants())
    schedule = fixed(evals=pop_size * rounds // 3, n_env=3)
    spent = [s for kind, s in generations(Moving(**problem), schedule, searcher) if kind == "generation"]
    return float(np.median(spent)) * 1e3


def memory(n_env: int) -> tuple[int, float]:
    """Points in the answers of a finished run, and the mebibytes that it keeps."""
    problem, searcher = Moving(), Evolve(response=Immigrants())
    run(problem, fixed(evals=200, n_env=2), searcher, 0)
    tracemalloc.start()
    result = run(problem, fixed(evals=200, n_env=n_env), searcher, 0)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return sum(len(answer) for answer in result.answers), kept / 2**20


def whole_run(n_env: int) -> float:
    """CPU milliseconds of a run of two generations per environment."""
    spent = generations(Moving(), fixed(evals=200, n_env=n_env), Evolve(response=Immigrants()))
    return sum(s for _, s in spent) * 1e3


def sweeps(quick: bool) -> list[Sweep]:
    """All of them; quick: at small sizes only."""
    cut = -2 if quick else None
    found = []
    populations = [50, 100, 200, 500, 1000, 2000, 5000][:cut]
    for m in (2, 3):
        costs = [generation(n, rounds=12 if n > 500 else 30, n_obj=m) for n in populations]
        found.append(Sweep(f"population, {m} objectives", "ms a generation", populations, np.array(costs)))
    costs = [generation(n, rounds=12 if n > 500 else 30, n_con=3) for n in populations]
    found.append(Sweep("population, 3 constraints", "ms a generation", populations, np.array(costs)))
    for label, key, sizes in (
        ("objectives", "n_obj", [2, 3, 4, 5, 6, 8][:cut]),
        ("variables", "dim", [10, 30, 100, 300, 1000][:cut]),
        ("constraints", "n_con", [1, 2, 5, 10, 20][:cut]),
    ):
        costs = [generation(**{key: size}) for size in sizes]
        found.append(Sweep(f"{label}, population 100", "ms a generation", sizes, np.array(costs)))
    environments = [5, 10, 20, 40, 80, 160][:cut]
    found.append(
        Sweep("environments", "ms a run", environments, np.array([whole_run(n) for n in environments]))
    )
    points, kept = zip(*map(memory, environments), strict=True)
    found.append(Sweep("points in the answers", "MiB kept", points, np.array(kept)))
    return found


def draw(found: Sequence[Sweep]) -> None:
    """Every sweep in log-log axes."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 4, figsize=(14, 6), layout="constrained")
    for axis, sweep in zip(axes.flat, found, strict=True):
        axis.loglog(sweep.sizes, sweep.costs, "o-")
        axis.set(xlabel=sweep.label, ylabel=sweep.unit, title=f"exponent {sweep.exponent(3):.2f}")
        axis.grid(True, which="both", alpha=0.3)
    FIGURES.mkdir(exist_ok=True)
    figure.savefig(FIGURES / "scaling.png", dpi=80)
    print(f"figure {FIGURES / 'scaling.png'}")


def main() -> None:
    """Measure, print the tables and exponents, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes only; no figure")
    quick = parser.parse_args().quick
    print(machine())
    found = sweeps(quick)
    for sweep in found:
        cells = "  ".join(f"{size}: {cost:.3g}" for size, cost in zip(sweep.sizes, sweep.costs, strict=True))
        print(f"{sweep.label:<26} {sweep.unit:<16} {cells}")
        print(f"{'':<43} exponent {sweep.exponent():.2f}, of the last three {sweep.exponent(3):.2f}")
    last = np.log(found[0].sizes[-3:])
    slope = np.polyfit(last, last + np.log(last), 1)[0]
    print(f"n log n has an exponent of {slope:.2f} over the last three populations")
    if not quick:
        draw(found)


if __name__ == "__main__":
    main()
