"""FDA1 to FDA5: the first dynamic multi-objective test problems, after ZDT and DTLZ.

Source of all: Farina, Deb, Amato, Dynamic Multiobjective Optimization Problems: Test Cases,
Approximations, and Applications, IEEE Transactions on Evolutionary Computation 8(5), 2004, section III.B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.types import Array
from problems.analytic import Analytic, batch, octant, squares, wave


@final
@dataclass(frozen=True)
class FDA1(Analytic):
    """The set slides up and down like a sine; the front stays convex where it is.

    Moves: the set (distance variables at G); the front stays.
    Source: Farina, Deb, Amato (2004), eq. 13, with its 20 variables.
    """

    dim: int = 20

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def evaluate(self, x: Array, t: float) -> Batch:
        f1 = x[:, 0]
        g = 1.0 + squares(x[:, 1:] - wave(t))
        return batch(x, f1, g * (1.0 - np.sqrt(f1 / g)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, wave(t))


@final
@dataclass(frozen=True)
class FDA4(Analytic):
    """The set slides; the front stays an eighth of the unit sphere.

    Moves: the set (distance variables at |G|); the front stays.
    Sources disagree: Zhou, Jin, Zhang (2014) print G without its absolute value, which puts the set
    outside the space for 2 < t < 4 while they call the front fixed; and they swap x1 and x2.
    Source: Farina, Deb, Amato (2004), eq. 16 for M = 3 objectives and n = M + 9 variables.
    """

    dim: int = 12

    n_obj = 3
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def evaluate(self, x: Array, t: float) -> Batch:
        g = squares(x[:, 2:] - abs(wave(t)))
        return batch(x, (1.0 + g)[:, None] * octant(x[:, 0], x[:, 1]))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, abs(wave(t)))
