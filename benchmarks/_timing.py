"""What the benchmarks share: CPU time of one thread, and what it was measured on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dmo import Batch, Space
from dmo.oracle import Oracle
from dmo.problem import Problem
from dmo.schedule import Schedule
from dmo.search import Search, Searcher

FIGURES = Path(__file__).resolve().parent / "figures"


def machine() -> str:
    """Processor, cores and versions, and how busy the machine is, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return (
        f"{model or platform.processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"Python {platform.python_version()}, numpy {np.__version__}"
    )


def generations(
    problem: Problem, schedule: Schedule, searcher: Searcher, seed: int = 0
) -> Iterator[tuple[str, float]]:
    """Run a search and yield CPU seconds of each thing it does: ("change" | "generation", seconds).

    A generation is one ask and tell, without the evaluation between them, which is the problem's.
    """
    oracle = Oracle(problem, schedule)
    search: Search = searcher.start(problem.space, np.random.default_rng(seed))
    present = -1
    while (index := oracle.index) < schedule.n_env:
        if present < index:
            present = index
            began = time.process_time()
            search.change(oracle.environment(index))
            yield "change", time.process_time() - began
        began = time.process_time()
        x = search.ask(oracle.limit)
        spent = time.process_time() - began
        batch = oracle.evaluate(x)
        began = time.process_time()
        search.tell(batch)
        yield "generation", spent + time.process_time() - began


class Moving:
    """A problem of any size whose evaluation costs next to nothing: distances to moving goals.

    Its optimal set is the span of the goals; constraints, if any, cut the space's corner off.
    """

    def __init__(self, dim: int = 10, n_obj: int = 2, n_con: int = 0, integer: bool = False) -> None:
        self.space = Space(np.zeros(dim), np.full(dim, 9.0), np.full(dim, integer), n_obj, n_con)
        self.goals = np.random.default_rng(0).uniform(2.0, 7.0, (n_obj, dim))

    def evaluate(self, x: np.ndarray, t: float) -> Batch:
        """Squared distances to the goals of time t, and how far the variables' mean exceeds a limit."""
        goals = self.goals + np.sin(t)
        f = (x**2).sum(axis=1, keepdims=True) - 2.0 * x @ goals.T + (goals**2).sum(axis=1)
        limits = np.linspace(5.0, 6.0, self.space.n_con)
        return Batch(x.copy(), f, x.mean(axis=1, keepdims=True) - limits)

    def front(self, t: float, n: int) -> None:
        """Not needed."""
        return
