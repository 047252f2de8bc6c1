"""Make figures by name: run what is missing, write the data as CSV, draw from the CSV alone.

python -m experiments.figure                       # the figures there are
python -m experiments.figure gallery
python -m experiments.figure all --smoke           # every figure from tiny runs: does it still work?
python -m experiments.figure gallery --check       # hold its data against experiments/expected/

A figure of your own is a module in experiments/figures/ with `rows(source, smoke)` and `draw(frame)`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from experiments.command import command, parser
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
    options.add_argument("--smoke", action="store_true", help="from tiny runs: shows that it works")
    options.add_argument("--check", action="store_true", help="compare the data with what is expected")
    options.add_argument("--runs", default="runs", help="folder of the records (default: runs)")
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
    source, differ = Source(given.runs, given.mixed), 0
    for name in known if given.name == "all" else [given.name]:
        frame = make(name, source, folder, given.smoke)
        if given.check:
            differ += check(name, frame, given.smoke)
    return 1 if differ else 0


def make(name: str, source: Source, folder: Path, smoke: bool) -> pd.DataFrame:
    """Write NAME.csv, its pictures as PNG and PDF, and NAME.json: where they come from."""
    import pandas as pd

    from dmo.files import replacing
    from dmo.provenance import provenance

    module = _module(name)
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
    manifest: dict[str, Any] = {
        "command": " ".join(["python -m experiments.figure", name, *(["--smoke"] if smoke else [])]),
        "files": written,
        "sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
        **provenance(),
    }
    with replacing(folder / f"{name}.json") as partial:
        partial.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{name}: {len(frame)} rows; wrote {folder}/ {', '.join(written)}")
    return frame


def check(name: str, frame: pd.DataFrame, smoke: bool) -> int:
    """Compare a figure's data with experiments/expected/NAME.csv; 1 where they differ or it is missing."""
    import pandas as pd

    file = HERE / "expected" / ("smoke" if smoke else "") / f"{name}.csv"
    if not file.is_file():
        print(
            f"{name}: nothing to compare with, {file} is missing; copy a CSV that you trust there",
            file=sys.stderr,
        )
        return 1
    tolerance = getattr(_module(name), "TOLERANCE", TOLERANCE)
    try:
        pd.testing.assert_frame_equal(frame, pd.read_csv(file), check_exact=False, rtol=tolerance, atol=1e-12)
    except AssertionError as difference:
        print(f"{name}: differs from {file} by more than {tolerance:g}: {difference}", file=sys.stderr)
        return 1
    print(f"{name}: as expected within {tolerance:g}")
    return 0


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"experiments.figures.{name}")


if __name__ == "__main__":
    command(main)()
