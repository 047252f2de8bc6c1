"""Better surrogates, better choices: the regret of what is chosen, against the surrogate's latency error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dmo.types import Array
from experiments.figures.style import COLUMN, MARKERS, key, line, logarithmic, unique
from experiments.source import Source

SAMPLES = (30, 100, 300)
SEEDS = 3
ENVIRONMENTS = 60
FLOPS = "log_macs"


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """Per family, number of rows learnt from and seed: RMSPE of latency on the others, and mean regret.

    In every environment of the scenario the whole table is searched by what the
    surrogate predicts, the margin included, and the choice is charged what it was measured at: the
    preference's cost, 1 (the static full network's) where it breaks a limit, less that of the best
    measured strategy. No search error is mixed in.
    """
    from experiments import fitting
    from experiments.compare_fits import of_table
    from experiments.entry import build
    from experiments.grid import composed
    from surrogates import Columns, GaussianProcess, KNearest, MLPEnsemble, Predictor, Ridge, scores

    problem = build(composed("run", ["problem=deployment/resnet", *source.overrides]).problem)
    families: dict[str, Any] = {
        "FLOPs": Columns(Ridge(), (FLOPS,)),
        "k-nearest": KNearest(),
        "ridge": Ridge(),
        "Gaussian process": GaussianProcess(),
        "MLP ensemble": MLPEnsemble(),
    }
    if smoke:
        families = {name: families[name] for name in ("FLOPs", "ridge")}
    data, measured = of_table(problem.table, problem.strategies, "sample")
    times = np.arange(6 if smoke else ENVIRONMENTS, dtype=float)
    found = []
    for seed in range(1 if smoke else SEEDS):
        order = np.random.default_rng(seed).permutation(len(data.x))
        for n in SAMPLES:
            mask = np.zeros(len(data.x), dtype=bool)
            mask[order[:n]] = True
            for family, surrogate in families.items():
                fitted = fitting.fit(surrogate, measured[mask], np.random.default_rng(seed))
                said = fitted.predict(data.x[~mask])[0]
                predictor = Predictor(fitted, problem.predictor.features, problem.predictor.targets)  # type: ignore[attr-defined]
                found.append(
                    {
                        "family": family,
                        "samples": n,
                        "seed": seed,
                        "rmspe": scores.rmspe(data.y[~mask, 0], said[:, 0]),
                        "regret": float(_regrets(replace(problem, predictor=predictor), times).mean()),
                    }
                )
    return pd.DataFrame(found)


def _regrets(problem: Any, times: Array) -> Array:
    """What is chosen by prediction costs more than the best, (environments,)."""
    from problems.deployment.choice import choose

    regrets = []
    for t in times:
        truth, said = problem.truth(t), problem.evaluate(problem.rows, t)
        cost = problem.preference.cost(truth.f, problem.full)
        broken = (truth.g > 0.0).any(axis=1)
        cost = np.where(broken, np.maximum(cost, 1.0), cost)
        pick = choose(said, problem.full, problem.preference)
        regrets.append(cost[pick] - cost.min())
    return np.array(regrets)


def draw(frame: pd.DataFrame) -> dict[str, Figure]:
    """A line for each family, a point for each number of rows learnt from: means over seeds."""
    figure = Figure(figsize=(COLUMN, 3.2), layout="constrained")
    axes = figure.subplots()
    means = frame.groupby(["family", "samples"], sort=False)[["rmspe", "regret"]].mean()
    for i, family in enumerate(unique(frame["family"])):
        found = means.loc[family]
        error = 100.0 * found["rmspe"]
        axes.plot(error, found["regret"], label=family, marker=MARKERS[i], **line(i))
        for samples, x, y in zip(found.index, error, found["regret"], strict=True):
            axes.annotate(f"{samples}", (x, y), (3, 3), textcoords="offset points", fontsize=6)
    logarithmic(axes.xaxis)
    axes.set(xlabel="latency error, RMSPE %", ylabel="regret of the choice")
    key(figure, axes)
    return {"": figure}
