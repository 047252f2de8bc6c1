"""Compare the searchers of a study: Markdown and LaTeX tables of what is on disk, with tests.

python -m experiments.table cec2018 --control dnsga2_a
python -m experiments.table cec2018 problem=df1,df2 --metric mhv
python -m experiments.table constrained --metric migd,mhv,feasible,answered --check

Each cell is the mean (standard deviation) over the seeds, the best mean of a row in bold; + - = tell
whether it is better than, worse than or like the control (rank-sum, Holm-adjusted over the row, 0.05).
Below: Friedman mean ranks over all rows, and their difference from the control (Holm); then effect sizes,
A12, the chance to be better than the control (N, S, M, L: none, small, medium, large). Beside the tables
are written all numbers (_tests.csv), the performance profiles (_profile.csv) and, of three searchers or
more, both pictures: profiles and critical differences. --check holds the means against those that ship in
experiments/expected/tables/: 1 where one differs by more than chance.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.command import command, list_experiments, parser

if TYPE_CHECKING:
    import pandas as pd

    from experiments.tables import Comparison

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and write the tables that the arguments ask for."""
    options = parser("experiments.table", __doc__)
    options.add_argument("--metric", default="migd", help="column to compare, or several: migd,mhv,feasible")
    options.add_argument("--control", help="searcher that the others are tested against")
    options.add_argument("--out", type=Path, help="folder (default: RUNS/tables/EXPERIMENT)")
    options.add_argument("--check", action="store_true", help="compare the means with what is expected")
    given = options.parse_args(arguments)
    if given.experiment is None:
        return list_experiments(given.config_dir)
    from dmo.errors import DataError
    from dmo.files import replacing
    from experiments.collect import collect
    from experiments.grid import points
    from experiments.summary import summary
    from experiments.tables import compare

    found = points(given.experiment, given.overrides, given.config_dir)
    frame = collect(found, given.runs)
    study = f"python -m experiments.study {' '.join([given.experiment, *given.overrides])}"
    if frame.empty:
        raise DataError(f"no run of {given.experiment} in {given.runs}; run it with: {study}")
    missing = _missing(frame, len(found))
    if missing:
        print(f"incomplete: {missing}; complete it with: {study}", file=sys.stderr)
    axes = list(found[0].labels)
    folder = given.out or Path(given.runs) / "tables" / given.experiment
    notes = f"Made by: python -m experiments.table {' '.join(sys.argv[1:])}"
    for metric in given.metric.split(","):
        table = compare(frame, axes, metric, given.control)
        print(_write(table, published(frame, metric), folder, notes) + "\n")
    short = summary(frame, axes, given.metric.split(","))
    for name, content in (("runs", frame), ("summary", short)):
        with replacing(folder / f"{name}.csv") as partial:
            content.to_csv(partial, index=False)
    print(f"wrote {folder}/ ({given.metric}: .md, .tex, .csv, pictures; runs.csv, summary.csv)")
    return _check(given.experiment, short) if given.check else 0


def _write(table: Comparison, beside: str, folder: Path, notes: str) -> str:
    """Write a comparison in all its forms; returns the Markdown."""
    from dmo.files import replacing
    from experiments import tables
    from experiments.figures import critical_difference, performance_profiles
    from experiments.figures.style import write

    text = "\n\n".join(filter(None, [tables.markdown(table), tables.markdown_effects(table), beside]))
    tex = "\n\n".join(filter(None, [tables.latex(table), tables.latex_effects(table)]))
    steps = tables.profile(table)
    for suffix, content in (
        (".md", f"{text}\n\n{notes}\n"),
        (".tex", f"% {notes}\n{tex}\n"),
        ("_tests.csv", tables.numbers(table).to_csv(index=False)),
        ("_profile.csv", steps.to_csv(index=False)),
    ):
        with replacing(folder / f"{table.metric}{suffix}") as partial:
            partial.write_text(content, encoding="utf-8")
    pictures = {}
    if table.friedman is not None:
        pictures["ranks"] = critical_difference.diagram(table.searchers, table.friedman)
        if len(steps):
            pictures["profile"] = performance_profiles.profiles(steps, table.metric.upper())
    for name, picture in pictures.items():
        for suffix in (".png", ".pdf"):
            write(picture, folder / f"{table.metric}_{name}{suffix}")
    return text


def _check(experiment: str, short: pd.DataFrame) -> int:
    """Compare with what is expected, in words; 1 where a cell differs or nothing is known."""
    from experiments.frames import read
    from experiments.summary import EXPECTED, differences

    file = EXPECTED / f"{experiment}.csv"
    if not file.is_file():
        print(f"{experiment}: {file} is missing; copy a summary.csv that you trust there", file=sys.stderr)
        return 1
    columns = ["metric", "mean", "std", "n"]
    known = read(file, columns, "copy a summary.csv that you trust there", numbers=columns[1:], only=False)
    apart = differences(short, known)
    print("\n".join(apart) or f"{experiment}: as expected")
    return 1 if apart else 0


def _missing(frame: pd.DataFrame, cells: int) -> str:
    """What the study lacks, in words; empty where it is whole."""
    whole = cells * int(frame["of"].iloc[0])
    return "" if len(frame) == whole else f"{whole - len(frame)} of {whole} runs are not on disk"


def published(frame: pd.DataFrame, metric: str) -> str:
    """A second table: our means beside published ones, for what experiments/published knows; or nothing.

    A published figure belongs to a problem, a schedule and a searcher, whichever study runs them.
    """
    import pandas as pd

    from experiments.frames import read
    from experiments.tables import natural

    cell = ["problem", "schedule", "searcher"]
    if not set(cell) <= set(frame.columns):
        return ""
    columns, remedy = [*cell, "metric", "mean", "source"], "get the file from the distribution again"
    files = sorted((HERE / "published").glob("*.csv"))
    known = pd.concat([read(file, columns, remedy, numbers=["mean"]) for file in files])
    ours = frame.groupby(cell, sort=False)[metric].agg(["mean", "count"]).reset_index()
    both = ours.merge(known[known["metric"] == metric], on=cell, suffixes=("", "_published"))
    if both.empty:
        return ""
    lines = [
        f"| {row.problem} | {row.searcher} | {row.mean:.4g} | {row.count} | {row.mean_published:.4g} | "
        f"{row.mean / row.mean_published:.2f} | {row.source} |"
        for row in sorted(both.itertuples(index=False), key=lambda row: natural(row.problem))
    ]
    head = "| problem | searcher | ours | runs | published | ratio | source |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *lines])


if __name__ == "__main__":
    command(main)()
