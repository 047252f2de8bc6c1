"""Read a CSV from elsewhere: what the columns should be is said, and checked, before anything is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from dmo.errors import DataError
from dmo.files import UNREADABLE


def read(
    file: Path, columns: Sequence[str], remedy: str, *, numbers: Sequence[str] = (), only: bool = True
) -> pd.DataFrame:
    """The frame of a CSV with these columns (only: and no others), those of `numbers` numeric.

    Lines that begin with # are comments. Raises DataError, with the remedy, where the file is no such CSV.
    """
    try:
        frame = pd.read_csv(file, comment="#")
    except (EmptyDataError, ParserError, *UNREADABLE) as error:
        raise DataError(f"{file} cannot be read as CSV ({' '.join(str(error).split())}); {remedy}") from error
    missing = [c for c in columns if c not in frame.columns]
    strange = [str(c) for c in frame.columns if c not in columns] if only else []
    if missing or strange:
        raise DataError(
            f"{file}: expected the columns {', '.join(columns)}"
            + (f", without {', '.join(missing)}" if missing else "")
            + (f", got also {', '.join(strange)}" if strange else "")
            + f"; {remedy}"
        )
    worded = [c for c in numbers if not pd.api.types.is_numeric_dtype(frame[c])]
    if worded:
        raise DataError(f"{file}: expected numbers in {', '.join(worded)}; {remedy}")
    return frame
