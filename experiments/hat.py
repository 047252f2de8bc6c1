"""Published latencies of real boards: the CSV files of Hardware-Aware Transformers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dmo.errors import DataError
from dmo.types import Array

REMEDY = "download latency_dataset/*.csv of mit-han-lab/hardware-aware-transformers"
PARTS = ("encoder", "decoder")


@dataclass(frozen=True, eq=False)
class Latencies:
    """x: (n, 10) design vectors; latency, std: (n,) ms, encoder and decoder together; names: of x.

    Source: Wang et al., HAT (2020). The two parts' deviations are added as independent ones.
    """

    x: Array
    latency: Array
    std: Array
    names: tuple[str, ...]

    @classmethod
    def load(cls, file: Path) -> Latencies:
        """The rows of a file whose last columns are latency_mean_* and latency_std_* of each part.

        Raises DataError when it is missing or something else.
        """
        file = Path(file)
        if not file.is_file():
            raise DataError(f"no latencies at {file}; {REMEDY}")
        try:
            with file.open(encoding="utf-8", newline="") as opened:
                head, *rows = csv.reader(opened)
            values = np.array(rows, dtype=float)
            means, stds = (
                [head.index(f"latency_{kind}_{part}") for part in PARTS if f"latency_{kind}_{part}" in head]
                for kind in ("mean", "std")
            )
            design = [k for k, name in enumerate(head) if not name.startswith("latency_")]
            if not (means and len(means) == len(stds) and design and values.ndim == 2 and len(values) > 1):
                raise ValueError("design columns, latency_mean_* and latency_std_* were expected")
            latency = values[:, means].sum(axis=1)
            if not (np.isfinite(values).all() and (latency > 0.0).all()):
                raise ValueError("a latency that is not finite and positive")
        except (ValueError, UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{file} cannot be read as HAT latencies ({error}); {REMEDY}") from error
        std = np.sqrt((values[:, stds] ** 2).sum(axis=1))
        return cls(values[:, design], latency, std, tuple(head[k] for k in design))
