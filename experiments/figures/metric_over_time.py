"""IGD in every environment of DF problems: the median of the seeds and their quartiles, by searcher."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.style import DASHES, SERIES
from experiments.source import Source

STUDY = "cec2018"
AXES = ["problem=df1,df3,df5,df9", "schedule=cec2018", "searcher=dnsga2_a,dnsga2_b"]
SMOKE = ["problem=df1,df3", "schedule.n_env=4", "pop_size=20", "seeds=2"]


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each problem, searcher, seed and environment; runs what is missing."""
    frame = source.frame(STUDY, [*AXES, *SMOKE] if smoke else AXES, "environment")
    return frame[["problem", "searcher", "seed", "env", "igd"]]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """One panel for each problem."""
    problems = list(dict.fromkeys(frame["problem"]))
    columns = min(2, len(problems))
    height = -(-len(problems) // columns)
    figure = Figure(figsize=(3.6 * columns, 2.4 * height), layout="constrained")
    for axes, problem in zip(figure.subplots(height, columns, squeeze=False).flat, problems, strict=False):
        part = frame[frame["problem"] == problem]
        for i, (searcher, group) in enumerate(part.groupby("searcher", sort=False)):
            band(axes, group.pivot(index="env", columns="seed", values="igd"), str(searcher), i)
        axes.set(title=problem.upper(), xlabel="environment", ylabel="IGD", yscale="log")
        axes.xaxis.get_major_locator().set_params(integer=True)
    figure.axes[0].legend()
    return {"": figure}


def band(axes: Axes, values: pd.DataFrame, label: str, series: int) -> None:
    """The median over the columns as a line, the quartiles as a band around it."""
    low, middle, high = np.quantile(values.to_numpy(), [0.25, 0.5, 0.75], axis=1)
    color, dash = SERIES[series % len(SERIES)], DASHES[series % len(DASHES)]
    axes.fill_between(values.index, low, high, color=color, alpha=0.2, lw=0)
    axes.plot(values.index, middle, color=color, ls=dash, lw=1.4, label=label)
