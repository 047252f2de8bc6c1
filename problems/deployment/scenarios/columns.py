"""Named columns of numbers from a CSV file that comes from outside."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dmo.errors import DataError
from dmo.types import Array

MOST = 100_000  # rows


def read_columns(file: Path, needed: Sequence[str], optional: Mapping[str, float]) -> dict[str, Array]:
    """(rows,) finite numbers of each column by name; `optional` ones take their default where missing.

    Raises DataError, naming file, row and column, for anything but such a file with at least one row.
    """
    names = (*needed, *optional)
    try:
        with Path(file).open(newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened, strict=True)
            header = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            missing = [name for name in needed if name not in header]
            if missing:
                raise DataError(
                    f"{file}: no column {', '.join(missing)} in its header; it needs {', '.join(needed)}"
                )
            values: dict[str, list[float]] = {name: [] for name in names}
            for k, row in enumerate(reader, start=1):
                if k > MOST:
                    raise DataError(f"{file}: more than {MOST} rows; thin it out")
                for name in names:
                    text = row[name] if name in header else optional[name]
                    try:
                        value = float(text)  # type: ignore[arg-type]
                    except (TypeError, ValueError):
                        value = np.nan
                    if not np.isfinite(value):
                        raise DataError(f"{file}: {name} in row {k} is no finite number: {text!r}")
                    values[name].append(value)
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(f"{file} cannot be read as a CSV file ({error}); name another") from error
    if not values[needed[0]]:
        raise DataError(f"{file}: no row under its header; give one for each environment")
    return {name: np.array(column) for name, column in values.items()}
