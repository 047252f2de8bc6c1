"""From visits to a table: one row per strategy, with the spread of its visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dmo.errors import DataError
from dmo.types import Array
from problems.deployment.prepare import Prepared
from problems.deployment.table import COLUMNS, CONTENTION, Table
from problems.deployment.visits import Visits

Visit = dict[str, Any]


def tabulate(
    ready: Sequence[Prepared],
    sources: Mapping[str, tuple[Array, str]],
    visits: Sequence[Visit],
    meta: Mapping[str, Any],
    known: Table | None = None,
) -> Table | None:
    """The table of all strategies that were visited, a row for each level of contention at which they
    were, and of `known`'s other rows; None without any.

    Latencies are those of the visit with the lowest median: what disturbs a process, such as
    neighbours on the same silicon that no counter shows, only ever adds to it, by a half and more.
    Memory is the median over the visits that other processes did not disturb, where there are any.
    Raises DataError when every visit failed.
    The table keeps these single visits.
    meta additionally counts visits that failed, and those of fp32 that classified otherwise than torch.
    """
    names = (*COLUMNS, CONTENTION)
    visited: dict[tuple[int, str], list[Visit]] = defaultdict(list)
    failed: dict[str, str] = {}
    for visit in visits:
        if "failed" in visit:
            failed[visit["strategy"]] = visit["failed"]
        else:
            visited[visit.get("contention", 0), visit["strategy"]].append(visit)
    levels = sorted({level for level, _ in visited})
    measured = [(p, level) for level in levels for p in ready if visited[level, p.strategy.key]]
    disagree = sum(
        tuple(visit["classes"]) != p.classes
        for p, level in measured
        if p.strategy.precision == "fp32"
        for visit in visited[level, p.strategy.key]
    )
    x = [sources[p.strategy.key][0] for p, _ in measured]
    source = [sources[p.strategy.key][1] for p, _ in measured]
    values, single = [], []
    for p, level in measured:
        found = visited[level, p.strategy.key]
        quiet = [v for v in found if v["quiet"]] or found
        single.append(quiet)
        row = {**_summary(quiet, p.accuracy), "visits": float(len(found)), CONTENTION: float(level)}
        values.append([row[name] for name in names])
    if known is not None:
        have = {(*row, int(v[-1])) for row, v in zip(np.array(x, dtype=int).tolist(), values, strict=True)}
        at = known.contention.tolist()
        kept = [i for i, row in enumerate(known.x.tolist()) if (*row, at[i]) not in have]
        x += [known.x[i] for i in kept]
        source += [known.source[i] for i in kept]
        earlier = known.visits.by_row(len(known))
        single += [earlier[i] for i in kept]
        values += [[*(float(known[name][i]) for name in COLUMNS), float(at[i])] for i in kept]
    if not x and failed:
        raise DataError(f"all {len(failed)} strategies failed, for example: {next(iter(failed.values()))}")
    if not x:
        return None
    columns = dict(zip(names, np.array(values, dtype=float).T.copy(), strict=True))
    if not columns[CONTENTION].any():
        del columns[CONTENTION]
    failed = {key: reason for key, reason in failed.items() if not any(visited[n, key] for n in levels)}
    meta = {**meta, "failed": failed, "disagree": disagree}
    return Table(np.array(x).astype(np.int64), columns, tuple(source), meta, visits=Visits.of(single))


def _summary(quiet: Sequence[Visit], accuracy: float) -> dict[str, float]:
    """One value per column of the table, from the visits that count."""

    def median(name: str) -> float:
        return float(np.median([v[name] for v in quiet]))

    best = min(quiet, key=lambda v: float(v["latency_ms"]))
    slowest = max(float(v["latency_ms"]) for v in quiet)
    return {
        "latency_ms": best["latency_ms"],
        "latency_spread": (slowest - best["latency_ms"]) / 2.0 / best["latency_ms"],
        "latency_p10_ms": best["p10_ms"],
        "latency_p95_ms": best["p95_ms"],
        "latency_mean_ms": best["mean_ms"],
        **{
            k: median(k)
            for k in ("load_ms", "first_run_ms", "load_peak_mib", "rest_mib", "run_peak_mib", "base_mib")
        },
        "memory_mib": max(median("load_peak_mib"), median("run_peak_mib")),
        "accuracy": accuracy,
        "steal": float(np.mean([v["steal"] for v in quiet])),
        "busy": float(np.mean([v["busy"] for v in quiet])),
    }
