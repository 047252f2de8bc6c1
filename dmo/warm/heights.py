"""Heights of a quadratic surface, compiled; see dmo/kernels.py for what that takes."""

from __future__ import annotations

import numpy as np
from numba import types

from dmo.kernels import compiled
from dmo.types import Array

_matrix, _cube = (types.Array(types.float64, k, "C", readonly=True) for k in (2, 3))


@compiled(types.float64[:, ::1](_matrix, _matrix, _cube))
def heights(basis: Array, linear: Array, product: Array) -> Array:
    """For each row v of basis, (n, b): v linear + the sum of v_i v_j product[i, j] over i <= j, (n, q).

    linear: (b, q); product: (b, b, q). Coordinates that are 0, as most level indicators are, cost nothing.
    """
    (n, b), q = basis.shape, linear.shape[1]
    out = np.zeros((n, q))
    active = np.empty(b, dtype=np.intp)
    for k in range(n):
        count = 0
        for i in range(b):
            if basis[k, i] != 0.0:
                active[count] = i
                count += 1
        for s in range(count):
            i = active[s]
            v = basis[k, i]
            for o in range(q):
                out[k, o] += v * linear[i, o]
            for j in active[s:count]:
                w = v * basis[k, j]
                for o in range(q):
                    out[k, o] += w * product[i, j, o]
    return out
