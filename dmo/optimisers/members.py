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
    x = np.ascontiguousarray(batch.x)
    rows = x.view([("", x.dtype)] * x.shape[1]).ravel()
    _, first = np.unique(rows, return_index=True)
    return batch if len(first) == len(batch) else batch[np.sort(first)]
