"""DCTP1 to DCTP8: Deb's constrained problems CTP with a scale, an optimal set and constraints that move.

Source of all: Azzouz, Bechikh, Ben Said, Multi-objective Optimization with Dynamic Constraints and
Objectives: New Challenges for Evolutionary Algorithms, GECCO 2015, as FlexDMO has it (we did not have the
paper), with the square that the printed sum of g lacks according to FlexDMO.
Deviation: the paper's times are tau = 1, 2, 3, 4; here tau = t + 1, so that t = 0 is the first as
elsewhere. A schedule of severity 1 gives the paper's times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from dmo.types import Array
from problems.constrained.planar import Planar


@dataclass(frozen=True)
class Tilted(Planar):
    """A problem of this suite whose constraints are waves on a tilted line; abstract.

    In the plane of f1 and f2 / tau, turned by theta about (0, e), a point at u along the line and v above
    it is feasible where v >= a |sin(b pi u^c)|^d, for each (a, b, c, d, e, theta) of `waves`.
    """

    dim: int = 30

    distance = (0.0, 1.0)
    reach = 6.0
    waves: ClassVar[tuple[tuple[float, float, int, float, float, float], ...]]

    def goal(self, p: Array, t: float) -> Array | float:
        return float(np.sin(0.01 * np.pi * (t + 1.0)))

    def image(self, p: Array, g: Array, t: float) -> tuple[Array, Array]:
        return p, (t + 1.0) * (g - np.sqrt(p * g))

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        return tuple(_wave(f1, f2 / (t + 1.0), *wave) for wave in self.waves)


def _wave(f1: Array, f2: Array, a: float, b: float, c: int, d: float, e: float, theta: float) -> Array:
    s, cos = np.sin(theta), np.cos(theta)
    u, v = s * (f2 - e) + cos * f1, cos * (f2 - e) - s * f1
    height = np.abs(np.sin(b * np.pi * (u if c == 1 else np.square(u))))
    return np.asarray(a * (np.sqrt(height) if d == 0.5 else height**d) - v)


@dataclass(frozen=True)
class Spiked(Tilted):
    """One wave with d = 1/2: the feasible region ends in infinitely sharp spikes on the line; abstract."""

    def tips(self, t: float) -> Array:
        """The tips, but for 4e-7: any closer, double precision leaves no feasible point in a spike."""
        _, b, c, _, e, theta = self.waves[0]
        u = (np.arange(0.0, 2.0 * b) / b) ** (1.0 / c)
        f1 = np.cos(theta) * u - np.sin(theta) * 4e-7
        f2 = e + np.sin(theta) * u + np.cos(theta) * 4e-7
        f1, f2 = f1[f1 <= 1.0], f2[f1 <= 1.0]
        g = np.square(np.sqrt(f1) + np.sqrt(f1 + 4.0 * f2)) / 4.0  # g - sqrt(f1 g) = f2
        return np.asarray(np.column_stack([f1, g])[g >= 1.0])


@final
@dataclass(frozen=True)
class DCTP1(Planar):
    """The front follows two curves that cut off parts of the unconstrained one.

    Moves: the set (goal sin(0.01 pi tau)), the constraints and the front (f2 grows with tau).
    Source: paper, DCTP1.
    """

    dim: int = 30

    n_con = 2
    distance = (0.0, 1.0)
    reach = 6.0

    def goal(self, p: Array, t: float) -> Array | float:
        return float(np.sin(0.01 * np.pi * (t + 1.0)))

    def image(self, p: Array, g: Array, t: float) -> tuple[Array, Array]:
        return p, (t + 1.0) * g * np.exp(-p / g)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        height = f2 / (t + 1.0)
        return 0.858 * np.exp(-0.541 * f1) - height, 0.728 * np.exp(-0.295 * f1) - height


@final
@dataclass(frozen=True)
class DCTP2(Tilted):
    """The front is many short pieces, at the feet of waves with flat valleys.

    Moves: the set (goal sin(0.01 pi tau)), the constraint and the front (f2 grows with tau).
    Source: paper, DCTP2.
    """

    n_con = 1
    waves = ((0.2, 10.0, 1, 6.0, 1.0, -0.2 * np.pi),)


@final
@dataclass(frozen=True)
class DCTP3(Spiked):
    """The front is thirteen points, at the tips of spikes.

    Moves: the set (goal sin(0.01 pi tau)), the constraint and the front (f2 grows with tau).
    Source: paper, DCTP3.
    """

    n_con = 1
    waves = ((0.1, 10.0, 1, 0.5, 1.0, -0.2 * np.pi),)


@final
@dataclass(frozen=True)
class DCTP4(Spiked):
    """The front is thirteen points, at the tips of long and narrow spikes.

    Moves: the set (goal sin(0.01 pi tau)), the constraint and the front (f2 grows with tau).
    Source: paper, DCTP4.
    """

    n_con = 1
    waves = ((0.75, 10.0, 1, 0.5, 1.0, -0.2 * np.pi),)


@final
@dataclass(frozen=True)
class DCTP5(Spiked):
    """The front is an arc and fifteen points beyond it, at the tips of spikes ever closer to each other.

    Moves: the set (goal sin(0.01 pi tau)), the constraint and the front (f2 grows with tau).
    Source: paper, DCTP5.
    """

    n_con = 1
    waves = ((0.1, 10.0, 2, 0.5, 1.0, -0.2 * np.pi),)


@final
@dataclass(frozen=True)
class DCTP6(Tilted):
    """Forbidden bands lie across the way to the front, which is the border of one.

    Moves: the set (goal sin(0.01 pi tau)), the constraint and the front (f2 grows with tau).
    Source: paper, DCTP6.
    """

    n_con = 1
    least_dim = 5  # with fewer, the distance cannot grow to where the front lies
    waves = ((40.0, 0.5, 1, 2.0, -2.0, 0.1 * np.pi),)


@final
@dataclass(frozen=True)
class DCTP7(Tilted):
    """Forbidden stripes cut the front to pieces.

    Moves: the set (goal sin(0.01 pi tau)), the constraint and the front (f2 grows with tau).
    Source: paper, DCTP7.
    """

    n_con = 1
    waves = ((40.0, 5.0, 1, 6.0, 0.0, -0.05 * np.pi),)


@final
@dataclass(frozen=True)
class DCTP8(Tilted):
    """Forbidden bands and stripes cross: feasible islands, the front on three of them.

    Moves: the set (goal sin(0.01 pi tau)), the constraints and the front (f2 grows with tau).
    Source: paper, DCTP8.
    """

    n_con = 2
    least_dim = 5  # as DCTP6
    waves = (
        (40.0, 0.5, 1, 2.0, -2.0, 0.1 * np.pi),
        (40.0, 2.0, 1, 6.0, 0.0, -0.05 * np.pi),
    )
