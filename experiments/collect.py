"""Turn the records of a study into one tidy table: a row for each run, or for each environment of it.

python -m experiments.collect cec2018 problem=df1 --out df1.csv
python -m experiments.collect cec2018 --each environment --out study.parquet
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

    each "run": the axes, seed, git commit, how many seeds there should be, mean metrics under the
    field's names (migd, mhv, ...), seconds, key;
    each "environment": the axes, seed, git commit, environment, t and that environment's metrics.
    Both leave the first `skip` environments out, as the study's configuration says.
    Runs that are not on disk are left out; a damaged record raises RecordError.
    """
    import pandas as pd
    from tqdm import tqdm

    from dmo.identity import run_key
    from dmo.record import Store
    from experiments.grid import compose_point

    store = Store(Path(runs))
    rows: list[dict[str, Any]] = []
    for point in tqdm(points, "collect", unit="cell", leave=False, disable=None):
        task = compose_point(point)
        for seed in task.seeds:
            key = run_key(task.cell.config, seed)
            if key not in store:
                continue
            record = store.load(key)
            row = {**point.labels, "seed": seed, "git": record.info.get("git")}
            skip = task.config.skip
            if each == "run":
                seconds = {name: record.info[name] for name in ("search_seconds", "wall_seconds")}
                row |= {"of": len(task.seeds), **record.metrics.after(skip).means, **seconds}
                rows.append({**row, "key": key})
            else:
                for k, t in list(enumerate(record.times))[skip:]:
                    values = {name: v[k] for name, v in record.metrics.values.items()}
                    rows.append({**row, "env": k, "t": t, **values})
    return pd.DataFrame(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table that the arguments ask for."""
    options = parser("experiments.collect", __doc__)
    options.add_argument("--each", choices=("run", "environment"), default="run", help="what a row is")
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
