"""Run a whole study on all cores: every cell and seed of an experiment that is not on disk yet.

python -m experiments.study                          # the studies there are
python -m experiments.study cec2018 --dry-run        # its cells, and what is missing
python -m experiments.study cec2018 problem=df1,df2 seeds=5 --jobs 2

A killed study goes on where it was; several processes, on several machines that share the folder of
records, share the work. The same study runs on a cluster through Hydra's launchers:
python -m experiments.run -m experiment=cec2018 hydra/launcher=submitit_slurm
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command import command, list_experiments, parser

if TYPE_CHECKING:
    from experiments.grid import Point


@dataclass(frozen=True)
class Part:
    """Some seeds of one point: the unit of work."""

    point: Point
    seeds: range


@dataclass(frozen=True)
class Outcome:
    """What became of a part: runs done now, runs found on disk, seconds, and the error if one."""

    part: Part
    ran: int
    found: int
    seconds: float
    error: str | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, or list with --dry-run, the study that the arguments name."""
    options = parser("experiments.study", __doc__)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: cores)")
    options.add_argument("--dry-run", action="store_true", help="list the cells and what is missing")
    given = options.parse_args(arguments)
    if given.experiment is None:
        return list_experiments(given.config_dir)
    if given.jobs < 1:
        options.error(f"--jobs: expected a whole number >= 1, got {given.jobs}")
    from experiments.grid import points

    found = points(given.experiment, given.overrides, given.config_dir)
    return dry_run(found, given.runs) if given.dry_run else run_study(found, given.runs, given.jobs)


def dry_run(points: Sequence[Point], runs: str) -> int:
    """Print each cell with how many of its runs are on disk."""
    from tqdm import tqdm

    from experiments.grid import compose_point

    rows = []
    for point in tqdm(points, "compose", unit="cell", leave=False, disable=None):
        task = compose_point(point)
        rows.append((point.name, _present(task.cell.config, task.seeds, runs), len(task.seeds)))
    width = max(len(name) for name, _, _ in rows)
    for name, have, of in rows:
        print(f"{name:<{width}}  {have}/{of}" + ("" if have == of else "  missing"))
    have, of = (sum(row[i] for row in rows) for i in (1, 2))
    print(f"{len(rows)} cells, {of} runs: {have} on disk, {of - have} missing")
    return 0


def run_study(points: Sequence[Point], runs: str, jobs: int) -> int:
    """Run what is missing of all points, `jobs` processes at a time; 1 where a cell failed."""
    from tqdm import tqdm

    from dmo.record import Store

    Store(Path(runs))  # tells once what every cell would
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    parts = _parts(points, jobs)
    with tqdm(total=sum(len(p.seeds) for p in parts), desc="study", unit="run", disable=None) as bar:
        for outcome in _work(parts, runs, jobs):
            outcomes.append(outcome)
            bar.update(len(outcome.part.seeds))
            if outcome.error:
                bar.write(f"error: {outcome.part.point.name}: {outcome.error}", file=sys.stderr)
    ran, found = sum(o.ran for o in outcomes), sum(o.found for o in outcomes)
    seconds, wall = sum(o.seconds for o in outcomes), time.perf_counter() - began
    failed = {o.part.point.name for o in outcomes if o.error}
    print(
        f"{len(points)} cells: {ran} runs done in {wall:.0f} s ({seconds:.0f} s of work), "
        f"{found} were on disk" + (f"; {len(failed)} cells failed" if failed else "")
    )
    return 1 if failed else 0


def _parts(points: Sequence[Point], jobs: int) -> list[Part]:
    """Whole cells where there are plenty, single seeds where there are few, so that no process idles."""
    from experiments.grid import compose_point

    seeds = compose_point(points[0]).seeds
    if len(points) >= 8 * jobs:
        return [Part(point, seeds) for point in points]
    return [Part(point, range(one, one + 1)) for point in points for one in seeds]


def _work(parts: Sequence[Part], runs: str, jobs: int) -> Iterator[Outcome]:
    from joblib import Parallel, delayed, parallel_config

    with parallel_config("loky", inner_max_num_threads=1):
        done = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(
            delayed(_run_part)(part, runs) for part in parts
        )
        yield from done


def _run_part(part: Part, runs: str) -> Outcome:
    """Run one part in this process; errors that a user can mend come back as text."""
    from experiments.cell import finish
    from experiments.entry import MENDABLE
    from experiments.grid import compose_point
    from experiments.says import one_line

    began, fresh, error = time.perf_counter(), [], None
    try:
        task = compose_point(part.point)
        settings = {"front_points": task.config.front_points, "evals": task.config.record.evals}
        fresh = [now for _, _, now in finish(task.cell, runs, part.seeds, **settings)]
    except MENDABLE as reason:
        error = one_line(reason)
    return Outcome(part, sum(fresh), len(fresh) - sum(fresh), time.perf_counter() - began, error)


def _present(config: dict[str, object], seeds: range, runs: str) -> int:
    from dmo.identity import run_key
    from dmo.record import Store

    store = Store(Path(runs))
    return sum(run_key(config, seed) in store for seed in seeds)


if __name__ == "__main__":
    command(main)()
