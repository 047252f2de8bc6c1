"""A deployment run: every limit over the environments, what was chosen, and what there was to choose."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures.style import BLUE, GREEN, GREY, PAGE, RED, whole_ticks
from experiments.source import Source

SMOKE = ("schedule.n_env=6",)  # later, rounding that differs between processors reaches what a search chooses
PANELS = (  # title, column of the choices, of the limit, of which an error is told as an accuracy
    ("peak memory, MiB", "memory_mib", "budget_mib"),
    ("latency, ms", "latency_ms", "deadline_ms"),
    ("accuracy, %", "error", "greatest_error"),
)


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each environment: its limits, and latency, memory and error of the choice as predicted and
    as tabulated (empty where it was not measured), of the best of the table and of the full network."""
    from experiments.deployment import choices, frame

    cell, record = source.record(["problem=deployment/resnet", "searcher=warm", *(SMOKE if smoke else ())])
    return frame(cell.problem, choices(cell.problem, record))


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """A panel for each limit.

    Grey: what is forbidden; filled points: the choice as measured (where it is in the table), hollow
    ones: as predicted; line: the best of the table; dashed: the static full network.
    """
    figure = Figure(figsize=(PAGE, 5.6), layout="constrained")
    env = frame["env"]
    grid = figure.subplots(3, sharex=True)
    for axes, (title, column, limit) in zip(grid, PANELS, strict=True):
        percent = column == "error"
        of = {
            kind: _shown(frame[f"{kind}_{column}"], percent)
            for kind in ("predicted", "tabulated", "oracle", "full")
        }
        bound = _shown(frame[limit], percent)
        values = np.concatenate([bound, of["predicted"], of["oracle"], of["full"]])
        low, high = np.nanmin(values), np.nanmax(values)
        pad = 0.08 * (high - low)
        edge = low - pad if percent else high + pad
        axes.fill_between(env, bound, edge, step="mid", color=GREY, alpha=0.25, lw=0, label="forbidden")
        axes.step(env, of["oracle"], where="mid", color=GREEN, lw=1.2, label="best of the table")
        axes.plot(env, of["full"], color=RED, ls="--", lw=1, label="static full network")
        axes.plot(env, of["predicted"], "o", mfc="none", color=BLUE, ms=5, label="chosen, predicted")
        axes.plot(env, of["tabulated"], "o", color=BLUE, ms=3, label="chosen, as measured")
        axes.set(ylabel=title, ylim=(low - pad, high + pad), xlim=(env.min() - 0.5, env.max() + 0.5))
    grid[-1].set_xlabel("environment")
    whole_ticks(grid)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return {"": figure}


def _shown(values: pd.Series, percent: bool) -> np.ndarray:
    return (100.0 * (1.0 - values) if percent else values).to_numpy(float)
