"""A study in few rows: mean, standard deviation and count of each cell, held against what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

EXPECTED = Path(__file__).resolve().parent / "expected" / "tables"
ERRORS = 4.0  # standard errors of a difference of means that are no difference
SLACK = 0.02  # nor is this share of the mean: processors round differently


def summary(frame: pd.DataFrame, axes: Sequence[str], metrics: Sequence[str]) -> pd.DataFrame:
    """A row for each cell of a collected frame and each metric: the axes, metric, mean, std, n.

    A run without a value (MIGD where no environment has a feasible answer) is left out of all three.
    """
    long = frame.melt([*axes], [*metrics], "metric").replace([np.inf, -np.inf], np.nan)
    cells = long.groupby([*axes, "metric"], sort=False)["value"].agg(["mean", "std", "count"])
    return cells.rename(columns={"count": "n"}).reset_index()


def differences(found: pd.DataFrame, expected: pd.DataFrame) -> list[str]:
    """The cells that both have and whose means differ by more than chance and rounding, in words."""
    keys = [c for c in expected.columns if c not in ("mean", "std", "n")]
    both = found.merge(expected, on=keys, suffixes=("", "_expected"))
    error = np.sqrt(both["std"].fillna(0.0) ** 2 / both["n"] + both["std_expected"] ** 2 / both["n_expected"])
    allowed = ERRORS * error + SLACK * both["mean_expected"].abs()
    apart = both[(both["mean"] - both["mean_expected"]).abs() > allowed]
    return [
        f"{' '.join(str(row[key]) for key in keys)}: {row['mean']:.4g} (n = {row['n']}) where "
        f"{row['mean_expected']:.4g} (n = {row['n_expected']}) is expected"
        for _, row in apart.iterrows()
    ]
