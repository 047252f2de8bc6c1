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
    (m, inputs, outputs), n = weight.shape, x.shape[2]
    y = np.empty((m, outputs, n), dtype=np.float32)
    for k in range(m):
        q = min(k, len(x) - 1)
        for j in range(outputs):
            y[k, j] = bias[k, j]
            # Four inputs at once: sums are read less often. No views, whose counting costs more.
            for i in range(0, inputs - 3, 4):
                a, b, c, d = weight[k, i, j], weight[k, i + 1, j], weight[k, i + 2, j], weight[k, i + 3, j]
                for r in range(n):
                    total = y[k, j, r] + a * x[q, i, r] + b * x[q, i + 1, r]
                    y[k, j, r] = total + c * x[q, i + 2, r] + d * x[q, i + 3, r]
            for i in range(inputs - inputs % 4, inputs):
                a = weight[k, i, j]
                for r in range(n):
                    y[k, j, r] += a * x[q, i, r]
            if rectify:
                for r in range(n):
                    y[k, j, r] = max(y[k, j, r], np.float32(0.0))
    return y
