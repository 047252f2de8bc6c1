"""The interactive charts of a report page: a metric, the front with a slider, the constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dmo.problem import Problem
from dmo.record import Record
from dmo.types import Array, BoolArray
from problems import constrained, synthetic

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000")
FRONT_POINTS = 300
LOOK = {"template": "simple_white", "margin": {"t": 30}, "showlegend": True}


def label(record: Record) -> str:
    """A run in a legend: its searcher and seed, and the beginning of its key, which tells equals apart."""
    return f"{searcher(record)}, seed {record.info['seed']} ({record.key[:6]})"


def searcher(record: Record) -> str:
    """The searcher of a run, in words."""
    config = record.info["config"]["searcher"]
    parts = [config[k]["_target_"] for k in ("optimiser", "response") if isinstance(config.get(k), dict)]
    return " x ".join(part.rsplit(".", 1)[-1] for part in parts or [config["_target_"]])


def over_time(records: Sequence[Record], metric: str) -> go.Figure:
    """A line of the metric for each run."""
    figure = go.Figure()
    for i, record in enumerate(records):
        figure.add_scatter(
            x=list(range(len(record.times))),
            y=record.metrics.values[metric].tolist(),
            name=label(record),
            line={"color": COLOURS[i % len(COLOURS)]},
        )
    title = "IGD" if metric == "igd" else f"{metric} share"
    figure.update_layout(**LOOK, xaxis_title="environment", yaxis_title=title, height=320)
    if metric == "igd":
        figure.update_yaxes(type="log", dtick="D2")
    return figure


def fronts(records: Sequence[Record]) -> go.Figure:
    """The answers of each environment, two or three objectives, behind a slider."""
    environments = min(len(record.answers) for record in records)
    problem = rebuilt(records[0])
    frames = [
        go.Frame(data=_traces(records, problem, k), name=str(k), layout={"title": f"environment {k}"})
        for k in range(environments)
    ]
    figure = go.Figure(data=frames[0].data, frames=frames)
    m = records[0].answers[0].f.shape[1]
    f = np.concatenate([a.f for record in records for a in record.answers])
    # Quartiles with room: a few answers far off shall not shrink the picture to a dot.
    low, high = np.quantile(f, 0.02, axis=0), np.quantile(f, 0.98, axis=0)
    pad = 0.1 * (high - low) + 1e-9
    axes = {
        name: {"range": [float(low[i] - pad[i]), float(high[i] + pad[i])], "title": f"f{i + 1}"}
        for i, name in enumerate(("xaxis", "yaxis", "zaxis")[: min(m, 3)])
    }
    now = {"frame": {"duration": 0}, "mode": "immediate"}
    steps = [{"args": [[str(k)], now], "label": str(k), "method": "animate"} for k in range(environments)]
    play = {"label": "play", "method": "animate", "args": [None, {"frame": {"duration": 300}}]}
    figure.update_layout(
        **LOOK,
        height=520,
        sliders=[{"steps": steps, "currentvalue": {"prefix": "environment "}, "pad": {"t": 45}}],
        updatemenus=[{"type": "buttons", "buttons": [play], "y": -0.12, "x": -0.02}],
        **({"scene": axes} if m >= 3 else axes),
    )
    return figure


def constraints(record: Record) -> go.Figure:
    """Least, median and greatest value of each constraint over the answer of every environment."""
    figure = go.Figure()
    k = list(range(len(record.answers)))
    for c in range(record.answers[0].g.shape[1]):
        colour = COLOURS[c % len(COLOURS)]
        values = np.array([np.quantile(a.g[:, c], [0.0, 0.5, 1.0]) for a in record.answers])
        for column, dash in enumerate(("dot", "solid", "dot")):
            name = f"g{c + 1}, {('least', 'median', 'greatest')[column]}"
            figure.add_scatter(
                x=k, y=values[:, column].tolist(), name=name, line={"color": colour, "dash": dash}
            )
    figure.add_hline(y=0.0, line={"color": "#7F7F7F", "width": 1}, opacity=1.0)  # the template hides it
    figure.update_layout(**LOOK, xaxis_title="environment", yaxis_title="g", height=320)
    return figure


def rebuilt(record: Record) -> Problem | None:
    """The benchmark problem of a record, for its true front; None for what is not one of our suites.

    A record may come from anywhere: its words choose among the classes we export and give them plain
    numbers and strings, nothing else is imported or called.
    """
    config = dict(record.info["config"]["problem"])
    kind = str(config.pop("_target_", "")).rsplit(".", 1)[-1]
    for suite in (synthetic, constrained):
        if kind in suite.__all__:
            try:
                problem: Problem = getattr(suite, kind)(**config)
            except (TypeError, ValueError):
                return None
            return problem
    return None


def _traces(records: Sequence[Record], problem: Problem | None, k: int) -> list[Any]:
    traces = []
    if problem is not None:
        front = problem.front(float(records[0].times[k]), FRONT_POINTS)
        if front is not None:
            traces.append(_points(front, "true front", "#B0B0B0", 3))
    for i, record in enumerate(records):
        answer, colour = record.answers[k], COLOURS[i % len(COLOURS)]
        traces.append(_points(answer.f, label(record), colour, 6, answer.feasible))
    return traces


def _points(f: Array, name: str, colour: str, size: int, feasible: BoolArray | None = None) -> Any:
    """A trace of points f, (n, m); those that are not feasible are hollow."""
    columns = [np.round(column, 6).tolist() for column in f.T[:3]]
    marker: dict[str, Any] = {"color": colour, "size": size}
    if feasible is not None and not feasible.all():
        marker["symbol"] = np.where(feasible, "circle", "circle-open").tolist()
    if len(columns) == 1:
        columns.append([0.0] * len(f))
    if len(columns) == 2:
        return go.Scatter(x=columns[0], y=columns[1], mode="markers", name=name, marker=marker)
    x, y, z = columns
    return go.Scatter3d(x=x, y=y, z=z, mode="markers", name=name, marker={**marker, "size": size / 2})
