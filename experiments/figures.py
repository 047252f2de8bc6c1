"""Figures, drawn without a screen; colours of Okabe & Ito, readable by the colour-blind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from dmo.files import replacing
from dmo.record import Record

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#7F7F7F"

mpl.rcParams.update(
    {"svg.hashsalt": "dmo-lab", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
)


def metric_over_time(records: Sequence[Record], name: str, title: str, folder: Path) -> Path:
    """Draw a metric in every environment: the mean over the seeds, and their range as a band."""
    values = np.array([record.metrics.values[name] for record in records])
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    k = np.arange(values.shape[1])
    axes.fill_between(k, values.min(axis=0), values.max(axis=0), color=BLUE, alpha=0.2, lw=0, label="range")
    axes.plot(k, values.mean(axis=0), color=BLUE, lw=1.5, label=f"mean of {len(records)}")
    if np.isfinite(values).all() and (values > 0).all():
        axes.set_yscale("log")
    axes.set(xlabel="environment", ylabel=name.upper(), title=title)
    axes.legend(frameon=False)
    return write(figure, folder / f"{name}_{records[0].key[:16]}_{len(records)}.png")


def write(figure: Figure, file: Path) -> Path:
    """Save a figure in one step."""
    with replacing(file) as partial:
        figure.savefig(partial, dpi=150)
    return file
