"""Performance profiles over the CEC2018 table: the share of problems solved to within a ratio of the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dmo.statistics import performance_profile, performance_ratios
from experiments.figures._sweep import STUDY, whole
from experiments.figures.style import key, line, panels
from experiments.source import Source


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """The steps of each profile of the mean MIGD over the seeds: searcher, ratio, share."""
    frame = source.frame(STUDY, whole(smoke))
    table = frame.pivot_table("migd", ["problem", "schedule"], "searcher", "mean", sort=False)
    parts = []
    for name, ratios in zip(table.columns, performance_ratios(table.to_numpy()).T, strict=True):
        ratio, share = performance_profile(ratios)
        parts.append(pd.DataFrame({"searcher": name, "ratio": ratio, "share": share}))
    return pd.concat(parts, ignore_index=True)


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """All profiles in one panel."""
    return {"": profiles(frame)}


def profiles(frame: pd.DataFrame, metric: str = "MIGD") -> Figure:
    """A step function for each searcher over the logarithm of the ratio; higher is better."""
    figure, (axes,) = panels(1, height=2.9)
    end = 1.05 * max(frame["ratio"].max(), 1.1)
    for i, (name, steps) in enumerate(frame.groupby("searcher", sort=False)):
        x = np.append(steps["ratio"], end)
        axes.step(x, np.append(steps["share"], steps["share"].iloc[-1]), where="post", label=name, **line(i))
    axes.set(xscale="log", xlim=(1.0, end), ylim=(0.0, 1.03))
    axes.set(xlabel=f"{metric} relative to the best of the problem", ylabel="share of problems")
    key(figure, axes)
    return figure
