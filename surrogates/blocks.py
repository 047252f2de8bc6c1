"""Blocks: matrix products whose rows do not depend on each other's number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dmo.types import Array

BLOCK = 64


def in_blocks(z: Array, outputs: int, function: Callable[[Array], Array], block: int = BLOCK) -> Array:
    """function of the rows z, (n, q), evaluated `block` rows at a time, always as many: (n, outputs).

    Matrix products round differently for different numbers of rows. In blocks of one size a row's
    result does not depend on its company: a point evaluated again has the very same value, which is
    how searchers detect a change. function: (block, q) to (block, outputs).
    """
    out = np.empty((len(z), outputs))
    held = np.zeros((block, z.shape[1]))
    for start in range(0, len(z), block):
        rows = z[start : start + block]
        held[: len(rows)] = rows
        out[start : start + len(rows)] = function(held)[: len(rows)]
    return out
