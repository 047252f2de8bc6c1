"""The comparison of surrogate families: one file of scores per family, and one table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from dmo.errors import ArgumentError
from dmo.types import BoolArray
from experiments import fitting
from experiments.comparison import (
    Measured,
    agreement,
    by_group,
    by_level,
    curve,
    repeatability,
    score,
)
from experiments.hat import Latencies
from problems.deployment.network import Network
from problems.deployment.space import StrategySpace
from problems.deployment.table import Table
from surrogates import Fitted, GraphNetwork, Graphs, Surrogate


def of_table(table: Table, space: StrategySpace, source: str) -> tuple[Measured, fitting.Rows]:
    """A profile table's rows: models are not parted, and levels of knobs and contention held out whole."""
    rows = fitting.Rows.of(table, space, source, fitting.SCORED)
    mask = np.array([source in ("all", s) for s in table.source])
    levels = {"knob": table.x[mask], "contention": table.contention[mask, None]}
    return Measured(rows.x, rows.y, rows.targets, rows.variant, levels, ceilings(table, mask)), rows


def ceilings(table: Table, mask: BoolArray) -> dict[str, float]:
    """How often a second measurement of these rows' latencies lies within 10 % of the first.

    By the single visits where the table keeps them, or else at most, by their range.
    """
    visits = table.visits
    if not len(visits):
        return {"latency_ms": agreement(table["latency_spread"][mask], table["visits"][mask])}
    of = mask[visits.row]
    row, latency = visits.row[of], visits.latency_ms[of]
    figures = {"latency_ms": latency, "latency_p95_ms": visits.p95_ms[of]}
    return {name: repeatability(row, latency, figure) for name, figure in figures.items()}


def of_hat(latencies: Latencies) -> Measured:
    """Published latencies: each design a group of its own, its values the levels."""
    levels = [np.unique(column, return_inverse=True)[1].ravel() for column in latencies.x.T]
    knobs = {"knob": np.stack(levels, axis=1)}
    group = np.unique(latencies.x, axis=0, return_inverse=True)[1].ravel()
    return Measured(latencies.x, latencies.latency[:, None], ("latency_ms",), group, knobs, {})


def learner(surrogate: Surrogate, rows: fitting.Rows, mask: BoolArray, rng: Generator) -> Fitted:
    """Fit to some rows of a table."""
    return fitting.fit(surrogate, rows[mask], rng)


def plain(
    surrogate: Surrogate, data: Measured, names: tuple[str, ...], mask: BoolArray, rng: Generator
) -> Fitted:
    """Fit to some rows, all targets from all features."""
    return fitting.bound(surrogate, names).fit(data.x[mask], data.y[mask], rng)


def with_graphs(surrogate: Surrogate, network: Network) -> Surrogate:
    """The surrogate, given the network's graphs where it, or what is within it, reads graphs."""
    inner = getattr(surrogate, "surrogate", None)
    if inner is not None:
        return replace(surrogate, surrogate=with_graphs(inner, network))  # type: ignore[type-var]
    if not isinstance(surrogate, GraphNetwork):
        return surrogate
    from problems.deployment.graph.operators import operators

    nodes, shape, edges = operators(network.module, network.elastic)
    sizes = np.array([len(levels) for levels in network.elastic.levels.values()])
    return surrogate.on(Graphs(np.arange(len(sizes)), sizes, nodes, shape, edges))


def compare(
    name: dict[str, str],
    data: Measured,
    learn: Any,
    folder: Path,
    folds: int,
    curves: list[int],
    seed: int,
    only: Sequence[str] = (),
) -> str:
    """Score one family, write its files, put all files of the folder together; returns what was found.

    name: network, device and family; only: names of splits, all of them when empty. Raises ArgumentError
    when there is none of these.
    """
    import pandas as pd

    from dmo.files import replacing

    splits = {
        "unseen models": by_group(data.group, folds, np.random.default_rng(seed)),
        **{
            f"unseen {kind} levels": by_level(levels, folds, np.random.default_rng(seed))
            for kind, levels in data.levels.items()
        },
    }
    wanted = {split: masks for split, masks in splits.items() if masks and (not only or split in only)}
    if not wanted:
        raise ArgumentError(
            "splits", f"some of {', '.join(splits)}", str(list(only)), "leave it empty for all"
        )
    found = [
        {**name, "split": split, **row, "ceiling_10": data.ceiling.get(row["target"], float("nan"))}
        for split, masks in wanted.items()
        for row in score(data, learn, masks, np.random.default_rng(seed))
    ]
    parts = {"comparison": pd.DataFrame(found)}
    if curves:
        parts["learning_curves"] = pd.DataFrame([{**name, **r} for r in curve(data, learn, curves, seeds=3)])
    key = "_".join(name.values())
    for part, frame in parts.items():
        with replacing(folder / part / f"{key}.csv") as partial_file:
            frame.to_csv(partial_file, index=False)
        every = [pd.read_csv(f) for f in sorted((folder / part).glob("*.csv"))]
        with replacing(folder / f"{part}.csv") as partial_file:
            pd.concat(every).to_csv(partial_file, index=False)
    shown = parts["comparison"].drop(columns=list(name)).set_index(["split", "target"]).round(3)
    return f"{key}\n{shown.to_string()}\nwrote {folder / 'comparison.csv'}"


def run(config: Any, network: Network, device: str, surrogate: Surrogate, table: Path, family: str) -> str:
    """What experiments.fit does when it compares."""
    folder = Path(config.runs) / "fit"
    folds, curves, seed = int(config.folds), list(config.curves), int(config.seed)
    only = [f"unseen {split}" for split in config.splits]
    if config.table == "hat":
        latencies = Latencies.load(Path(config.file))
        data = of_hat(latencies)
        name = {"network": "hat", "device": Path(config.file).stem, "family": family}
        learn: Any = partial(plain, surrogate, data, latencies.names)
        return compare(name, data, learn, folder, folds, curves, seed, only)
    read = Table.load(table)
    space = StrategySpace.of(network, **read.options)
    data, rows = of_table(read, space, config.rows)
    name = {"network": network.name, "device": device, "family": family}
    learn = partial(learner, with_graphs(surrogate, network), rows)
    return compare(name, data, learn, folder, folds, curves, seed, only)
