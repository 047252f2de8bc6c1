"""What a generation costs as the population grows: milliseconds of searching, evaluation not counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures._sweep import STUDY
from experiments.figures.style import MARKERS, key, line, panels
from experiments.source import Source

AXES = ("problem=df1", "schedule=cec2018", "schedule.n_env=4", "seeds=3", "searcher=dnsga2_a,moead_fd,kgb")
SIZES = "pop_size=50,100,200,500,1000"
SMOKE = ("problem=df1", "schedule=cec2018", "schedule.n_env=2", "seeds=1", "searcher=dnsga2_a,dnsga2_b")
SMOKE_SIZES = "pop_size=20,40,80"
MEASURED = ("ms",)  # differs from one machine, and one moment, to another


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each searcher and population: the median over the seeds, ms for each pop_size evaluations."""
    frame = source.frame(STUDY, [*SMOKE, SMOKE_SIZES] if smoke else [*AXES, SIZES])
    frame["pop_size"] = frame["pop_size"].astype(int)
    frame["ms"] = 1e3 * frame["search_seconds"] * frame["pop_size"] / frame["evaluations"]
    return frame.groupby(["searcher", "pop_size"], sort=False)["ms"].median().reset_index()


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """A line for each searcher, both axes logarithmic; its slope over the last three sizes in the key."""
    figure, (axes,) = panels(1, height=2.9)
    for i, (searcher, part) in enumerate(frame.groupby("searcher", sort=False)):
        tail = np.log(part[["pop_size", "ms"]].to_numpy()[-3:])
        slope = np.polyfit(tail[:, 0], tail[:, 1], 1)[0]
        look = {**line(i), "marker": MARKERS[i % len(MARKERS)]}
        axes.plot(part["pop_size"], part["ms"], label=f"{searcher}: {slope:.2f}", **look)
    sizes = sorted(frame["pop_size"].unique())
    axes.set(xscale="log", yscale="log", xlabel="population", ylabel="ms a generation")
    axes.set_xticks(sizes, [str(size) for size in sizes], minor=False)
    axes.set_xticks([], minor=True)
    key(figure, axes)
    return {"": figure}
