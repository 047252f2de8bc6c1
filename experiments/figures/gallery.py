"""The true front of every benchmark problem over time, one picture for each suite."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.figures.style import TIME
from experiments.pieces import breaks
from experiments.source import Source

TIMES = np.arange(11) / 10
SURFACE_TIMES = (0.0, 0.3, 0.6, 1.0)  # surfaces hide each other: fewer of them
SMOKE_SUITES = ("FDA",)
COLUMNS = 4


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each point of a front: suite, problem, t, piece, f1, f2, f3 (empty where there is none)."""
    from problems import constrained, synthetic

    parts = []
    for package in (synthetic, constrained):
        for name in sorted(package.__all__, key=lambda n: (_suite(n), int(n[len(_suite(n)) :]))):
            if not smoke or _suite(name) in SMOKE_SUITES:
                parts += _fronts(name, getattr(package, name)(), 60 if smoke else 300)
    return pd.concat(parts, ignore_index=True)


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """One figure for each suite, one panel for each problem; the colour is the time."""
    return {suite.lower(): _suite_figure(part) for suite, part in frame.groupby("suite", sort=False)}


def _fronts(name: str, problem, n: int) -> list[pd.DataFrame]:  # type: ignore[no-untyped-def]
    """The fronts of one problem, a frame for each time, numbers rounded to what a picture can show."""
    plane = problem.space.n_obj == 2
    found = []
    for t in TIMES if plane else SURFACE_TIMES:
        f = problem.front(float(t), n if plane else 2 * n)[:, :3]
        piece = np.zeros(len(f), dtype=int)
        if plane:
            f = f[np.lexsort((-f[:, 1], f[:, 0]))]
            piece[breaks(problem, f, float(t))] = 1
        columns = {f"f{j + 1}": f[:, j].round(6) if j < f.shape[1] else np.nan for j in range(3)}
        same = {"suite": _suite(name), "problem": name, "t": float(t)}
        found.append(pd.DataFrame({**same, "piece": np.cumsum(piece), **columns}))
    return found


def _suite_figure(frame: pd.DataFrame) -> Figure:
    problems = list(dict.fromkeys(frame["problem"]))
    columns = min(COLUMNS, len(problems))
    height = -(-len(problems) // columns)
    figure = Figure(figsize=(2.5 * columns + 0.6, 2.3 * height + 0.2), layout="constrained")
    shades = ScalarMappable(Normalize(0.0, float(TIMES[-1])), TIME)
    panels = []
    for i, problem in enumerate(problems, start=1):
        part = frame[frame["problem"] == problem]
        surface = part["f3"].notna().any()
        with mpl.rc_context({"grid.color": "#DDDDDD", "grid.linewidth": 0.5}):
            axes = figure.add_subplot(height, columns, i, projection="3d" if surface else None)
        for t, front in part.groupby("t"):
            # earlier fronts are wider, so that those which coincide show side by side
            draw_front = _surface if surface else _curve
            draw_front(axes, front, shades.to_rgba(t), 1.9 - 1.2 * t)
        axes.set_title(problem.replace("DMOP", "dMOP"), pad=2)
        panels.append(axes)
    figure.colorbar(shades, ax=panels, label="time t", shrink=min(1.0, 1.6 / height), aspect=22, pad=0.02)
    return figure


def _curve(axes: Axes, front: pd.DataFrame, color: tuple[float, ...], width: float) -> None:
    """A line for each piece, and a dot for what stands alone."""
    for _, piece in front.groupby("piece"):
        axes.plot(
            piece["f1"], piece["f2"], "-" if len(piece) > 1 else ".", color=color, lw=width, ms=2 + width
        )
    axes.set_xlabel("$f_1$", labelpad=0)
    axes.set_ylabel("$f_2$", labelpad=0)
    axes.tick_params(labelsize=7)


def _surface(axes, front: pd.DataFrame, color: tuple[float, ...], width: float) -> None:  # type: ignore[no-untyped-def]
    """The points of a front of three objectives, seen from the side of large values."""
    axes.plot(front["f1"], front["f2"], front["f3"], ".", color=color, ms=1.0 + width, mew=0.0)
    axes.view_init(elev=25, azim=40)
    axes.set_box_aspect(None, zoom=0.95)
    axes.tick_params(labelsize=5.5, pad=-3)
    for j, name in enumerate("xyz"):
        axis = getattr(axes, f"{name}axis")
        axis.set_rotate_label(False)
        axis.set_label_text(f"$f_{j + 1}$", fontsize=8)
        axis.labelpad = -8
        axis.set_major_locator(MaxNLocator(3))
        axis.pane.set_facecolor("white")


def _suite(name: str) -> str:
    return name.rstrip("0123456789")
