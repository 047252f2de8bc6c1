"""Where figures get their data: studies, run as far as they are missing, of one version of the code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmo.errors import DmoError

if TYPE_CHECKING:
    import pandas as pd

    from dmo.record import Record
    from experiments.cell import Cell


@dataclass(frozen=True)
class Source:
    """A folder of records, and what is changed of the figures' own studies.

    mixed: whether records of several versions of the code may meet in a figure; overrides: as of
    experiments.study, they win over a figure's own; jobs: processes that run what is missing;
    known: frames that were collected before, so that figures of one study read it once; versions: of the
    code, of all records that were read.
    """

    runs: str
    mixed: bool = False
    overrides: tuple[str, ...] = ()
    jobs: int = os.cpu_count() or 1
    known: dict[tuple[Any, ...], pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    versions: set[str] = field(default_factory=set, repr=False, compare=False)

    def frame(self, experiment: str, overrides: Sequence[str] = (), each: str = "run") -> pd.DataFrame:
        """The collected frame of a study (see experiments.collect) after running what is missing of it.

        Runs that keep every evaluation, for each="step", have a folder of their own: RUNS/evals.
        Raises DmoError when a cell fails, or when the records are not of one version.
        """
        runs, all_of_it = self.runs, [*overrides, *self.overrides]
        if each == "step":
            runs, all_of_it = str(Path(runs) / "evals"), [*all_of_it, "record.evals=true"]
        study = (experiment, *all_of_it, runs)
        if (each, *study) not in self.known:
            self.known[(each, *study)] = self._collected(experiment, all_of_it, runs, each)
        frame = self.known[(each, *study)]
        self.versions.update(map(str, frame["git"].unique()))
        return frame.copy()

    def record(self, overrides: Sequence[str]) -> tuple[Cell, Record]:
        """The cell that these compose, overrides as of experiments.run, and the record of its first seed."""
        from experiments.cell import run_cell
        from experiments.grid import Point, compose_point

        task = compose_point(Point({}, (*overrides, *self.overrides)))
        (record,) = run_cell(
            task.cell, self.runs, seed=task.config.seed, front_points=task.config.front_points
        )
        self.versions.add(str(record.info["git"]))
        return task.cell, record

    def _collected(self, experiment: str, overrides: Sequence[str], runs: str, each: str) -> pd.DataFrame:
        from experiments.collect import collect
        from experiments.grid import points
        from experiments.study import run_study

        found = points(experiment, overrides)
        if run_study(found, runs, self.jobs):
            raise DmoError(f"study {experiment}: a cell failed, see above; the figure needs all of them")
        frame = collect(found, runs, each)
        versions = sorted({str(v) for v in frame["git"]})
        if len(versions) > 1 and not self.mixed:
            raise DmoError(
                f"study {experiment}: its records in {runs} are of several versions of the code, "
                f"{', '.join(v[:16] for v in versions)}; choose another folder with --runs, or allow it "
                "with --mixed"
            )
        return frame
