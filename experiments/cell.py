"""A cell of a study: one problem, schedule and searcher, run with several seeds and resumed by key."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dmo.checks import at_least, speaks
from dmo.errors import ArgumentError
from dmo.identity import describe, run_key
from dmo.loop import run
from dmo.metrics import measure
from dmo.problem import Problem
from dmo.record import Record, Store
from dmo.schedule import Schedule
from dmo.search import Searcher


@dataclass(frozen=True)
class Cell:
    """What is run; the seed is not part of it."""

    problem: Problem
    schedule: Schedule
    searcher: Searcher

    def __post_init__(self) -> None:
        speaks("problem", self.problem, ("space", "evaluate", "front"))
        speaks("schedule", self.schedule, ("index", "end", "time"))
        speaks("searcher", self.searcher, ("start",))

    @property
    def config(self) -> dict[str, Any]:
        """The canonical description that a run's key is made from."""
        return {name: describe(getattr(self, name)) for name in ("problem", "schedule", "searcher")}


def run_cell(
    cell: Cell,
    runs: str | Path,
    *,
    seeds: int = 1,
    seed: int = 0,
    front_points: int = 500,
    evals: bool = False,
) -> list[Record]:
    """The records of `seeds` seeds from `seed` on: those that exist are read, the others run and written.

    A progress bar counts environments on stderr. Killed at any moment, the same call goes on with
    the seeds that are not finished. Raises ArgumentError when a count or the first seed is out of range.
    """
    at_least("seeds", seeds, 1)
    at_least("seed", seed, 0)
    at_least("front_points", front_points, 2)
    if not isinstance(evals, bool):
        raise ArgumentError("record.evals", "true or false", repr(evals), "set it to one of them")
    store, config = Store(Path(runs)), cell.config
    records = []
    total = seeds * cell.schedule.n_env
    with tqdm(
        total=total, unit="env", desc=type(cell.problem).__name__, file=sys.stderr, leave=False, disable=None
    ) as bar:
        for one in range(seed, seed + seeds):
            key = run_key(config, one)
            if key in store:
                record = store.load(key)
                if evals and record.told is None:
                    raise ArgumentError(
                        "record.evals",
                        "a record that holds all evaluations",
                        f"{record.folder} without them",
                        "delete this folder or choose another with runs=FOLDER",
                    )
                if record.metrics.asked != front_points:
                    again = measure(cell.problem, record.answers, record.times, front_points)
                    record = replace(record, metrics=again)
                bar.update(cell.schedule.n_env)
            else:
                result = run(
                    cell.problem,
                    cell.schedule,
                    cell.searcher,
                    one,
                    evals=evals,
                    progress=lambda done, of: bar.update(1),
                )
                metrics = measure(cell.problem, result.answers, result.times, front_points)
                record = store.save(config, one, result, metrics)
            records.append(record)
    return records
