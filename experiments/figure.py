"""Make figures by name: run what is missing, write the data as CSV, draw from the CSV alone.

python -m experiments.figure                       # the figures there are
python -m experiments.figure gallery
python -m experiments.figure all --smoke           # every figure from tiny runs: does it still work?
python -m experiments.figure all --smoke --check   # hold their data against experiments/expected/
python -m experiments.figure box_plots problem=df1,df2 searcher=dnsga2_a,pps seeds=5

Words key=value change the study that the figure is of, as they do for experiments.study. A figure is
NAME.csv, the same as PNG and PDF, and NAME.json, which tells the command that makes it again.
A figure of your own is a module in experiments/figures/ with `rows(source, smoke)` and `draw(frame)`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pkgutil
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from experiments.command import command, overrides, parser
from experiments.source import Source

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).resolve().parent
TOLERANCE = 0.02  # relative, where a figure states no TOLERANCE of its own


def names() -> list[str]:
    """The figures there are, by the name of their module."""
    found = pkgutil.iter_modules([str(HERE / "figures")])
    return sorted(m.name for m in found if m.name != "style" and not m.name.startswith("_"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, or check, the figures that the arguments name."""
    options = parser("experiments.figure", __doc__, experiment=False)
    options.add_argument("name", nargs="?", help="a figure, or all; none lists them")
    overrides(options, "change the figure's study: problem=df1,df2 searcher=dnsga2_a,pps seeds=5")
    options.add_argument("--smoke", action="store_true", help="from tiny runs: shows that it works")
    options.add_argument("--check", action="store_true", help="compare the data with what is expected")
    options.add_argument("--accept", action="store_true", help="expect the data as they are from now on")
    options.add_argument("--runs", default="runs", help="folder of the records (default: runs)")
    options.add_argument("--jobs", type=int, help="processes that run what is missing (default: cores)")
    options.add_argument("--mixed", action="store_true", help="allow records of several code versions")
    options.add_argument("--out", type=Path, help="folder of the figures (default: RUNS/figures)")
    given = options.parse_args(arguments)
    known = names()
    if given.name is None:
        for name in known:
            print(f"{name:<24}{(_module(name).__doc__ or '').splitlines()[0]}")
        return 0
    if given.name != "all" and given.name not in known:
        options.error(f"name: expected all or one of {', '.join(known)}, got {given.name!r}")
    folder = (given.out or Path(given.runs) / "figures") / ("smoke" if given.smoke else "")
    if given.jobs is not None and given.jobs < 1:
        options.error(f"--jobs: expected a whole number >= 1, got {given.jobs}")
    if given.overrides and given.name == "all":
        options.error("key=value: figures are of different studies, name one of them instead of all")
    # Tiny runs take less time than other processes to start.
    jobs = given.jobs or (1 if given.smoke else os.cpu_count() or 1)
    source, differ = Source(given.runs, given.mixed, tuple(given.overrides), jobs), 0
    for name in known if given.name == "all" else [given.name]:
        frame = make(name, source, folder, given.smoke)
        if given.accept:
            accept(name, frame, given.smoke)
        if given.check:
            differ += check(name, frame, given.smoke)
    return 1 if differ else 0


def make(name: str, source: Source, folder: Path, smoke: bool) -> pd.DataFrame:
    """Write NAME.csv, its pictures as PNG and PDF, and NAME.json: where they come from."""
    import pandas as pd

    from dmo.files import replacing
    from dmo.provenance import provenance

    module = _module(name)
    source.versions.clear()
    data = folder / f"{name}.csv"
    with replacing(data) as partial:
        module.rows(source, smoke).to_csv(partial, index=False)
    frame = pd.read_csv(data)
    written = [data.name]
    from experiments.figures.style import write

    for part, figure in module.draw(frame).items():
        for suffix in (".png", ".pdf"):
            file = folder / f"{name}{'_' if part else ''}{part}{suffix}"
            written.append(write(figure, file).name)
    options = [*(["--smoke"] if smoke else []), *(["--mixed"] if source.mixed else [])]
    words = [name, *source.overrides, *options, *([] if source.runs == "runs" else ["--runs", source.runs])]
    manifest: dict[str, Any] = {
        "command": f"python -m experiments.figure {shlex.join(words)}",
        "records": sorted(source.versions),
        "files": written,
        "sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
        **provenance(),
    }
    with replacing(folder / f"{name}.json") as partial:
        partial.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{name}: {len(frame)} rows; wrote {folder}/ {', '.join(written)}")
    return frame


def check(name: str, frame: pd.DataFrame, smoke: bool) -> int:
    """Compare a figure's data with experiments/expected/NAME.csv; 1 where they differ or it is missing.

    Columns that a module calls MEASURED, seconds of this machine, are not compared. Raises DataError
    where the expected file is damaged.
    """
    import pandas as pd

    from experiments.frames import read

    file, again = expected(name, smoke), f"python -m experiments.figure {name}{' --smoke' * smoke} --accept"
    if not file.is_file():
        print(f"{name}: nothing to compare with, {file} is missing; trust these: {again}", file=sys.stderr)
        return 1
    module = _module(name)
    tolerance = getattr(module, "TOLERANCE", TOLERANCE)
    frame = frame.drop(columns=[*getattr(module, "MEASURED", ())])
    known = read(file, list(frame.columns), f"make it again with: {again}")
    try:
        pd.testing.assert_frame_equal(frame, known, check_exact=False, rtol=tolerance, atol=1e-6)
    except AssertionError as difference:
        print(f"{name}: differs from {file} by more than {tolerance:g}: {difference}", file=sys.stderr)
        return 1
    print(f"{name}: as expected within {tolerance:g}")
    return 0


def accept(name: str, frame: pd.DataFrame, smoke: bool) -> None:
    """Write a figure's data, without what is measured, as what is expected of it."""
    from dmo.files import replacing

    with replacing(expected(name, smoke)) as partial:
        frame.drop(columns=[*getattr(_module(name), "MEASURED", ())]).to_csv(partial, index=False)


def expected(name: str, smoke: bool) -> Path:
    """Where the expected data of a figure lie."""
    return HERE / "expected" / ("smoke" if smoke else "") / f"{name}.csv"


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"experiments.figures.{name}")


if __name__ == "__main__":
    command(main)()
