"""Comparison tables: mean (std) of a metric, tested against a control, with ranks over all problems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dmo.errors import ArgumentError, DataError
from dmo.statistics import Friedman, a12, friedman, holm, performance_profile, performance_ratios, rank_sum
from dmo.types import Array

LARGER_IS_BETTER = ("mhv", "feasible", "answered")
ALPHA = 0.05
EFFECTS = (0.06, 0.14, 0.21)  # of A12 from 0.5: from here on small, medium, large


@dataclass(frozen=True, eq=False)
class Comparison:
    """A metric of k searchers on n rows (problems, and what else a study sweeps).

    metric: its name; rows: n names; searchers: k names; mean, std: (n, k), NaN where nothing was run;
    runs: (n, k) counts; p, effect: (n, k) of the difference from the control (Holm-adjusted over the
    row; chance of doing better than it), NaN without one; control: its column, None without one;
    friedman: of the rows that are complete, None where they are too few.
    """

    metric: str
    rows: tuple[str, ...]
    searchers: tuple[str, ...]
    mean: Array
    std: Array
    runs: Array
    p: Array
    effect: Array
    control: int | None
    friedman: Friedman | None

    @property
    def signs(self) -> list[list[str]]:
        """(n, k): + where a searcher is better than the control at level 0.05, - worse, = neither."""
        better = self.effect > 0.5
        signs = np.where(self.p >= ALPHA, "=", np.where(better, "+", "-"))
        return [[str(s) if np.isfinite(p) else "" for s, p in zip(*row, strict=True)]
                for row in zip(signs, self.p, strict=True)]  # fmt: skip

    @property
    def best(self) -> Array:
        """(n,) column of the best mean of each row."""
        worst = -np.inf if self.metric in LARGER_IS_BETTER else np.inf
        filled = np.where(np.isnan(self.mean), worst, self.mean)
        return np.asarray(filled.argmax(1) if self.metric in LARGER_IS_BETTER else filled.argmin(1))


def compare(
    frame: pd.DataFrame, axes: Sequence[str], metric: str, control: str | None = None, by: str = "searcher"
) -> Comparison:
    """Compare the searchers of a collected frame (see experiments.collect).

    axes: the columns of the frame that tell cells apart, `by` among them; control: the searcher that
    the others are tested against (rank-sum over the seeds). Raises ArgumentError when a name is unknown.
    """
    if metric not in frame or not pd.api.types.is_numeric_dtype(frame[metric]):
        numeric = [c for c in frame.select_dtypes("number").columns if c not in ("seed", "of")]
        raise ArgumentError(
            "metric", "one of " + ", ".join(numeric), repr(metric), "name one that was measured"
        )
    searchers = tuple(dict.fromkeys(frame[by]))
    if control is not None and control not in searchers:
        raise ArgumentError(
            "control", "one of " + ", ".join(searchers), repr(control), "name one that was run"
        )
    others = [axis for axis in axes if axis != by and frame[axis].nunique() > 1] or ["problem"]
    frame = frame.assign(_row=frame[others].astype(str).agg(" ".join, axis=1))
    rows = tuple(sorted(dict.fromkeys(frame["_row"]), key=natural))
    groups = {key: g[metric].to_numpy(float) for key, g in frame.groupby(["_row", by], sort=False)}
    samples = [[groups.get((row, one), np.empty(0)) for one in searchers] for row in rows]
    shape = len(rows), len(searchers)
    mean, std, p, effect = (np.full(shape, np.nan) for _ in range(4))
    for i, row in enumerate(samples):
        for j, sample in enumerate(row):
            if len(sample):
                with np.errstate(invalid="ignore"):  # the spread of infinities is no number
                    mean[i, j], std[i, j] = sample.mean(), sample.std(ddof=1) if len(sample) > 1 else 0.0
        if control is not None and len(row[searchers.index(control)]):
            reference = row[searchers.index(control)]
            tested = [j for j, s in enumerate(row) if len(s) and searchers[j] != control]
            p[i, tested] = holm(np.array([rank_sum(row[j], reference) for j in tested]))
            sign = -1.0 if metric in LARGER_IS_BETTER else 1.0
            effect[i, tested] = [a12(sign * row[j], sign * reference) for j in tested]
    complete = ~np.isnan(mean).any(axis=1)
    ranked = complete.sum() >= 2 and len(searchers) >= 3
    scores = -mean if metric in LARGER_IS_BETTER else mean
    return Comparison(
        metric, rows, searchers, mean, std, np.array([[len(s) for s in row] for row in samples]), p, effect,
        None if control is None else searchers.index(control), friedman(scores[complete]) if ranked else None,
    )  # fmt: skip


def natural(name: str) -> list[tuple[int, str | int]]:
    """A key that sorts df2 before df10."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


def numbers(c: Comparison) -> pd.DataFrame:
    """All numbers of a comparison, a row for each cell: row, searcher, runs, mean, std, p, a12, sign."""
    signs = c.signs
    return pd.DataFrame(
        [
            [row, one, c.runs[i, j], c.mean[i, j], c.std[i, j], c.p[i, j], c.effect[i, j], signs[i][j]]
            for i, row in enumerate(c.rows)
            for j, one in enumerate(c.searchers)
        ],
        columns=["row", "searcher", "runs", "mean", "std", "p", "a12", "sign"],
    )


def profile(c: Comparison) -> pd.DataFrame:
    """Performance profiles of the means, a row for each step: searcher, ratio, share; no rows where one is 0.

    share: of the problems that the searcher solves to within `ratio` times the best mean. A row that
    nobody has a finite mean of is nobody's. Of measures where larger is better, the inverse counts.
    """
    larger = c.metric in LARGER_IS_BETTER
    with np.errstate(divide="ignore"):
        values = 1.0 / np.maximum(c.mean, 0.0) if larger else c.mean
    if (values <= 0.0).any():
        return pd.DataFrame(columns=["searcher", "ratio", "share"])
    parts = []
    for one, ratios in zip(c.searchers, performance_ratios(values).T, strict=True):
        ratio, share = performance_profile(ratios)
        parts.append(pd.DataFrame({"searcher": one, "ratio": ratio, "share": share}))
    return pd.concat(parts, ignore_index=True)


def markdown(c: Comparison) -> str:
    """The comparison as a Markdown table: best mean of each row in bold, ranks and counts below."""
    return _markdown(_cells(c, "**{}**", "---"))


def latex(c: Comparison) -> str:
    """The comparison as a LaTeX tabular (booktabs)."""
    return _latex(_cells(c, r"\textbf{{{}}}", ""), len(c.rows))


def markdown_effects(c: Comparison) -> str:
    """Effect sizes against the control as a Markdown table; empty without a control."""
    return "" if c.control is None else _markdown(_effects(c, "---"))


def latex_effects(c: Comparison) -> str:
    """Effect sizes against the control as a LaTeX tabular (booktabs); empty without a control."""
    return "" if c.control is None else _latex(_effects(c, ""), len(c.rows))


def _markdown(cells: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _latex(cells: Sequence[Sequence[str]], rows: int) -> str:
    """Header, a rule, `rows` lines, and below another rule what sums them up."""
    header, _, *body = ([_escaped(cell) for cell in row] for row in cells)
    lines = [rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}", r"\toprule"]
    lines += [" & ".join(header) + r" \\", r"\midrule", *(" & ".join(row) + r" \\" for row in body[:rows])]
    if body[rows:]:
        lines += [r"\midrule", *(" & ".join(row) + r" \\" for row in body[rows:])]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def _escaped(cell: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", cell).replace("~", r"\textasciitilde{}").replace("^", r"\^{}")


def _effects(c: Comparison, rule: str) -> list[list[str]]:
    """A12 of each cell as text, the chance to be better than the control, and its size in words' initials.

    Source: Vargha & Delaney (2000): small from 0.56, medium from 0.64, large from 0.71, and their mirrors.
    """
    others = [j for j in range(len(c.searchers)) if j != c.control]
    table = [[f"A12 of {c.metric.upper()}", *(c.searchers[j] for j in others)], [rule] * (len(others) + 1)]
    for row, effect in zip(c.rows, c.effect[:, others], strict=True):
        sizes = np.digitize(np.abs(effect - 0.5), EFFECTS)
        table.append(
            [row]
            + [
                f"{e:.2f} {'NSML'[size]}" if np.isfinite(e) else "-"
                for e, size in zip(effect, sizes, strict=True)
            ]
        )
    return table


def _cells(c: Comparison, bold: str, rule: str) -> list[list[str]]:
    """All cells of the table as text: header, rule, a line for each row, then the summary lines."""
    if not c.rows:
        raise DataError("nothing to compare: no finished run")
    table = [[c.metric.upper(), *c.searchers], [rule] * (len(c.searchers) + 1)]
    signs = c.signs
    for i, row in enumerate(c.rows):
        line = [row]
        for j in range(len(c.searchers)):
            if not c.runs[i, j]:
                line.append("-")
                continue
            mean = f"{c.mean[i, j]:.4g}"
            text = f"{bold.format(mean) if c.best[i] == j else mean} ({c.std[i, j]:.2g})"
            line.append(f"{text} {signs[i][j]}".rstrip())
        table.append(line)
    if c.control is not None:
        counts = [[row[j] for row in signs] for j in range(len(c.searchers))]
        table.append(
            ["+/-/=", *("/".join(str(k.count(s)) for s in "+-=") if any(k) else "control" for k in counts)]
        )
    if c.friedman is not None:
        table.append(["mean rank", *(f"{r:.2f}" for r in c.friedman.ranks)])
        if c.control is not None:
            table.append(["Holm p", *(f"{p:.2g}" for p in c.friedman.against(c.control))])
    return table
