"""Answers beside the true front, of the seed with the median MIGD: snapshots, and the tracking over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.figures._sweep import STUDY, few
from experiments.figures.style import MARKERS, TIME, grid, unique
from experiments.source import Source

SHOTS = 4
DARK = "#444444"


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each point: problem, searcher, seed, env, t, kind (answer or front), f1, f2."""
    cell = ["problem", "searcher"]
    runs = source.frame(STUDY, few(smoke))
    middle = runs.sort_values("migd", kind="stable").groupby(cell).apply(_middle)[["seed"]].reset_index()
    points = source.frame(STUDY, few(smoke), "answer").merge(middle)
    return points[[*cell, "seed", "env", "t", "kind", "f1", "f2"]].round({"f1": 6, "f2": 6})


def _middle(ordered: pd.DataFrame) -> pd.Series:
    """The row in the middle, the lower of the two where there are even many."""
    return ordered.iloc[(len(ordered) - 1) // 2]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """Panels by searcher and problem: some environments; and all, each a step further to the upper right."""
    last = frame["env"].max()
    shots = np.unique(np.linspace(0, last, SHOTS).round().astype(int))
    snapshots, markers = _panels(frame[frame["env"].isin(shots)], 0.0, MARKERS)
    handles = [
        Line2D([], [], ls="", marker=m, mfc="none", mec=color, label=f"t = {t:g}") for t, m, color in markers
    ]
    handles.append(Line2D([], [], color=DARK, lw=1, label="true fronts"))
    snapshots.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    tracking, _ = _panels(frame, 2.0 / (last + 1), ".")
    shades = ScalarMappable(Normalize(0.0, max(frame["t"].max(), 1e-9)), TIME)
    tracking.colorbar(shades, ax=tracking.axes, label="time t", aspect=30, pad=0.01)
    return {"snapshots": snapshots, "tracking": tracking}


def _panels(frame: pd.DataFrame, shift: float, markers: str) -> tuple[Figure, list[tuple[float, str, Any]]]:
    """The figure, and the time, marker and colour of each environment.

    shift: of each further environment, as a share of the fronts' range.
    """
    problems, searchers = unique(frame["problem"]), unique(frame["searcher"])
    figure, axes = grid(searchers, problems)
    end = max(frame["t"].max(), 1e-9)
    looks = {
        env: (t, markers[i % len(markers)], TIME(t / end))
        for i, (env, t) in enumerate(frame.groupby("env")["t"].first().items())
    }
    for column, problem in zip(axes.T, problems, strict=True):
        part = frame[frame["problem"] == problem]
        fronts = part.loc[part["kind"] == "front", ["f1", "f2"]].to_numpy()
        step = shift * np.ptp(fronts, axis=0)
        low, high = fronts.min(axis=0), fronts.max(axis=0) + step * part["env"].max()
        pad = 0.12 * (high - low)  # an answer that is far from the front, early in a run, is off the picture
        for one, searcher in zip(column, searchers, strict=True):
            for env, now in part[part["searcher"] == searcher].groupby("env"):
                _draw(one, now, step * env, *looks[env][1:])
            one.set(xlim=(low[0] - pad[0], high[0] + pad[0]), ylim=(low[1] - pad[1], high[1] + pad[1]))
        if shift:
            column[-1].set_xlabel("$f_1$ + shift")
    return figure, list(looks.values())


def _draw(axes: Axes, now: pd.DataFrame, move: np.ndarray, marker: str, color: Any) -> None:
    points = {kind: part[["f1", "f2"]].to_numpy() + move for kind, part in now.groupby("kind")}
    front, found = points.get("front", np.empty((0, 2))), points.get("answer", np.empty((0, 2)))
    axes.plot(*front.T, ".", color=DARK, ms=1.3, mew=0, zorder=1)
    small = marker == "."
    look = {"mfc": color, "mew": 0.0, "ms": 2.6} if small else {"mfc": "none", "mew": 0.7, "ms": 3.2}
    axes.plot(*found.T, marker, mec=color, zorder=2, **look)
