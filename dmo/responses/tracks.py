"""Tracks: which members of past populations are one point's past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dmo.batch import Batch
from dmo.types import Array


def tracks(batches: Sequence[Batch]) -> Array:
    """The past of each member of the last of T batches: (T, n, d), the last one's own x at the end.

    A member's place in an older batch is that of the point nearest to it in objectives, each batch's
    scaled to [0, 1]: the point that made the same trade-off there. Several members may share one.
    """
    from dmo.kernels import nearest

    last = _scaled(batches[-1])
    places = [nearest(last, _scaled(batch)) for batch in batches[:-1]]
    older = [batch.x[place] for batch, place in zip(batches[:-1], places, strict=True)]
    return np.stack([*older, batches[-1].x])


def _scaled(batch: Batch) -> Array:
    low, span = batch.f.min(axis=0), np.ptp(batch.f, axis=0)
    return np.ascontiguousarray((batch.f - low) / np.where(span > 0.0, span, 1.0))
