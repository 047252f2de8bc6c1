"""AdaInfer and its baselines among measured strategies: network x device x scenario x policy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures.style import BLUE, GREEN, GREY
from experiments.source import Source

SCENARIOS = ("memory_pressure", "contention", "user_demand", "mixed_day")
TOLERANCE = 0.02
PANELS = (  # column, heading, factor
    ("latency_ms", "latency, ms", 1.0),
    ("memory_mib", "peak memory, MiB", 1.0),
    ("accuracy", "accuracy, %", 100.0),
    ("needless", "needless violations, %", 100.0),
    ("regret", "regret to the oracle, %", 100.0),
)


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each network, device, scenario and policy, of every table that ships with a surrogate.

    needless: environments with a limit exceeded where some strategy keeps all; regret: see
    experiments.adainfer. Search times are left out: they are no constants. experiments.compare prints them.
    """
    from experiments.adainfer import cells

    frame = cells(source.runs, SCENARIOS[:1] if smoke else SCENARIOS, smoke, source.overrides)
    return frame.drop(columns="search_ms")


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """One figure for each network and device: a row of panels for each scenario."""
    return {f"{n}_{d}": _cell(part) for (n, d), part in frame.groupby(["network", "device"], sort=False)}


def _cell(frame: pd.DataFrame) -> Figure:
    scenarios = list(dict.fromkeys(frame["scenario"]))
    policies = list(dict.fromkeys(frame["policy"]))
    size = 2.1 * len(PANELS) + 1.0, (0.17 * len(policies) + 0.75) * len(scenarios)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(len(scenarios), len(PANELS), sharey=True, squeeze=False)
    for line, scenario in zip(panels, scenarios, strict=True):
        part = frame[frame["scenario"] == scenario].set_index("policy").loc[policies]
        place = np.arange(len(part))[::-1]
        colors = [BLUE if p == "adainfer" else GREEN if p == "oracle" else GREY for p in policies]
        for axes, (column, heading, factor) in zip(line, PANELS, strict=True):
            values = factor * part[column].to_numpy()
            axes.barh(place, np.nan_to_num(values), color=colors, height=0.7)
            for y, value in zip(place, values, strict=True):
                axes.text(
                    np.nan_to_num(value), y, f" {value:.3g}" if value == value else " -", va="center", size=6
                )
            if column == "accuracy":
                axes.set_xlim(values.min() - 1.0, values.max() + 0.5)
            axes.margins(x=0.2)
            axes.set_xlabel(heading)
        line[0].set_yticks(place, policies, size=7)
        line[0].set_title(scenario.replace("_", " "), loc="left")
    return figure
