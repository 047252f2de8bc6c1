"""Mean Friedman ranks of the searchers over the CEC2018 table; bars join those that do not differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dmo.statistics import Friedman, cliques, friedman
from experiments.figures._sweep import STUDY, whole
from experiments.figures.style import GREY
from experiments.source import Source


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """The mean MIGD over the seeds of each problem, setting and searcher; runs what is missing."""
    frame = source.frame(STUDY, whole(smoke))
    return frame.groupby(["problem", "schedule", "searcher"], sort=False)["migd"].mean().reset_index()


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """The diagram of the mean ranks over all problems and settings."""
    table = frame.pivot(index=["problem", "schedule"], columns="searcher", values="migd")
    return {"": diagram(list(table.columns), friedman(table.to_numpy()))}


def diagram(names: Sequence[str], found: Friedman) -> Figure:
    """Ranks on a line, best at the left, names below; Nemenyi's critical difference at 0.05 above.

    Source: Demsar (2006), figure 1.
    """
    difference = found.critical_difference()
    order = np.argsort(found.ranks, kind="stable")
    groups = cliques(found.ranks, difference)
    k = len(order)
    figure = Figure(figsize=(6.0, 1.2 + 0.2 * (k + len(groups))), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0.5, k + 0.5), ylim=(-1.0 - k - 0.6 * len(groups), 1.6))
    axes.axis("off")
    axes.plot([1, k], [0, 0], color="black", lw=1)
    for tick in range(1, k + 1):
        axes.plot([tick, tick], [0, 0.25], color="black", lw=1)
        axes.text(tick, 0.35, str(tick), ha="center", va="bottom")
    axes.plot([1, 1 + difference], [1.35, 1.35], color="black", lw=1.5)
    axes.text(1 + difference + 0.1, 1.35, f"CD = {difference:.2f}", va="center")
    for line, group in enumerate(groups):
        ends = found.ranks[list(group)]
        y = -0.5 - 0.6 * line
        axes.plot([ends.min() - 0.05, ends.max() + 0.05], [y, y], color="black", lw=3, solid_capstyle="round")
    floor = -0.6 - 0.6 * len(groups)
    for place, j in enumerate(order):
        left = place < (k + 1) // 2
        y = floor - (place if left else k - 1 - place)
        edge = 0.95 if left else k + 0.05
        axes.plot([found.ranks[j], found.ranks[j], edge], [0, y, y], color=GREY, lw=0.8)
        text = f"{names[j]} {found.ranks[j]:.2f}"
        axes.text(edge, y, text + " " if left else " " + text, ha="right" if left else "left", va="center")
    return figure
