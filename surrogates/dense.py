"""dense: one layer of several small networks, compiled; see dmo/kernels.py for what that takes."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from dmo.kernels import compiled

Float32 = NDArray[np.float32]
_matrices, _vectors = (types.Array(types.float32, k, "C", readonly=True) for k in (3, 2))


@compiled(types.float32[:, :, ::1](_matrices, _matrices, _vectors, types.boolean))
def dense(x: Float32, weight: Float32, bias: Float32, rectify: bool) -> Float32:
    """Outputs (m, o, n) of m layers for n points, which lie in columns: x, (m, i, n) or (1, i, n) for all.

    weight: (m, i, o); bias: (m, o); rectify: whether negative outputs become 0. Sums are made input by
    input, so that what a point gives does not depend on how many there are, nor on the processor.
    """
    m, inputs, outputs = weight.shape
    y = np.empty((m, outputs, x.shape[2]), dtype=np.float32)
    for k in range(m):
        columns = x[min(k, len(x) - 1)]
        for j in range(outputs):
            row = y[k, j]
            row[:] = bias[k, j]
            for i in range(inputs):
                w, column = weight[k, i, j], columns[i]
                for r in range(len(row)):
                    row[r] += w * column[r]
            if rectify:
                for r in range(len(row)):
                    row[r] = max(row[r], np.float32(0.0))
    return y
