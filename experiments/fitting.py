"""Fit the surrogate of a profile table, scored on held-out model variants beside a baseline."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from dmo.errors import ArgumentError, DataError
from dmo.identity import describe
from dmo.types import Array, BoolArray, IntArray
from problems.deployment.problem import TARGETS, state_features, state_names
from problems.deployment.space import StrategySpace
from problems.deployment.table import Table
from surrogates import Conformal, Joint, Part, Predictor, Ridge, Surrogate, save, scores

OF_THE_MODEL = ("error",)  # targets that no graph or memory knob can change
SCORED = (*TARGETS, "latency_p95_ms")  # what families are compared on: no problem minimises the last


@dataclass(frozen=True, eq=False)
class Rows:
    """What a surrogate learns from: one row per measured strategy.

    x: (n, q) features; y: (n, k) targets; variant: (n,) number of the model, which is shape and
    precision; spread: (n,) half range of the latency over visits, as a share; names: of the
    features; of_model: which features depend on the model alone; targets: names of y's columns.
    """

    x: Array
    y: Array
    variant: IntArray
    spread: Array
    names: tuple[str, ...]
    of_model: tuple[int, ...]
    targets: tuple[str, ...] = TARGETS

    @classmethod
    def of(
        cls,
        table: Table,
        space: StrategySpace,
        source: str = "sample",
        targets: tuple[str, ...] = TARGETS,
    ) -> Rows:
        """The rows of one source, `sample` or `chosen`, or `all`. Raises DataError when there are not any."""
        table.check(space)
        if source not in ("sample", "chosen", "all"):
            raise ArgumentError(
                "rows", "sample, chosen or all", repr(source), "say which rows of the table to use"
            )
        mask = np.array([source in ("all", s) for s in table.source])
        if not mask.any():
            raise DataError(f"the table has no rows of source {source}; {table.remedy}")
        column = {"error": 1.0 - table["accuracy"]}
        y = np.stack([column[t] if t in column else table[t] for t in targets], axis=1)
        model = table.x[:, _model_knobs(space)]
        variant = np.unique(model, axis=0, return_inverse=True)[1].ravel()
        return cls(
            state_features(space, table, table.x.astype(float), table.contention)[mask],
            y[mask],
            variant[mask],
            table["latency_spread"][mask],
            state_names(space, table),
            _model_features(space),
            targets,
        )

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, mask: BoolArray) -> Rows:
        return replace(
            self, x=self.x[mask], y=self.y[mask], variant=self.variant[mask], spread=self.spread[mask]
        )


def split(variant: IntArray, share: float, rng: Generator) -> BoolArray:
    """Which rows to hold out, (n,): all those of about `share` of the variants.

    Strategies of one variant share its accuracy: on both sides, it would be given away.
    Raises ArgumentError when either side would be left without rows.
    """
    known = np.unique(variant)
    count = round(share * len(known))
    if not 0 < count < len(known):
        raise ArgumentError(
            "test_share",
            f"a share that leaves some of the {len(known)} model variants on both sides",
            repr(share),
            "0.2 is usual",
        )
    return np.isin(variant, rng.permutation(known)[:count])


def fit(surrogate: Surrogate, rows: Rows, rng: Generator) -> Joint:
    """Fit costs to all there is, and what the model alone decides to its features, each variant once."""
    ours = [k for k, name in enumerate(rows.targets) if name in OF_THE_MODEL]
    others = [k for k in range(len(rows.targets)) if k not in ours]
    once = np.unique(rows.variant, return_index=True)[1]
    every = np.arange(rows.x.shape[1])
    parts = []
    for targets, chosen, columns in ((others, slice(None), every), (ours, once, np.array(rows.of_model))):
        part = bound(_of(surrogate, [rows.targets[k] for k in targets]), [rows.names[c] for c in columns])
        if isinstance(part, Conformal):  # intervals for models never seen
            part = replace(part, together=tuple(np.flatnonzero(np.isin(columns, rows.of_model)).tolist()))
        fitted: Any = part.fit(rows.x[chosen][:, columns], rows.y[chosen][:, targets], rng)
        parts.append(Part(fitted, tuple(columns), tuple(targets)))
    return Joint(len(every), tuple(parts))


def _of(surrogate: Surrogate, targets: list[str]) -> Surrogate:
    """The surrogate for some of the targets: one that has a log flag per target gets theirs."""
    log = getattr(surrogate, "log", None)
    if isinstance(log, list | tuple) and len(log) == len(TARGETS):
        flags = dict(zip(TARGETS, log, strict=True))
        # What is no target of a problem is a positive cost, as latency is.
        return replace(surrogate, log=tuple(flags.get(t, True) for t in targets))  # type: ignore[type-var]
    return surrogate


def bound(surrogate: Surrogate, names: Sequence[str]) -> Surrogate:
    """The surrogate, or what is within it, told the names of its features where it asks for them."""
    inner = getattr(surrogate, "surrogate", None)
    if inner is not None:
        surrogate = replace(surrogate, surrogate=bound(inner, names))  # type: ignore[type-var]
    return surrogate.bound(names) if hasattr(surrogate, "bound") else surrogate


def evaluate(fitted: Joint, rows: Rows) -> list[dict[str, Any]]:
    """How good the predictions of these rows are: figures of each target."""
    mean, std = fitted.predict(rows.x)
    found = []
    for k, target in enumerate(rows.targets):
        true, said = rows.y[:, k], mean[:, k]
        ranks = {"spearman": scores.spearman(true, said), "kendall": scores.kendall(true, said)}
        found.append(
            {
                "target": target,
                "within_5": scores.within(true, said, 0.05),
                "within_10": scores.within(true, said, 0.10),
                "rmspe": scores.rmspe(true, said),
                "mae": scores.mae(true, said),
                **{name: None if np.isnan(rank) else rank for name, rank in ranks.items()},
                "coverage_90": scores.coverage(true, said, std[:, k], 0.9),
            }
        )
    return found


def fit_and_write(
    table: Table,
    space: StrategySpace,
    surrogate: Surrogate,
    out: Path,
    seed: int = 0,
    test_share: float = 0.2,
    source: str = "sample",
) -> str:
    """Score the surrogate and the linear baseline on held-out variants, fit it to all rows, write it.

    Returns the scores as text.
    """
    rows = Rows.of(table, space, source)
    held = split(rows.variant, test_share, np.random.default_rng(seed))
    compared = {type(surrogate).__name__: surrogate, "Ridge": Ridge()}
    figures = {
        name: evaluate(fit(s, rows[~held], np.random.default_rng(seed)), rows[held])
        for name, s in compared.items()
    }
    fitted = fit(surrogate, rows, np.random.default_rng(seed))
    meta = {
        "command": " ".join(["python -m experiments.fit", *sys.argv[1:]]),
        "table_sha256": table.digest(None if source == "all" else source),
        "rows": {"source": source, "fitted": len(rows), "held_out": int(held.sum())},
        "surrogate": describe(surrogate),
        "seed": seed,
        "test_share": test_share,
        "scores_on_held_out_variants": figures,
    }
    save(Predictor(fitted, rows.names, TARGETS, meta), out)
    return report(figures, rows, held)


def report(figures: dict[str, list[dict[str, Any]]], rows: Rows, held: BoolArray) -> str:
    """The scores of each target and surrogate as aligned text, and the noise they are to be read against."""
    variants = [len(np.unique(rows.variant[side])) for side in (held, ~held)]
    lines = [
        f"{held.sum()} held-out strategies of {variants[0]} model variants (shape and precision), "
        f"predicted from {(~held).sum()} of {variants[1]} others",
        f"{'target':<14} {'surrogate':<12} {'within 5 %':>10} {'within 10 %':>11} {'RMSPE %':>8} "
        f"{'MAE':>8} {'Spearman':>8} {'Kendall':>8} {'in 90 % interval':>16}",
    ]
    for k, target in enumerate(rows.targets):
        for name, found in figures.items():
            f = found[k]
            ranks = "".join(_number(f[r], 9, 3) for r in ("spearman", "kendall"))
            lines.append(
                f"{target:<14} {name:<12} {100 * f['within_5']:>10.1f} {100 * f['within_10']:>11.1f} "
                f"{100 * f['rmspe']:>8.1f} {f['mae']:>8.4f}{ranks} {100 * f['coverage_90']:>16.1f}"
            )
    spread = rows.spread[held]
    lines.append(
        f"for comparison, the measured latency itself: half range over visits, median "
        f"{100 * np.median(spread):.1f} %, at most 5 % for {100 * (spread <= 0.05).mean():.1f} % "
        f"and 10 % for {100 * (spread <= 0.10).mean():.1f} % of these strategies"
    )
    return "\n".join(lines)


def _number(value: float | None, width: int, digits: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:>{width}.{digits}f}"


def _model_knobs(space: StrategySpace) -> BoolArray:
    return np.array([knob.layer == "model" for knob in space.knobs])


def _model_features(space: StrategySpace) -> tuple[int, ...]:
    """The features that turning graph and memory knobs leaves as they are."""
    rng, box = np.random.default_rng(0), space.space(1)
    x, turned = box.sample(1000, rng), box.sample(1000, rng)
    turned[:, _model_knobs(space)] = x[:, _model_knobs(space)]
    same = (space.features(x) == space.features(turned)).all(axis=0)
    return tuple(np.flatnonzero(same).tolist())
