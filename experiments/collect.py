"""Turn the records of a study into one tidy table: a row for each run, environment, answer or step of it.

python -m experiments.collect cec2018 problem=df1 --out df1.csv
python -m experiments.collect cec2018 --each environment --out study.parquet
python -m experiments.collect cec2018 problem=df1 seeds=1 --each answer --out points.csv

An answer is a point proposed at the end of an environment (the true front's points stand beside); a step
is what was reached so far, at 20 moments of each environment, of runs made with record.evals=true.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.command import command, list_experiments, parser

if TYPE_CHECKING:
    import pandas as pd

    from experiments.grid import Point


def collect(points: Sequence[Point], runs: str | Path, each: str = "run") -> pd.DataFrame:
    """The finished runs of all points, in the points' order.

    each: what a row is, a name of experiments.rows.EACH; before its columns stand the axes, the seed
    and the git commit. All leave the first `skip` environments out, as the study's configuration says.
    Runs that are not on disk are left out; a damaged record raises RecordError.
    """
    import pandas as pd
    from tqdm import tqdm

    from dmo.identity import run_key
    from dmo.record import Store
    from experiments.grid import compose_point
    from experiments.rows import EACH

    store = Store(Path(runs))
    if next(store.folder.glob("*/run.json"), None) is None:
        return pd.DataFrame()
    rows: list[dict[str, Any]] = []
    for point in tqdm(points, "collect", unit="cell", leave=False, disable=None):
        task = compose_point(point)
        for seed in task.seeds:
            key = run_key(task.cell.config, seed)
            if key in store:
                record = store.load(key)
                of = {**point.labels, "seed": seed, "git": record.info.get("git")}
                rows += [{**of, **row} for row in EACH[each](record, task)]
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table that the arguments ask for."""
    options = parser("experiments.collect", __doc__)
    options.add_argument(
        "--each", choices=("run", "environment", "answer", "step"), default="run", help="what a row is"
    )
    options.add_argument("--out", type=Path, help="file to write, .csv or .parquet (default: print as CSV)")
    given = options.parse_args(arguments)
    if given.experiment is None:
        return list_experiments(given.config_dir)
    if given.out and given.out.suffix not in (".csv", ".parquet"):
        options.error(f"--out: expected a name that ends in .csv or .parquet, got {given.out}")
    from dmo.errors import DataError
    from dmo.files import replacing
    from experiments.grid import points

    frame = collect(points(given.experiment, given.overrides, given.config_dir), given.runs, given.each)
    if frame.empty:
        raise DataError(
            f"no run of {given.experiment} in {given.runs}; "
            f"run it with: python -m experiments.study {given.experiment}"
        )
    if given.out is None:
        print(frame.to_csv(index=False), end="")
        return 0
    with replacing(given.out) as partial:
        if given.out.suffix == ".csv":
            frame.to_csv(partial, index=False)
        else:
            frame.to_parquet(partial)
    print(f"wrote {given.out}: {len(frame)} rows, {len(frame.columns)} columns")
    return 0


if __name__ == "__main__":
    command(main)()
