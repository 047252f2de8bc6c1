"""Compare surrogate families: scores on held-out rows, learning curves, and what noise leaves to reach."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from dmo.types import Array, BoolArray, IntArray
from surrogates import Fitted, scores

LEVELS = np.linspace(0.1, 0.9, 9)  # of the intervals that a calibration error is averaged over
ROWS = 1000  # a prediction of so many is timed
Learn = Callable[[BoolArray, Generator], Fitted]  # from the rows of a mask


@dataclass(frozen=True, eq=False)
class Measured:
    """What families are compared on.

    x: (n, q) features; y: (n, k) targets; targets: their names; group: (n,) rows that must not be
    parted, such as those of one model; levels: by what has them, (n, d) each, of which whole ones are
    held out too; ceiling: of each target, the share of repeated measurements within 10 % of another,
    at most.
    """

    x: Array
    y: Array
    targets: tuple[str, ...]
    group: IntArray
    levels: Mapping[str, IntArray]
    ceiling: dict[str, float]


def by_group(group: IntArray, folds: int, rng: Generator) -> list[BoolArray]:
    """Masks that hold every group out once, in `folds` parts."""
    known = rng.permutation(np.unique(group))
    return [np.isin(group, part) for part in np.array_split(known, folds)]


def by_level(knobs: IntArray, folds: int, rng: Generator) -> list[BoolArray]:
    """Masks that hold out all rows with one level of one knob: at most half of them, and not few."""
    masks = [knobs[:, k] == level for k in range(knobs.shape[1]) for level in np.unique(knobs[:, k])]
    usable = [mask for mask in masks if 0.05 <= mask.mean() <= 0.5]
    return [usable[i] for i in rng.permutation(len(usable))[:folds]]


def score(data: Measured, learn: Learn, folds: Iterable[BoolArray], rng: Generator) -> list[dict[str, Any]]:
    """Figures of each target over all held-out rows, and the seconds of processor time that it took."""
    said, held, seconds = [], [], []
    for mask in folds:
        began = time.process_time()
        fitted = learn(~mask, rng)
        seconds.append(time.process_time() - began)
        said.append(np.stack(fitted.predict(data.x[mask])))
        held.append(data.y[mask])
    many = np.resize(data.x, (ROWS, data.x.shape[1]))
    spent = []
    for _ in range(5):
        began = time.process_time()
        fitted.predict(many)
        spent.append(time.process_time() - began)
    (mean, std), true = np.concatenate(said, axis=1), np.concatenate(held)
    cost = {"fit_seconds": float(np.median(seconds)), "predict_ms": 1e3 * min(spent)}
    return [
        {"target": name, "rows": len(true), **figures(true[:, k], mean[:, k], std[:, k]), **cost}
        for k, name in enumerate(data.targets)
    ]


def figures(true: Array, mean: Array, std: Array) -> dict[str, float]:
    """What predictor papers report of one target, (n,) each."""
    covered = np.array([scores.coverage(true, mean, std, level) for level in LEVELS])
    return {
        "within_5": scores.within(true, mean, 0.05),
        "within_10": scores.within(true, mean, 0.10),
        "rmspe": scores.rmspe(true, mean),
        "mae": scores.mae(true, mean),
        "spearman": scores.spearman(true, mean),
        "kendall": scores.kendall(true, mean),
        "coverage_90": scores.coverage(true, mean, std, 0.9),
        "calibration": float(np.abs(covered - LEVELS).mean()),
    }


def curve(
    data: Measured, learn: Learn, samples: Iterable[int], seeds: int, share: float = 0.2
) -> list[dict[str, Any]]:
    """Error against the number of rows learnt from, on held-out groups; rows are nested in their seed."""
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        known = rng.permutation(np.unique(data.group))
        held = np.isin(data.group, known[: max(1, round(share * len(known)))])
        order = rng.permutation(np.flatnonzero(~held))
        for n in samples:
            if n > len(order):
                continue
            mask = np.zeros(len(data.x), dtype=bool)
            mask[order[:n]] = True
            mean, _ = learn(mask, np.random.default_rng(seed)).predict(data.x[held])
            for k, target in enumerate(data.targets):
                true = data.y[held, k]
                found.append(
                    {
                        "samples": n,
                        "target": target,
                        "seed": seed,
                        "rmspe": scores.rmspe(true, mean[:, k]),
                        "spearman": scores.spearman(true, mean[:, k]),
                        "within10": scores.within(true, mean[:, k], 0.10),
                    }
                )
    return found


def agreement(spread: Array, visits: Array, share: float = 0.1) -> float:
    """At most how many pairs of a strategy's visits lie within `share` of each other; nan where none was
    visited twice.

    spread: half range over visits, as a share of the least, (n,). Where the range exceeds the share, the
    best that can be is that all visits but one agree: (v - 2) / v of the pairs of v visits.
    """
    again = visits > 1
    if not again.any():
        return float("nan")
    spread, visits = spread[again], visits[again]
    apart = 2.0 * spread > share
    some = np.maximum(visits - 2.0, 0.0) / np.maximum(visits, 1.0)
    return float(np.where(apart, some, 1.0).mean())


def repeatability(row: IntArray, latency: Array, figure: Array, share: float = 0.1) -> float:
    """In how many rows two halves of the visits agree on a figure within `share`; nan where none has two.

    row, latency, figure: of each visit, (v,), in the order of the visits within a row. Every second visit
    is of one half; of a half, the figure of its least disturbed visit counts, which is what a table
    keeps of all. A half has half the visits, so that the table itself is steadier.
    """
    order = np.argsort(row, kind="stable")
    row, latency, figure = row[order], latency[order], figure[order]
    known, first, count = np.unique(row, return_index=True, return_counts=True)
    half = (np.arange(len(row)) - np.repeat(first, count)) % 2
    least = []
    for side in (0, 1):
        of = half == side
        # The first of each row in the order of latency.
        by_row = np.lexsort((latency[of], row[of]))
        rows, place = np.unique(row[of][by_row], return_index=True)
        least.append(figure[of][by_row][place][np.isin(rows, known[count > 1])])
    if not len(least[1]):
        return float("nan")
    return float((np.abs(least[0] - least[1]) <= share * np.minimum(*least)).mean())
