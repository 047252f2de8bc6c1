"""What a record is in rows of a table: one for the run, or for each environment, answer or step of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dmo.batch import Batch
from dmo.dominance import nondominated
from dmo.errors import DataError
from dmo.metrics import igd
from dmo.record import Record
from experiments.entry import build

if TYPE_CHECKING:
    from experiments.grid import Task

Row = dict[str, Any]
STEPS = 20  # of an environment at which it is looked what has been reached


def run(record: Record, task: Task) -> Iterator[Row]:
    """One: how many seeds there should be, mean metrics under the field's names, seconds, key.

    Among the metrics are those of the problem's own report: see DeploymentReport.means.
    """
    seconds = {name: record.info[name] for name in ("search_seconds", "wall_seconds", "evaluations")}
    means = record.metrics.after(task.config.skip).means
    own = build(task.config.report).means(task.cell, record, task.config.skip)
    yield {"of": len(task.seeds), **means, **own, **seconds, "key": record.key}


def environment(record: Record, task: Task) -> Iterator[Row]:
    """One for each environment: env, t and its metrics."""
    for k, t in list(enumerate(record.times))[task.config.skip :]:
        yield {"env": k, "t": t, **{name: v[k] for name, v in record.metrics.values.items()}}


def answer(record: Record, task: Task) -> Iterator[Row]:
    """One for each feasible point of an answer, and of the true front: env, t, kind, f1 to fm.

    kind: answer or front.
    """
    problem, points = task.cell.problem, task.config.front_points
    for k, t in list(enumerate(record.times))[task.config.skip :]:
        found, front = record.answers[k], problem.front(float(t), points)
        sets = {"answer": found.f[found.feasible], "front": found.f[:0] if front is None else front}
        for kind, f in sets.items():
            for point in f:
                yield {"env": k, "t": t, "kind": kind, **{f"f{j}": v for j, v in enumerate(point, 1)}}


def step(record: Record, task: Task) -> Iterator[Row]:
    """One at each of some evaluations of an environment: env, t, evaluation, since, igd.

    since: evaluations since the change; igd: of what is feasible and non-dominated among all that was
    evaluated since the change. Raises DataError where the record does not hold every evaluation.
    """
    if record.told is None:
        raise DataError(
            f"{record.folder} does not hold every evaluation; run the study again with record.evals=true "
            "into another folder, --runs FOLDER"
        )
    schedule, problem, began = task.cell.schedule, task.cell.problem, 0
    for k, t in enumerate(record.times):
        end, front = schedule.end(k), problem.front(float(t), task.config.front_points)
        known: Batch | None = None
        looked = began
        for count in np.unique(np.linspace(began, end, STEPS + 1).round().astype(int))[1:]:
            fresh = record.told[looked:count]
            known = fresh if known is None else Batch.concat(known, fresh)
            known, looked = known[nondominated(known)], int(count)
            if front is not None and k >= task.config.skip:
                distance = igd(known.f[known.feasible], front)
                yield {"env": k, "t": t, "evaluation": looked, "since": looked - began, "igd": distance}
        began = end


EACH: dict[str, Callable[[Record, Task], Iterator[Row]]] = {
    "run": run,
    "environment": environment,
    "answer": answer,
    "step": step,
}
