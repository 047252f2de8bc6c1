"""Which strategies to measure next: an active choice against a random one, replayed on a measured table.

Nothing is measured anew: what a rule asks for is read from the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import moocore
import numpy as np
from numpy.random import Generator

from dmo.errors import ArgumentError
from dmo.metrics import hypervolume
from dmo.types import Array, BoolArray, IntArray
from experiments import fitting
from surrogates import AtRandom, Fitted, NearFront, Surrogate, scores

OBJECTIVES = ("latency_ms", "memory_mib", "error")
NEAR = 0.1  # a strategy is near the front when none is better by more than this share in every objective
HELD = 0.2  # of the model variants, on which the surrogate's error near the front is scored
FIGURES = {  # all are shares, the less the better
    "measured": "hypervolume that the front of what was measured lacks",
    "predicted": "that which the front by measurement and prediction lacks",
    "latency": "RMSPE of latency near the front, of models held out",
    "memory": "of memory",
}


class Rule(Protocol):
    """How to choose what to measure next."""

    def choose(self, fitted: Fitted, x: Array, objectives: IntArray, n: int, rng: Generator) -> IntArray:
        """n different rows of the candidates x, (m, q)."""


RULES: Mapping[str, Rule] = {"near_front": NearFront(), "random": AtRandom()}


def replay(
    rows: fitting.Rows, surrogate: Surrogate, rule: Rule, budgets: Sequence[int], seed: int
) -> list[dict[str, float]]:
    """FIGURES of one rule at each budget, a number of measured strategies.

    rows: of OBJECTIVES. The first budget is drawn at random, the same for all rules of a seed; the
    surrogate is fitted again at each. Raises ArgumentError unless budgets grow from 2 to at most what
    is not held out.
    """
    rng = np.random.default_rng(seed)
    held = fitting.split(rows.variant, HELD, rng)
    pool = rng.permutation(np.flatnonzero(~held))
    if not budgets or budgets[0] < 2 or budgets[-1] > len(pool) or (np.diff(budgets) <= 0).any():
        raise ArgumentError(
            "active",
            f"growing numbers of strategies from 2 to {len(pool)}",
            str(list(budgets)),
            "say so many",
        )
    truth = np.log(rows.y)
    whole = _volume(truth[pool], truth)
    near = held & near_front(rows.y)

    def learnt(measured: IntArray) -> tuple[BoolArray, Fitted]:
        known = np.isin(np.arange(len(rows)), measured)
        return known, fitting.fit(surrogate, rows[known], np.random.default_rng(seed))

    measured, found = pool[: budgets[0]], []
    known, fitted = learnt(measured)
    for budget in budgets:
        if budget > len(measured):
            rest = np.setdiff1d(pool, measured)
            n = budget - len(measured)
            more = rule.choose(fitted, rows.x[rest], np.arange(len(OBJECTIVES)), n, rng)
            measured = np.concatenate([measured, rest[more]])
            known, fitted = learnt(measured)
        said = fitted.predict(rows.x)[0]
        believed = np.log(np.where(known[:, None], rows.y, np.maximum(said, 1e-9)))
        promised = pool[moocore.is_nondominated(believed[pool], keep_weakly=True)]
        figures = {
            "measured": 1.0 - _volume(truth[measured], truth) / whole,
            "predicted": 1.0 - _volume(truth[promised], truth) / whole,
            "latency": scores.rmspe(rows.y[near, 0], said[near, 0]),
            "memory": scores.rmspe(rows.y[near, 1], said[near, 1]),
        }
        found.append({"samples": float(budget), **figures})
    return found


def near_front(y: Array) -> BoolArray:
    """Which rows of positive objectives y, (n, m), no other row betters by more than NEAR in all of them."""
    better = (y[None] < (1.0 - NEAR) * y[:, None]).all(axis=2)
    return np.asarray(~better.any(axis=1))


def _volume(log: Array, every: Array) -> float:
    """Hypervolume of logarithmic objectives, (k, m), each scaled to the range of all, up to 1.1."""
    low, high = every.min(axis=0), every.max(axis=0)
    return hypervolume((log - low) / (high - low), np.full(log.shape[1], 1.1))


def compare(
    name: dict[str, str],
    rows: fitting.Rows,
    surrogate: Surrogate,
    budgets: list[int],
    seeds: int,
    folder: Path,
) -> str:
    """Replay all rules with so many seeds, write active.csv, and return its table.

    name: network, device and family.
    """
    import pandas as pd
    from tqdm import tqdm

    from dmo.files import replacing

    found: list[dict[str, Any]] = []
    runs = [(seed, rule) for seed in range(seeds) for rule in RULES]
    for seed, rule in tqdm(runs, unit="replay", disable=None):
        each = replay(rows, surrogate, RULES[rule], budgets, seed)
        found += [{**name, "rule": rule, "seed": seed, **row} for row in each]
    frame = pd.DataFrame(found)
    file = folder / "active" / f"{'_'.join(name.values())}.csv"
    with replacing(file) as partial:
        frame.to_csv(partial, index=False)
    return f"{table(frame)}\nwrote {file}"


def table(frame: Any) -> str:
    """Means over the seeds, %, random beside near_front, and in how many seeds the latter is better."""
    seeds = frame["seed"].nunique()
    lines = [f"{name}: {what}, %" for name, what in FIGURES.items()]
    lines.append(
        f"mean of {seeds} seeds: random, near_front (seeds in which it is better)\n{'samples':>7}"
        + "".join(f"{name:>22}" for name in FIGURES)
    )
    for samples, part in frame.groupby("samples"):
        line = f"{samples:>7.0f}"
        for figure in FIGURES:
            pair = 100.0 * part.pivot(index="seed", columns="rule", values=figure)
            wins = int((pair["near_front"] < pair["random"]).sum())
            line += f"{pair['random'].mean():>9.1f}{pair['near_front'].mean():>7.1f} ({wins:>2})"
        lines.append(line)
    return "\n".join(lines)
