"""MIGD of the seeds as boxes, one panel for each problem: median, quartiles, whiskers at 1.5 ranges."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from experiments.figures._sweep import STUDY, few
from experiments.figures.style import HATCHES, SERIES, logarithmic, panels, unique
from experiments.source import Source


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each problem, searcher and seed; runs what is missing."""
    return source.frame(STUDY, few(smoke))[["problem", "searcher", "seed", "migd"]]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """The searchers side by side, each with its hatch."""
    problems, searchers = unique(frame["problem"]), unique(frame["searcher"])
    figure, axes = panels(len(problems), columns=4, height=2.4)
    for one, problem in zip(axes, problems, strict=True):
        part = frame[frame["problem"] == problem]
        samples = [part.loc[part["searcher"] == s, "migd"].to_numpy() for s in searchers]
        drawn = one.boxplot(
            samples,
            widths=0.62,
            patch_artist=True,
            medianprops={"color": "black", "lw": 1.4},
            flierprops={"marker": "x", "ms": 3},
        )
        for i, box in enumerate(drawn["boxes"]):
            box.set(facecolor=SERIES[i % len(SERIES)], hatch=HATCHES[i % len(HATCHES)], alpha=0.55, lw=0.8)
        one.set_xticklabels(searchers, rotation=35, ha="right", rotation_mode="anchor")
        one.set_title(problem.upper())
        logarithmic(one.yaxis)
        one.grid(axis="y", which="both", color="#E5E5E5", lw=0.4)
    axes[0].set_ylabel("MIGD")
    return {"": figure}
