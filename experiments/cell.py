"""A cell of a study: one problem, schedule and searcher, run with several seeds and resumed by key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from dmo.checks import at_least, speaks
from dmo.errors import ArgumentError
from dmo.identity import describe, run_key
from dmo.loop import run
from dmo.metrics import Fronts
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

    A progress bar counts environments on stderr. Raises ArgumentError when a count or the first seed
    is out of range.
    """
    at_least("seeds", seeds, 1)
    with tqdm(
        total=seeds * cell.schedule.n_env,
        unit="env",
        desc=type(cell.problem).__name__,
        file=sys.stderr,
        leave=False,
        disable=None,
    ) as bar:
        done = {
            one: record
            for one, record, _ in finish(
                cell, runs, range(seed, seed + seeds), front_points=front_points, evals=evals, tick=bar.update
            )
        }
    return [done[one] for one in sorted(done)]


def finish(
    cell: Cell,
    runs: str | Path,
    seeds: range,
    *,
    front_points: int = 500,
    evals: bool = False,
    tick: Callable[[int], object] = lambda environments: None,
) -> Iterator[tuple[int, Record, bool]]:
    """Each seed with its record, as it becomes available, and whether it was run here and now.

    Killed at any moment, the same call goes on with the seeds that are not finished. Processes that
    share the folder share the work: no seed is run by two at a time, and what another process is at
    comes last. tick(environments) is called as they are finished.
    """
    at_least("seed", seeds.start, 0)
    at_least("front_points", front_points, 2)
    if not isinstance(evals, bool):
        raise ArgumentError("record.evals", "true or false", repr(evals), "set it to one of them")
    store, config, fronts = Store(Path(runs)), cell.config, Fronts(cell.problem, front_points)
    left = {one: run_key(config, one) for one in seeds}
    for wait in (False, True):
        for one, key in list(left.items()):
            with nullcontext(False) if key in store else claim(store, key, wait) as mine:
                if key in store:
                    record, fresh = _loaded(store, key, fronts, evals), False
                    tick(cell.schedule.n_env)
                elif mine:
                    result = run(
                        cell.problem,
                        cell.schedule,
                        cell.searcher,
                        one,
                        evals=evals,
                        progress=lambda done, of: tick(1),
                    )
                    metrics = fronts.measure(result.answers, result.times)
                    record, fresh = store.save(config, one, result, metrics), True
                else:
                    continue
            del left[one]
            yield one, record, fresh


def _loaded(store: Store, key: str, fronts: Fronts, evals: bool) -> Record:
    """A finished run from disk, scored as asked for."""
    record = store.load(key)
    if evals and record.told is None:
        raise ArgumentError(
            "record.evals",
            "a record that holds all evaluations",
            f"{record.folder} without them",
            "delete this folder or choose another with runs=FOLDER",
        )
    if record.metrics.asked != fronts.asked:
        record = replace(record, metrics=fronts.measure(record.answers, record.times))
    return record


@contextmanager
def claim(store: Store, key: str, wait: bool) -> Iterator[bool]:
    """Hold the right to run a key; yields whether it is ours. The system takes it from a killed process.

    wait: until another process, which has it, gives it up. The file of a claim goes with the record
    written: who still waits for it finds the record.
    """
    file = store.folder / ".claims" / f"{key[:32]}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file, timeout=-1 if wait else 0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        if key in store:
            file.unlink(missing_ok=True)
        lock.release()
