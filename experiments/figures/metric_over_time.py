"""IGD in every environment of DF problems: the median of the seeds and their quartiles, by searcher."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from experiments.figures._sweep import STUDY, few
from experiments.figures.style import band, key, logarithmic, panels, unique, whole_ticks
from experiments.source import Source


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each problem, searcher, seed and environment; runs what is missing."""
    frame = source.frame(STUDY, few(smoke), "environment")
    return frame[["problem", "searcher", "seed", "env", "igd"]]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """One panel for each problem."""
    return {"": over_time(frame, "igd", "IGD")}


def over_time(frame: pd.DataFrame, column: str, label: str) -> Figure:
    """A column of the frame over the environments, one panel for each problem, one band for each searcher."""
    problems = unique(frame["problem"])
    figure, axes = panels(len(problems))
    for one, problem in zip(axes, problems, strict=True):
        part = frame[frame["problem"] == problem]
        for i, (searcher, group) in enumerate(part.groupby("searcher", sort=False)):
            band(one, group.pivot(index="env", columns="seed", values=column), str(searcher), i)
        one.set(title=problem.upper(), xlabel="environment", ylabel=label)
        logarithmic(one.yaxis)
    whole_ticks(axes)
    key(figure, axes[0])
    return figure
