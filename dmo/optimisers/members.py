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
    import dmo.kernels as kernels

    rows = kernels.distinct(np.ascontiguousarray(batch.x))
    return batch if len(rows) == len(batch) else batch[rows]
