"""The whole CEC2018 table: 14 problems x 3 settings x 20 seeds x 10 searchers, timed; it resumes.

python -m benchmarks.table [--seeds 2] [--jobs 2] [--searchers pps kgb ...] [--problems df1 ...]

A job is a cell with its seeds, one thread each, joblib over the cells; records lie in --runs, and what is
there is not run again. Fewer seeds than 20 are a sample: the time of the whole table is extrapolated
from two or more, as the first seed of a cell pays for what its process loads and for the true fronts.
Printed: runs per second, CPU seconds a run of each searcher, and the share of the processes' time that is
neither in problems nor in searchers: composing, scoring with metrics, writing records, waiting.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from benchmarks._timing import machine
from dmo.errors import ArgumentError
from experiments.cell import finish
from experiments.entry import CONF
from experiments.grid import Point, compose_point, points

SEEDS = 20
SETTINGS = ("cec2018", "cec2018_severe", "cec2018_fast")  # (n_t, tau_t) = (10, 10), (5, 10), (10, 5)
WANTED = 10
# By name, those that come first are taken first.
PREFERRED = (
    "dnsga2_a",
    "dnsga2_b",
    "pps",
    "fps",
    "sgea",
    "kgb",
    "ae",
    "moead_fd",
    "moead_svr",
    "fcp",
    "tr_dmoea",
    "mmtl",
    "ktmm",
    "imkt",
    "pfpa",
)


@dataclass(frozen=True)
class Job:
    """What one cell took. composed: seconds of the CPU to compose it; cpu: those of each run with its
    record, the first with what is made once for all; run_seconds, search_seconds: on the clock, within
    its runs and within their searchers."""

    searcher: str
    composed: float
    cpu: tuple[float, ...]
    run_seconds: float
    search_seconds: float

    @property
    def a_run(self) -> float:
        """CPU seconds of a run but the first, or of that if there is no other."""
        return float(np.mean(self.cpu[1:] or self.cpu))


def searchers(named: list[str] | None) -> list[str]:
    """The preferred searchers that exist. Raises ArgumentError where there are fewer than the table wants."""
    have = {f.stem for f in (CONF / "searcher").glob("*.yaml")}
    found = [name for name in named or PREFERRED if name in have]
    if not named and len(found) < WANTED:
        raise ArgumentError(
            "searchers", f"{WANTED} of {PREFERRED}", str(found), "name fewer with --searchers NAME ..."
        )
    if named and len(found) < len(named):
        raise ArgumentError("--searchers", f"some of {sorted(have)}", str(named), "name those that exist")
    return found if named else found[:WANTED]


def job(point: Point, runs: str) -> Job:
    """Finish the seeds of one cell."""
    began = time.process_time()
    task = compose_point(point)
    composed = before = time.process_time()
    infos, cpu = [], []
    for _, record, fresh in finish(task.cell, runs, task.seeds, front_points=task.config.front_points):
        now = time.process_time()
        if fresh:
            infos.append(record.info)
            cpu.append(now - before)
        before = now
    return Job(
        point.labels["searcher"],
        composed - began,
        tuple(cpu),
        sum(info["wall_seconds"] for info in infos),
        sum(info["search_seconds"] for info in infos),
    )


def report(jobs: list[Job], wall: float, processes: int) -> None:
    """Print the figures of the module's description."""
    jobs = [one for one in jobs if one.cpu]
    runs = sum(len(one.cpu) for one in jobs)
    if not runs:
        print("all of it was on disk; choose another folder with --runs to time it again")
        return
    by_searcher = defaultdict(list)
    for one in jobs:
        by_searcher[one.searcher].append(one)
    print(f"{'searcher':<14} {'runs':>5} {'CPU s a run':>11} {'searching':>9}")
    for name, part in by_searcher.items():
        share = sum(p.search_seconds for p in part) / sum(p.run_seconds for p in part)
        count = sum(len(p.cpu) for p in part)
        print(f"{name:<14} {count:>5} {np.mean([p.a_run for p in part]):>11.3f} {100 * share:>8.0f}%")
    inside = sum(one.run_seconds for one in jobs) / (wall * processes)
    print(f"{runs} runs in {wall:.0f} s with {processes} processes: {runs / wall:.2f} runs a second")
    print(f"outside evaluate and search: {100 * (1 - inside):.1f} % of the processes' time")
    whole = sum(one.composed + one.cpu[0] + (SEEDS - 1) * one.a_run for one in jobs) / processes
    print(
        f"{SEEDS} seeds of these {len(jobs)} cells by their CPU time: {whole / 60:.1f} minutes on "
        f"{processes} idle cores"
    )


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--searchers", nargs="+")
    parser.add_argument("--problems", nargs="+", default=[f"df{i}" for i in range(1, 15)])
    parser.add_argument("--settings", nargs="+", default=SETTINGS)
    parser.add_argument("--runs", default="runs/benchmarks/table")
    given = parser.parse_args()
    axes = {
        "problem": given.problems,
        "schedule": given.settings,
        "searcher": searchers(given.searchers),
    }
    cells = points("cec2018", [*(f"{k}={','.join(v)}" for k, v in axes.items()), f"seeds={given.seeds}"])
    print(machine())
    began = time.perf_counter()
    jobs = []
    with parallel_config("loky", inner_max_num_threads=1):
        done = Parallel(n_jobs=given.jobs, return_as="generator_unordered", batch_size=1)(
            delayed(job)(cell, given.runs) for cell in cells
        )
        for one in tqdm(done, total=len(cells), unit="cell", file=sys.stderr, disable=None):
            jobs.append(one)
    report(jobs, time.perf_counter() - began, given.jobs)


if __name__ == "__main__":
    main()
