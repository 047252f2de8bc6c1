"""How much hypervolume the answers lack in every environment: the front's own less theirs, by searcher."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from experiments.figures._sweep import STUDY, few
from experiments.figures.metric_over_time import over_time
from experiments.source import Source


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each problem, searcher, seed and environment; runs what is missing."""
    frame = source.frame(STUDY, few(smoke), "environment")
    frame["hvd"] = frame["hv_front"] - frame["hv"]
    return frame[["problem", "searcher", "seed", "env", "hvd"]]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """One panel for each problem; both volumes within max(front) + 0.5."""
    return {"": over_time(frame, "hvd", "hypervolume difference")}
