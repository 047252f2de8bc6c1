"""What was attained at the end of one environment: by every seed, by half of them, by the best."""

from __future__ import annotations

import moocore
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from dmo.metrics import MARGIN
from experiments.figures._sweep import STUDY, few
from experiments.figures.style import RED, grid, unique
from experiments.source import Source

LEVELS = {100.0: ("all seeds", "#0072B2"), 50.0: ("half of them", "#6FB1DC"), 0.0: ("one of them", "#CFE5F4")}


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """The corners of each surface in the last environment: problem, searcher, level, f1, f2.

    level: percentage of the seeds that attain it, 0 for one of them; front where it is the true front.
    Source: Grunert da Fonseca, Fonseca & Hall (2001); computed by moocore.eaf.
    """
    points = source.frame(STUDY, few(smoke), "answer")
    points = points[points["env"] == points["env"].max()]
    found = []
    for (problem, searcher), part in points.groupby(["problem", "searcher"], sort=False):
        answers = part[part["kind"] == "answer"]
        corners = moocore.eaf(answers[["f1", "f2"]].to_numpy(), answers["seed"], percentiles=[*LEVELS])
        front = part[(part["kind"] == "front") & (part["seed"] == part["seed"].min())]
        for level, f in (
            (None, front[["f1", "f2"]].to_numpy()),
            *((p, corners[corners[:, 2] == p]) for p in LEVELS),
        ):
            name = "front" if level is None else f"{level:g}"
            ordered = f[np.lexsort((-f[:, 1], f[:, 0]))].round(6)
            same = {"problem": problem, "searcher": searcher, "level": name}
            found.append(pd.DataFrame({**same, "f1": ordered[:, 0], "f2": ordered[:, 1]}))
    return pd.concat(found, ignore_index=True)


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """Panels by searcher and problem: regions, the darker the more seeds attain them; the front as a line.

    Each reaches to max(front) + 0.5, the reference point of the hypervolume.
    """
    problems, searchers = unique(frame["problem"]), unique(frame["searcher"])
    figure, axes = grid(searchers, problems)
    for column, problem in zip(axes.T, problems, strict=True):
        for one, searcher in zip(column, searchers, strict=True):
            _draw(one, frame[(frame["problem"] == problem) & (frame["searcher"] == searcher)])
    shown = [Patch(color=color, label=f"attained by {name}") for name, color in LEVELS.values()]
    shown.append(Line2D([], [], color=RED, label="true front"))
    figure.legend(handles=shown, loc="outside upper center", ncols=4)
    return {"": figure}


def _draw(axes: Axes, part: pd.DataFrame) -> None:
    front = part.loc[part["level"] == "front", ["f1", "f2"]].to_numpy()
    low, end = front.min(axis=0) - 0.05, front.max(axis=0) + MARGIN
    for level in sorted(LEVELS):  # the largest region first, the others upon it
        f = part.loc[part["level"] == f"{level:g}", ["f1", "f2"]].to_numpy()
        if len(f):
            right = max(end[0], f[-1, 0])
            x, y = np.append(f[:, 0], right), np.append(f[:, 1], f[-1, 1])
            axes.fill_between(x, y, max(end[1], y.max()), step="post", color=LEVELS[level][1], lw=0)
    axes.plot(*front.T, ".", color=RED, ms=1.8, mew=0)
    axes.set(xlim=(low[0], end[0]), ylim=(low[1], end[1]))
