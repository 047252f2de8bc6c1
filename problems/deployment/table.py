"""Table: what strategies were measured at on a device, as plain arrays in one file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError, DataError
from dmo.files import UNREADABLE, reason, replacing
from dmo.types import Array, IntArray
from problems.deployment.space import StrategySpace
from problems.deployment.visits import FIGURES, Visits

SCHEMA = 3
OLDER = (1, 2)  # schemas that are read too: 1 knew no contention, 2 kept no single visits
COLUMNS = (
    "latency_ms",  # of one image: median over the runs of the least disturbed visit (mean under a quota or
    # contention); so are the next
    "latency_spread",  # half the range of the visits' medians, as a share of latency_ms
    "latency_p10_ms",
    "latency_p95_ms",
    "latency_mean_ms",
    "load_ms",
    "first_run_ms",
    "load_peak_mib",  # while loading, over a process with a started engine; so are the next two
    "rest_mib",
    "run_peak_mib",
    "memory_mib",  # the greater of load and run peak
    "base_mib",  # that process itself
    "accuracy",  # on the validation images
    "visits",  # how many, the disturbed ones too
    "steal",  # mean share of the cores' time that the hypervisor took
    "busy",  # and other processes
)
CONTENTION = "contention"  # a column that may be missing: level of processes that compete on purpose, from 0


@dataclass(frozen=True, eq=False)
class Table:
    """One row per measured strategy and level of contention; table["latency_ms"] is a column, (n,).

    x: (n, d) level indices in the order of StrategySpace.knobs, canonical, each once at a level of
    contention; source: per row, `sample` or `chosen`; meta: how it came about, with `network`,
    `threads` and `knobs`, a list of [name, levels]; file: where it was read; visits: the single ones
    that the rows are made of, none in a table of an older schema. Columns: see COLUMNS.
    """

    x: NDArray[np.int64]
    columns: Mapping[str, Array]
    source: tuple[str, ...]
    meta: Mapping[str, Any]
    file: Path | None = None
    visits: Visits = field(default_factory=Visits.none)

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            raise ArgumentError("table", "rows that fit its knobs", fault, "profile it again")

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, column: str) -> Array:
        return self.columns[column]

    @property
    def threads(self) -> int:
        """The most threads a strategy of it may use."""
        return int(self.meta["threads"])

    @property
    def options(self) -> dict[str, Any]:
        """The options of StrategySpace that its rows are of."""
        names = ("threads", "engines", "patches", "segments", "ranks", "branches")
        return {name: self.meta[name] for name in names if name in self.meta}

    @property
    def remedy(self) -> str:
        """The command that makes such a table."""
        device = self.meta.get("device", {}).get("name", "host")
        return f"make it with: python -m experiments.profile network={self.meta['network']} device={device}"

    @cached_property
    def sha256(self) -> str:
        """Of the rows as measured, not of how they came about, nor of their single visits."""
        return self.digest()

    def digest(self, source: str | None = None) -> str:
        """SHA-256 of the rows of one source, or of all."""
        rows = np.array([source in (None, s) for s in self.source], dtype=bool)
        sources = [s for s in self.source if source in (None, s)]
        total = hashlib.sha256(json.dumps([self.meta["knobs"], sources]).encode())
        for name, a in [("x", self.x), *sorted(self.columns.items())]:
            total.update(f"{name} {a.dtype} {a[rows].shape} ".encode())
            total.update(np.ascontiguousarray(a[rows]).tobytes())
        return total.hexdigest()

    @cached_property
    def levels(self) -> int:
        """How many levels of contention were profiled, at least 1."""
        return int(self.contention.max()) + 1

    @cached_property
    def contention(self) -> IntArray:
        """The level of contention of each row, (n,); 0 in a table that knows none."""
        return self.columns.get(CONTENTION, np.zeros(len(self.x))).astype(np.int64)

    def find(self, rows: Array, contention: int = 0) -> IntArray:
        """The row of each of `rows`, (k, d) canonical level indices: (k,), -1 where it was not measured
        at this level of contention.

        Raises ArgumentError for another number of knobs.
        """
        rows = np.asarray(rows)
        if rows.ndim != 2 or rows.shape[1] != len(self._sizes):
            raise ArgumentError(
                "rows", f"shape (k, {len(self._sizes)})", str(rows.shape), "one column per knob of the space"
            )
        known = ((rows >= 0) & (rows < self._sizes) & (rows == np.rint(rows))).all(axis=1)
        codes = self._code(np.where(known[:, None], rows, 0).astype(np.int64), contention)
        ordered, order = self._index
        place = np.searchsorted(ordered, codes).clip(max=len(ordered) - 1)
        return np.where(known & (ordered[place] == codes), order[place], -1)

    def check(self, strategies: StrategySpace) -> None:
        """Raise DataError, naming what differs and the remedy, unless the table is of this space."""
        here = json.loads(json.dumps([[knob.name, knob.levels] for knob in strategies.knobs]))
        there = [list(knob) for knob in self.meta["knobs"]]
        if here != there:
            names, other = ([name for name, _ in knobs] for knobs in (here, there))
            if names == other:
                k = next(k for k in range(len(here)) if here[k] != there[k])
                differs = f"knob {names[k]} has levels {there[k][1]}, the space {here[k][1]}"
            else:
                differs = f"it has knobs {', '.join(other)}, the space {', '.join(names)}"
            raise DataError(f"{self._name} is of another strategy space: {differs}; {self.remedy}")

    def save(self, file: Path) -> None:
        """Write it in one step: a reader finds the old file or the whole new one."""
        arrays = {f"column_{name}": a for name, a in self.columns.items()}
        arrays |= {f"visit_{name}": a for name, a in self.visits.figures().items()}
        head = json.dumps({"schema": SCHEMA, "meta": dict(self.meta)}, allow_nan=False)
        with replacing(Path(file)) as partial:
            np.savez_compressed(
                partial,
                head=np.array(head),
                x=self.x,
                source=np.array(self.source),
                visit_row=self.visits.row,
                **arrays,  # type: ignore[arg-type]
            )

    @classmethod
    def load(cls, file: Path, remedy: str = "make it with: python -m experiments.profile") -> Table:
        """The table that save wrote.

        Raises DataError, ending in `remedy`, when it is missing, damaged or of another schema.
        """
        file = Path(file)
        if not file.is_file():
            raise DataError(f"no profile table at {file}; {remedy}")
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                head = json.loads(str(stored["head"]))
                arrays = {name: stored[name] for name in stored.files if name != "head"}
            schema, meta = head["schema"], head["meta"]
            if schema not in (SCHEMA, *OLDER):
                raise DataError(f"{file} is of schema {schema}, this version reads {SCHEMA}; {remedy}")
            columns = {k.removeprefix("column_"): a for k, a in arrays.items() if k.startswith("column_")}
            visits = Visits.none()
            if schema == SCHEMA:
                visits = Visits(*(arrays[f"visit_{name}"] for name in ("row", *FIGURES)))
            return cls(arrays["x"], columns, tuple(map(str, arrays["source"])), meta, file, visits)
        except (ArgumentError, *UNREADABLE) as error:
            raise DataError(
                f"{file} cannot be read as a profile table ({reason(error)}); {remedy}"
            ) from error

    @property
    def _name(self) -> str:
        return str(self.file) if self.file else "this table"

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.array([len(levels) for _, levels in self.meta["knobs"]], dtype=np.int64)

    @cached_property
    def _strides(self) -> NDArray[np.int64]:
        return _strides(self._sizes.tolist())

    @cached_property
    def _index(self) -> tuple[NDArray[np.int64], IntArray]:
        """Codes of all rows, ascending, and the row of each."""
        codes = self._code(self.x, self.contention)
        order = np.argsort(codes)
        return codes[order], order

    def _code(self, x: NDArray[np.int64], contention: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """A different number for each row of level indices and level of contention."""
        return x @ self._strides + contention * math.prod(self._sizes.tolist())

    def _fault(self) -> str | None:
        """What is wrong with the contents, in words."""
        n, d = len(self.x), len(self._sizes)
        missing = [name for name in COLUMNS if name not in self.columns]
        if missing:
            return f"no column {', '.join(missing)}"
        if self.x.ndim != 2 or self.x.shape != (n, d) or n == 0 or self.x.dtype.kind != "i":
            return f"x {self.x.dtype} of shape {self.x.shape} for {d} knobs"
        wrong = [k for k, a in self.columns.items() if a.shape != (n,) or a.dtype.kind != "f"]
        if wrong or len(self.source) != n:
            return f"{', '.join(wrong) or 'source'} does not have one value for each of {n} rows"
        odd = [k for k, a in self.columns.items() if not np.isfinite(a).all()]
        if odd:
            return f"{', '.join(odd)} not finite"
        level = self.columns.get(CONTENTION, np.zeros(n))
        if ((level < 0.0) | (level > 100.0) | (level != np.rint(level))).any():
            return "levels of contention that are not whole numbers from 0"
        if ((self.x < 0) | (self.x >= self._sizes)).any():
            return "level indices out of their knobs' levels"
        if len(np.unique(self._index[0])) != n:
            return "a strategy twice at one level of contention"
        return self.visits.fault(n)


def _strides(sizes: Sequence[int]) -> NDArray[np.int64]:
    """Mixed-radix place values: row @ strides is a different number for each row."""
    return np.array([math.prod(sizes[k + 1 :]) for k in range(len(sizes))], dtype=np.int64)
