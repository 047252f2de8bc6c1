"""The figure of a deployment run: every limit over time, and what was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from experiments.figures.style import BLUE, GREEN, GREY, RED, write

if TYPE_CHECKING:
    from experiments.deployment import Choice


def traces(found: Sequence[Choice], file: Path) -> Path:
    """Draw memory, latency and accuracy over the environments with their limits.

    Grey: what is forbidden; filled points: the choice as measured (where it is in the table),
    hollow ones: as predicted; line: the best of the table; dashed: the static full network.
    """
    env = np.array([c.env for c in found])
    limits = np.array([c.limits for c in found])
    measured, predicted = np.array([c.measured for c in found]), np.array([c.predicted for c in found])
    oracle, full = np.array([c.oracle for c in found]), found[0].full
    panels = (  # title, column of the objectives, column of the limits, the forbidden side
        ("peak memory, MiB", 1, 0, "above"),
        ("latency, ms", 0, 1, "above"),
        ("accuracy, %", 2, 2, "below"),
    )
    figure = Figure(figsize=(8, 7), layout="constrained")
    for axes, (title, j, limit, side) in zip(figure.subplots(3, sharex=True), panels, strict=True):

        def shown(f: np.ndarray, percent: bool = j == 2) -> np.ndarray:
            return 100.0 * (1.0 - f) if percent else f

        bound = shown(limits[:, limit])
        values = np.concatenate([bound, shown(predicted[:, j]), shown(oracle[:, j]), shown(full[j : j + 1])])
        low, high = values.min(), values.max()
        pad = 0.08 * (high - low)
        edge = high + pad if side == "above" else low - pad
        axes.fill_between(env, bound, edge, step="mid", color=GREY, alpha=0.25, lw=0, label="forbidden")
        axes.step(env, shown(oracle[:, j]), where="mid", color=GREEN, lw=1.2, label="best of the table")
        axes.axhline(shown(full[j]), color=RED, ls="--", lw=1, label="static full network")
        axes.plot(env, shown(predicted[:, j]), "o", mfc="none", color=BLUE, ms=5, label="chosen, predicted")
        axes.plot(env, shown(measured[:, j]), "o", color=BLUE, ms=3, label="chosen, as measured")
        axes.set(ylabel=title, ylim=(low - pad, high + pad))
    figure.axes[-1].set_xlabel("environment")
    figure.axes[0].legend(frameon=False, ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8)
    return write(figure, file)
