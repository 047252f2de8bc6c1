"""Batch: evaluated points as a searcher sees them; no time inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """n points with their objectives and constraint values.

    x: (n, d) variables; f: (n, m) objectives, minimised; g: (n, c) constraints, g <= 0 is feasible.

    Raises ArgumentError when the arrays are not matrices of the same number of rows.
    """

    x: Array
    f: Array
    g: Array

    def __post_init__(self) -> None:
        x, f, g = self.x.shape, self.f.shape, self.g.shape
        if not (len(x) == len(f) == len(g) == 2 and x[0] == f[0] == g[0]):
            raise ArgumentError(
                "x, f, g",
                "matrices (n, d), (n, m), (n, c) of the same n",
                f"shapes {x}, {f}, {g}",
                "return one row per point; without constraints g is (n, 0)",
            )

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: IntArray | BoolArray | slice) -> Batch:
        if isinstance(rows, slice):
            return Batch(self.x[rows], self.f[rows], self.g[rows])
        if rows.dtype == bool:
            rows = rows.nonzero()[0]
        # Three times as fast as an index for arrays of this size.
        return Batch(self.x.take(rows, 0), self.f.take(rows, 0), self.g.take(rows, 0))

    @property
    def violation(self) -> Array:
        """Summed constraint violation of each point, (n,); 0 where it is feasible."""
        return np.asarray(np.maximum(self.g, 0.0).sum(axis=1))

    @property
    def feasible(self) -> BoolArray:
        """Which points satisfy every constraint, (n,)."""
        # Constraint by constraint: a reduction of short rows takes five times as long.
        return np.asarray(np.less_equal(self.g.T, 0.0, order="C").all(axis=0))

    @staticmethod
    def unconstrained(x: Array, f: Array) -> Batch:
        """A batch of a problem that has no constraints."""
        return Batch(x, f, np.empty((len(x), 0)))

    @staticmethod
    def concat(*batches: Batch) -> Batch:
        """The rows of all batches, in order; of one batch, itself."""
        if len(batches) == 1:
            return batches[0]
        return Batch(
            np.concatenate([b.x for b in batches]),
            np.concatenate([b.f for b in batches]),
            np.concatenate([b.g for b in batches]),
        )
