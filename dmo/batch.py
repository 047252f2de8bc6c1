"""Batch: evaluated points as a searcher sees them; no time inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class Batch:
    """n points with their objectives and constraint values.

    x: (n, d) variables; f: (n, m) objectives, minimised; g: (n, c) constraints, g <= 0 is feasible.

    Raises ArgumentError when the arrays are not matrices of the same number of rows.
    """

    x: Array
    f: Array
    g: Array

    def __post_init__(self) -> None:
        shapes = self.x.shape, self.f.shape, self.g.shape
        if any(len(s) != 2 for s in shapes) or len({s[0] for s in shapes}) != 1:
            raise ArgumentError(
                "x, f, g",
                "matrices (n, d), (n, m), (n, c) of the same n",
                f"shapes {', '.join(map(str, shapes))}",
                "return one row per point; without constraints g is (n, 0)",
            )

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: IntArray | BoolArray | slice) -> Batch:
        return Batch(self.x[rows], self.f[rows], self.g[rows])

    @property
    def violation(self) -> Array:
        """Summed constraint violation of each point, (n,); 0 where it is feasible."""
        return np.asarray(np.maximum(self.g, 0.0).sum(axis=1))

    @property
    def feasible(self) -> BoolArray:
        """Which points satisfy every constraint, (n,)."""
        return np.asarray((self.g <= 0.0).all(axis=1))

    @staticmethod
    def unconstrained(x: Array, f: Array) -> Batch:
        """A batch of a problem that has no constraints."""
        return Batch(x, f, np.empty((len(x), 0)))

    @staticmethod
    def concat(*batches: Batch) -> Batch:
        """The rows of all batches, in order."""
        return Batch(
            np.concatenate([b.x for b in batches]),
            np.concatenate([b.f for b in batches]),
            np.concatenate([b.g for b in batches]),
        )
