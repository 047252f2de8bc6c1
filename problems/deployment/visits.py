"""Visits: what each fresh process was measured at before several became one row of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dmo.types import Array, IntArray

FIGURES = ("latency_ms", "p95_ms")


@dataclass(frozen=True, eq=False)
class Visits:
    """The single visits behind a table's rows, (v,) each: how far measurements of one strategy agree.

    row: of the table, ascending; a row that was tabulated before visits were kept has none. latency_ms:
    of one image, median over the runs of the visit (mean under a quota or contention); p95_ms: its
    95th percentile. Only visits that a row is made of are here: undisturbed ones, or all where there
    were none.
    """

    row: IntArray
    latency_ms: Array
    p95_ms: Array

    def __len__(self) -> int:
        return len(self.row)

    @classmethod
    def none(cls) -> Visits:
        """No visits: those of a table of an older schema."""
        return cls(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))

    @classmethod
    def of(cls, rows: Sequence[Sequence[Mapping[str, float]]]) -> Visits:
        """From the visits of each row, in the order of the rows."""
        row = np.repeat(np.arange(len(rows)), [len(visits) for visits in rows])
        figures = [[float(v[name]) for name in FIGURES] for visits in rows for v in visits]
        return cls(row, *np.array(figures, dtype=float).reshape(-1, len(FIGURES)).T.copy())

    def by_row(self, rows: int) -> list[list[dict[str, float]]]:
        """The figures of each of so many rows' visits, which `of` takes."""
        found: list[list[dict[str, float]]] = [[] for _ in range(rows)]
        for row, *figures in zip(self.row.tolist(), *self.figures().values(), strict=True):
            found[row].append(dict(zip(FIGURES, map(float, figures), strict=True)))
        return found

    def figures(self) -> dict[str, Array]:
        """Its columns, (v,) each, by name."""
        return {name: getattr(self, name) for name in FIGURES}

    def fault(self, rows: int) -> str | None:
        """What is wrong with the contents for a table of so many rows, in words."""
        if self.row.ndim != 1 or self.row.dtype.kind != "i":
            return f"rows of visits {self.row.dtype} of shape {self.row.shape}"
        if len(self.row) and (self.row[0] < 0 or self.row[-1] >= rows or (np.diff(self.row) < 0).any()):
            return f"visits of rows that are not ascending from 0 to {rows - 1}"
        for name, values in self.figures().items():
            if values.shape != self.row.shape or values.dtype.kind != "f":
                return f"visits without one {name} each"
            if not (np.isfinite(values) & (values > 0.0)).all():
                return f"visits whose {name} is no positive number"
        return None
