"""What a surrogate learns from how many measured strategies, scored on networks it has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures.style import PAGE, band, key, unique
from experiments.source import Source

SAMPLES = (25, 50, 100, 200, 350)
SMOKE_SAMPLES = (20, 60)
SEEDS = 5
TEST_SHARE = 0.2
FAMILIES = ("ridge", "nearest", "forest", "mlp")
SMOKE_FAMILIES = ("ridge", "nearest")
PANELS = (("rmspe", "RMSPE, %", 100.0), ("spearman", "rank correlation", 1.0))


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """A row for each number of samples, target, family and seed: rmspe, spearman, within10.

    From the table that ships. Held out: all strategies of a fifth of the model variants, anew for each seed;
    the samples are the first of a random order of the others, so that more of them hold the fewer.
    With file=RUNS/fit/learning_curves.csv: from the scores that experiments.fit wrote there.
    """
    from experiments.entry import build
    from experiments.fitting import Rows, evaluate, fit, split
    from experiments.grid import composed
    from problems.deployment.network import SHIPPED
    from problems.deployment.space import StrategySpace
    from problems.deployment.table import Table

    config = composed("fit", source.overrides)
    network, device = build(config.network), build(config.device)
    if config.file is not None:
        return _scored(Path(config.file), network.name, device.name)
    table = Table.load(SHIPPED / f"{network.name}_{device.name}.npz")
    known = Rows.of(table, StrategySpace.of(network, **table.options))
    families = SMOKE_FAMILIES if smoke else FAMILIES
    surrogates = {
        name: build(composed("fit", [*source.overrides, f"surrogate={name}"]).surrogate) for name in families
    }
    found = []
    for seed in range(1 if smoke else SEEDS):
        held = split(known.variant, TEST_SHARE, np.random.default_rng(seed))
        order = np.random.default_rng(seed).permutation(np.flatnonzero(~held))
        for count in (n for n in (SMOKE_SAMPLES if smoke else SAMPLES) if n <= len(order)):
            chosen = np.isin(np.arange(len(known)), order[:count])
            for family, surrogate in surrogates.items():
                fitted = fit(surrogate, known[chosen], np.random.default_rng(seed))
                found += [
                    {
                        "samples": count,
                        "target": scores["target"],
                        "family": family,
                        "seed": seed,
                        "rmspe": scores["rmspe"],
                        "spearman": scores["spearman"],
                        "within10": scores["within_10"],
                    }
                    for scores in evaluate(fitted, known[held])
                ]
    return pd.DataFrame(found)


def _scored(file: Path, network: str, device: str) -> pd.DataFrame:
    """The rows of learning curves on disk; where they are of several tables, those of one."""
    from dmo.errors import DataError
    from experiments.frames import read

    columns = ["samples", "target", "family", "seed", "rmspe", "spearman", "within10"]
    again = "write it with: python -m experiments.fit -m surrogate=ridge,mlp curves=[30,100,300]"
    named = ["network", "device"]
    frame = read(file, [*named, *columns], again, numbers=["samples", "seed", *columns[4:]])
    if len(frame[named].drop_duplicates()) > 1:
        frame = frame[(frame["network"] == network) & (frame["device"] == device)]
    if frame.empty:
        raise DataError(f"{file}: no learning curve of network={network} device={device}; name another table")
    return frame[columns]


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """A column for each target, a row for each measure; the median of the seeds and their quartiles."""
    targets = unique(frame["target"])
    figure = Figure(figsize=(PAGE, 1.7 * len(PANELS) + 0.4), layout="constrained")
    axes = figure.subplots(len(PANELS), len(targets), sharex=True, squeeze=False)
    for row, (measure, label, factor) in zip(axes, PANELS, strict=True):
        for one, target in zip(row, targets, strict=True):
            part = frame[frame["target"] == target]
            for i, (family, group) in enumerate(part.groupby("family", sort=False)):
                values = group.pivot(index="samples", columns="seed", values=measure)
                band(one, factor * values, str(family), i)
            one.set_xscale("log")
            sizes = sorted(frame["samples"].unique())
            one.set_xticks(sizes, [str(size) for size in sizes])
            one.set_xticks([], minor=True)
        row[0].set_ylabel(label)
    for one, target in zip(axes[0], targets, strict=True):
        one.set_title(target.replace("_", " "))
    for one in axes[-1]:
        one.set_xlabel("measured strategies")
    key(figure, axes[0, 0])
    return {"": figure}
