"""Which rows of one matrix are rows of another."""

from __future__ import annotations

import numpy as np

from dmo.types import Array, IntArray


class Rows:
    """The rows of x, (k, d), ready to be found by their values."""

    def __init__(self, x: Array) -> None:
        self._x = x
        # Equal rows have equal weighted sums, and sums are sorted faster than rows.
        self._weights = np.sin(np.arange(1.0, x.shape[1] + 1.0))
        key = np.vecdot(x, self._weights)
        self._order = key.argsort(kind="stable")
        self._key = key[self._order]

    def find(self, x: Array) -> IntArray:
        """For each row of x, (n, d), the index of the first row that equals it, or -1: (n,)."""
        if not len(self._x):
            return np.full(len(x), -1)
        place = self._key.searchsorted(np.vecdot(x, self._weights))
        index = self._order[np.minimum(place, len(self._order) - 1)]
        return np.where((self._x[index] == x).all(axis=1), index, -1)


def first_of_equals(x: Array) -> IntArray:
    """Indices, ascending, of the first of each group of equal rows of x, (n, d)."""
    from dmo.kernels import distinct

    return distinct(np.ascontiguousarray(x))
