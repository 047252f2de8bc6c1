"""What is printed and drawn when a cell is done, for problems whose true front is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dmo.record import Record
from experiments.cell import Cell


@dataclass(frozen=True)
class FrontReport:
    """Print the mean metrics of each seed and of all; draw the metric over time.

    figure: whether to draw.
    """

    figure: bool = True

    def __call__(self, cell: Cell, records: Sequence[Record]) -> None:
        """Print a table, then say where the records are."""
        means = [record.metrics.means for record in records]
        names = [n for n in ("migd", "mhv", "mhv_front", "feasible") if n in means[0]]
        problem, searcher = type(cell.problem).__name__, _searcher(cell)
        schedule = cell.schedule
        print(f"{problem}, {searcher}: {schedule.n_env} environments, {schedule.total} evaluations a seed")
        print("  ".join(["  seed", *(f"{n.upper():>10}" for n in names), "seconds"]))
        for record, row in zip(records, means, strict=True):
            seed, seconds = record.info["seed"], record.info["wall_seconds"]
            print("  ".join([f"{seed:>6}", *(f"{row[n]:>10.4g}" for n in names), f"{seconds:7.2f}"]))
        table = np.array([[row[n] for n in names] for row in means])
        print("  ".join(["  mean", *(f"{v:>10.4g}" for v in table.mean(axis=0))]))
        if len(records) > 1:
            print("  ".join(["   std", *(f"{v:>10.4g}" for v in table.std(axis=0, ddof=1))]))
        print(f"front points {records[0].metrics.front_points}; records in {_folders(records)}")
        if self.figure and "igd" in records[0].metrics.values:
            file = metric_over_time(records, "igd", f"{problem}, {searcher}", records[0].folder.parent)
            print(f"figure {file}")

    def means(self, cell: Cell, record: Record, skip: int) -> dict[str, float]:
        """Figures of a run beyond the record's metrics: none."""
        return {}


def metric_over_time(records: Sequence[Record], name: str, title: str, folder: Path) -> Path:
    """Draw a metric in every environment: the mean over the seeds, and their range as a band."""
    from matplotlib.figure import Figure

    from experiments.figures.style import BLUE, write

    values = np.array([record.metrics.values[name] for record in records])
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    k = np.arange(values.shape[1])
    axes.fill_between(k, values.min(axis=0), values.max(axis=0), color=BLUE, alpha=0.2, lw=0, label="range")
    axes.plot(k, values.mean(axis=0), color=BLUE, lw=1.5, label=f"mean of {len(records)}")
    if np.isfinite(values).all() and (values > 0).all():
        axes.set_yscale("log")
    axes.set(xlabel="environment", ylabel=name.upper(), title=title)
    axes.legend()
    return write(figure, folder / f"{name}_{records[0].key[:16]}_{len(records)}.png")


def _searcher(cell: Cell) -> str:
    parts = [getattr(cell.searcher, name, None) for name in ("optimiser", "response")]
    named = [type(p).__name__ for p in parts if p is not None]
    return " x ".join(named) or type(cell.searcher).__name__


def _folders(records: Sequence[Record]) -> str:
    first = records[0].folder
    return str(first) if len(records) == 1 else f"{Path(first).parent}/ ({len(records)})"
