"""Where figures get their data: studies, run as far as they are missing, of one version of the code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dmo.errors import DmoError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Source:
    """A folder of records. mixed: whether records of several versions of the code may meet in a figure."""

    runs: str
    mixed: bool = False

    def frame(self, experiment: str, overrides: Sequence[str] = (), each: str = "run") -> pd.DataFrame:
        """The collected frame of a study (see experiments.collect) after running what is missing of it.

        Raises DmoError when a cell fails, or when the records are not of one version.
        """
        from experiments.collect import collect
        from experiments.grid import points
        from experiments.study import run_study

        found = points(experiment, overrides)
        if run_study(found, self.runs, os.cpu_count() or 1):
            raise DmoError(f"study {experiment}: a cell failed, see above; the figure needs all of them")
        frame = collect(found, self.runs, each)
        versions = sorted({str(v) for v in frame["git"]})
        if len(versions) > 1 and not self.mixed:
            raise DmoError(
                f"study {experiment}: its records in {self.runs} are of several versions of the code, "
                f"{', '.join(v[:16] for v in versions)}; choose another folder with --runs, or allow it "
                "with --mixed"
            )
        return frame
