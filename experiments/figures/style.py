"""How figures look, all of them: widths of a journal's columns, colours that the colour-blind can tell
apart (Okabe & Ito), and for print in grey a dash, a marker and a hatch of its own for each series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from dmo.files import replacing

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#7F7F7F"
SERIES = (BLUE, RED, GREEN, ORANGE, "#CC79A7", "#56B4E9", "#000000", GREY)
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
MARKERS = "osD^vPX*"
HATCHES = ("", "///", "\\\\\\", "...", "xxx", "---", "+++", "ooo")
COLUMN, PAGE = 3.5, 7.2  # inches: one column, and both, of a journal's page
LONG = 12  # letters: of longer names only two fit beside each other in a column's width
# Even in lightness, so that later is lighter in grey as well; without the end that fades on white.
TIME = ListedColormap(mpl.colormaps["viridis"](np.linspace(0.0, 0.87, 256)))

mpl.rcParams.update(
    {
        "axes.axisbelow": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 9,
        "font.size": 8,
        "hatch.linewidth": 0.5,
        "legend.frameon": False,
        "lines.linewidth": 1.3,
        "lines.markersize": 3.5,
        "pdf.fonttype": 42,  # text stays text, as journals ask
        "svg.hashsalt": "dmo-lab",
    }
)


def line(series: int) -> dict[str, Any]:
    """Colour and dash of the i-th series; after the last colour the dashes are dealt out anew."""
    turn, i = divmod(series, len(SERIES))
    return {"color": SERIES[i], "ls": DASHES[(i + turn) % len(DASHES)]}


def panels(count: int, columns: int | None = None, height: float = 2.0) -> tuple[Figure, list[Axes]]:
    """A figure of `count` equal panels in rows of `height` inches; a panel alone is a column wide."""
    columns = min(count, columns or (3 if count in (3, 5, 6) or count > 8 else 2))
    rows = -(-count // columns)
    figure = Figure(figsize=(COLUMN if columns == 1 else PAGE, height * rows + 0.2), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for empty in axes[count:]:
        empty.remove()
    return figure, axes[:count]


def grid(rows: Sequence[str], columns: Sequence[str]) -> tuple[Figure, np.ndarray]:
    """A figure of panels f1, f2: a row for each name of `rows`, a column for each of `columns`."""
    side = PAGE / max(len(columns), 3)
    figure = Figure(figsize=(PAGE, 0.8 * side * len(rows) + 0.4), layout="constrained")
    axes = figure.subplots(len(rows), len(columns), sharex="col", sharey="col", squeeze=False)
    for one, name in zip(axes[:, 0], rows, strict=True):
        one.set_ylabel(f"{name}\n$f_2$")
    for top, bottom, name in zip(axes[0], axes[-1], columns, strict=True):
        top.set_title(name.upper())
        bottom.set_xlabel("$f_1$")
    return figure, axes


def logarithmic(axis: Axis) -> None:
    """A logarithmic axis with ticks at 1, 2 and 5, written as plain numbers."""
    axis._set_axes_scale("log")  # type: ignore[attr-defined]
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def band(axes: Axes, values: pd.DataFrame, label: str, series: int) -> None:
    """The median over the columns as a line, the quartiles as a band around it."""
    low, middle, high = np.quantile(values.to_numpy(), [0.25, 0.5, 0.75], axis=1)
    look = line(series)
    axes.fill_between(values.index, low, high, color=look["color"], alpha=0.18, lw=0)
    axes.plot(values.index, middle, label=label, **look)


def key(figure: Figure, axes: Axes) -> None:
    """One legend for all panels, above them: the series of `axes`."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        narrow = 3 if max(map(len, labels)) <= LONG else 2
        columns = min(len(labels), 5 if figure.get_figwidth() > COLUMN else narrow)
        figure.legend(handles, labels, loc="outside upper center", ncols=columns, handlelength=2.8)


def unique(values: pd.Series) -> list[Any]:
    """The values of a column, each once, in their order."""
    return list(dict.fromkeys(values))


def whole_ticks(axes: Sequence[Axes]) -> None:
    """Ticks at whole numbers along x."""
    for one in axes:
        one.xaxis.get_major_locator().set_params(integer=True)


def write(figure: Figure, file: Path) -> Path:
    """Save a figure in one step; the name's ending tells the format."""
    stamp = {"CreationDate": None} if file.suffix == ".pdf" else {}
    with replacing(file) as partial:
        figure.savefig(partial, dpi=150, metadata=stamp)
    return file
