"""Better surrogates, better choices: the regret of what is chosen, against the surrogate's latency error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dmo.types import Array
from experiments.source import Source

SAMPLES = (30, 100, 300)
SEEDS = 3
ENVIRONMENTS = 60
FLOPS = "log_macs"


def rows(source: Source, smoke: bool) -> pd.DataFrame:
    """Per family, number of rows learnt from and seed: RMSPE of latency on the others, and mean regret.

    In every environment of the memory-pressure scenario the whole table is searched by what the
    surrogate predicts, the margin included, and the choice is charged what it was measured at: the
    preference's cost, 1 (the static full network's) where it breaks a limit, less that of the best
    measured strategy. No search error is mixed in.
    """
    from experiments import fitting
    from experiments.compare_fits import of_table
    from experiments.deployment import deployment
    from experiments.entry import CONF, build
    from surrogates import Columns, GaussianProcess, KNearest, MLPEnsemble, Predictor, Ridge, scores

    problem = deployment(*_parts(CONF, build))
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


def _parts(conf: Any, build: Any) -> tuple[Any, Any, Any]:
    """The network, device and scenario that the shipped table is of."""
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(conf), version_base="1.3"):
        config = compose("run", ["problem=deployment/resnet"])
    return build(config.network), build(config.device), build(config.scenario)


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
    """One point per family and number of rows: means over seeds."""
    figure = Figure(figsize=(4.8, 3.2), layout="constrained")
    axes = figure.subplots()
    means = frame.groupby(["family", "samples"], sort=False)[["rmspe", "regret"]].mean()
    for family in dict.fromkeys(frame["family"]):
        line = means.loc[family]
        axes.plot(100.0 * line["rmspe"], line["regret"], marker="o", ms=4, lw=1, label=family)
        for samples, point in line.iterrows():
            axes.annotate(str(samples), (100.0 * point["rmspe"], point["regret"]), fontsize=6)
    axes.set(xlabel="latency error, RMSPE %", ylabel="regret of the choice", xscale="log")
    axes.legend(fontsize=7)
    return {"": figure}
