"""What AdaInfer saves against each baseline in each cell, as measured, beside the goals set for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures.adainfer_main import SCENARIOS
from experiments.figures.style import BLUE, RED
from experiments.source import Source

BASELINES = ("static_full", "static_best", "uniform", "model_only", "graph_only", "memory_only")
GOALS = {"memory": (0.4235, 0.25), "latency": (0.7389, 0.40)}  # of the best cell, of the median
LEAST = -100.0  # per cent saved that is still drawn


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each cell and baseline: the shares of mean memory and latency that AdaInfer saves,
    the accuracy it loses to the full network, and how often each exceeds limits needlessly."""
    from experiments.adainfer import cells

    frame = cells(source.runs, SCENARIOS[:1] if smoke else SCENARIOS, smoke, source.overrides)
    keys = ["network", "device", "scenario"]
    ours = frame[frame["policy"] == "adainfer"].set_index(keys)
    parts = []
    for name in BASELINES:
        theirs = frame[frame["policy"] == name].set_index(keys).loc[ours.index]
        parts.append(
            pd.DataFrame(
                {
                    "baseline": name,
                    "memory": 1.0 - ours["memory_mib"] / theirs["memory_mib"],
                    "latency": 1.0 - ours["latency_ms"] / theirs["latency_ms"],
                    "accuracy_lost": ours["accuracy_lost"],
                    "needless": ours["needless"],
                    "baseline_needless": theirs["needless"],
                    "regret": ours["regret"],
                }
            ).reset_index()
        )
    return pd.concat(parts, ignore_index=True)


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """Every cell a point, their median a bar; dashed: the goal of the best cell, dotted: of the median.

    A baseline that takes less than half, most by breaking limits, is a triangle at the lower edge.
    """
    figure = Figure(figsize=(8.0, 3.2), layout="constrained")
    for axes, (column, (best, middle)) in zip(figure.subplots(1, 2), GOALS.items(), strict=True):
        names = list(dict.fromkeys(frame["baseline"]))
        for i, name in enumerate(names):
            values = 100.0 * frame.loc[frame["baseline"] == name, column].to_numpy()
            place, beyond = np.full(len(values), i), values < LEAST
            axes.plot(place[~beyond], values[~beyond], "o", color=BLUE, ms=3, alpha=0.6)
            if beyond.any():
                axes.plot(place[beyond], np.full(beyond.sum(), LEAST + 3.0), "v", color=BLUE, ms=4)
            axes.plot([i - 0.3, i + 0.3], [np.median(values)] * 2, color=BLUE, lw=2)
        axes.axhline(100.0 * best, color=RED, ls="--", lw=1)
        axes.axhline(100.0 * middle, color=RED, ls=":", lw=1)
        axes.set_xticks(range(len(names)), [n.replace("_", "\n") for n in names], size=7)
        axes.set(ylabel=f"{column} saved, %", ylim=(max(axes.get_ylim()[0], LEAST), 100.0))
    return {"": figure}
