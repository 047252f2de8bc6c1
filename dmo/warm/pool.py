"""Pool: all points worth remembering, with what was measured of them, now or before a change."""

from __future__ import annotations

import moocore
import numpy as np

from dmo.batch import Batch
from dmo.rows import Rows, first_of_equals
from dmo.types import Array, BoolArray, IntArray


class Pool:
    """Points and their latest values, for as many as `size` points from one environment to the next.

    batch: the points; fresh: which values are measured in the present environment, (n,); those of
    the others are predictions.
    """

    def __init__(self, nobody: Batch, size: int) -> None:
        self.batch = nobody
        self.fresh: BoolArray = np.empty(0, dtype=bool)
        self._rows: Rows | None = None  # of the batch, where it has not changed since
        self._used = np.empty(0)  # the environment in which a point was last on a front
        self._size = size
        self._environment = 0

    @property
    def measured(self) -> Batch:
        """The points measured in the present environment."""
        return self.batch[self.fresh]

    def find(self, x: Array) -> IntArray:
        """Where each row of x, (n, d), is remembered, -1 where it is not: (n,)."""
        if self._rows is None:
            self._rows = Rows(self.batch.x)
        return self._rows.find(x)

    def tell(self, batch: Batch) -> None:
        """Take measured values, of remembered and of new points."""
        index = self.find(batch.x)
        known = index >= 0
        here = index[known]
        if len(here):
            f, g = self.batch.f.copy(), self.batch.g.copy()
            f[here], g[here] = batch.f[known], batch.g[known]
            self.batch = Batch(self.batch.x, f, g)
            self.fresh[here] = True
        new = batch[~known]
        self._append(new[first_of_equals(new.x)], True)

    def remember(self, batch: Batch) -> None:
        """Take back points, with the values they once had, unless they are here."""
        new = batch[self.find(batch.x) < 0]
        self._append(new[first_of_equals(new.x)], False)

    def close(self, front: Array) -> None:
        """The environment ends: nothing is fresh any more, and the least useful points are forgotten.

        Those stay that were last on its front, (k, d), or, as constraints may move, are on the front
        of all points, feasible or not.
        """
        self._used[self.find(front)] = self._environment
        best = moocore.is_nondominated(np.ascontiguousarray(self.batch.f), keep_weakly=False)
        self._used[best] = self._environment
        if len(self.batch) > self._size:
            kept = np.sort(np.argsort(-self._used, kind="stable")[: self._size])
            self.batch, self._used = self.batch[kept], self._used[kept]
            self._rows = None
        self.fresh = np.zeros(len(self.batch), dtype=bool)
        self._environment += 1

    def predict(self, values: Array) -> None:
        """Objectives and constraints side by side, (n, m + c), of the points that are not fresh."""
        f, g = np.split(values, [self.batch.f.shape[1]], axis=1)
        fresh = self.fresh[:, None]
        now = self.batch
        self.batch = Batch(now.x, np.where(fresh, now.f, f), np.where(fresh, now.g, g))

    def _append(self, batch: Batch, fresh: bool) -> None:
        if len(batch):
            self.batch = Batch.concat(self.batch, batch)
            self.fresh = np.concatenate([self.fresh, np.full(len(batch), fresh)])
            self._used = np.concatenate([self._used, np.full(len(batch), self._environment - 1.0)])
            self._rows = None
