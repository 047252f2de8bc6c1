"""What every population needs: a beginning without members, and no two members alike."""

from __future__ import annotations

import numpy as np

from dmo.batch import Batch
from dmo.space import Space


def nobody(space: Space) -> Batch:
    """A batch of no points of this space."""
    return Batch(space.empty(), np.empty((0, space.n_obj)), np.empty((0, space.n_con)))


def distinct(batch: Batch) -> Batch:
    """The first point of each group of equal variables, in the order given."""
    x = batch.x
    # Equal rows have equal weighted sums, and sums are sorted faster than rows.
    key = np.vecdot(x, np.sin(np.arange(1.0, x.shape[1] + 1.0)))
    order = key.argsort(kind="stable")
    same = (key[order[1:]] == key[order[:-1]]).nonzero()[0] + 1
    copies = order[same][(x[order[same]] == x[order[same - 1]]).all(axis=1)]
    if len(copies) == 0:
        return batch
    first = np.ones(len(x), dtype=bool)
    first[copies] = False
    return batch[first]
