"""DCP1 to DCP9: dynamic constrained problems whose feasible regions are small, torn or far from the front.

Source of all: Chen, Guo, Wang, Liang, Gong, Yang, Evolutionary Dynamic Constrained Multiobjective
Optimization: Test Suite and Algorithm, IEEE Transactions on Evolutionary Computation 28(5), 2024,
eq. 14 to 22, in the form of the authors' MATLAB code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.types import Array
from problems.analytic import one_of, wave
from problems.constrained.planar import Planar, sixth, turned


@final
@dataclass(frozen=True)
class DCP1(Planar):
    """The front moves along the diagonal out of stripes at rest, which cut it to pieces.

    Moves: the set (goal |G|) and the front (offset |G|); the constraint stays.
    Source: paper, eq. 14.
    """

    n_con = 1
    distance = (0.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return abs(wave(t))

    def offset(self, t: float) -> float:
        return abs(wave(t))

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        u, v = turned(f1, f2, -0.15 * np.pi)
        return (sixth(2.0 * np.sin(5.0 * np.pi * u)) - v,)


@final
@dataclass(frozen=True)
class DCP2(Planar):
    """The front bends to and fro over wedges at rest, and into a forbidden band with a wavy rim.

    Moves: the set (goal G) and the front; the constraints stay. Values below 1e-18 are 0, as in the code.
    Source: paper, eq. 15.
    """

    n_con = 2
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def bowl(self, y: Array, t: float) -> Array:
        return np.square(y) + np.square(np.sin(0.5 * np.pi * y))

    def image(self, p: Array, g: Array, t: float) -> tuple[Array, Array]:
        f1, f2 = super().image(p, g, t)
        return np.where(f1 < 1e-18, 0.0, f1), np.where(f2 < 1e-18, 0.0, f2)

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        bend = 0.25 * wave(t) * np.sin(np.pi * p)
        return p + bend, 1.0 - p + bend

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        rim = 1.85 - f2 - f1 - np.square(0.3 * np.sin(3.0 * np.pi * (f2 - f1)))
        return -(4.0 * f1 + f2 - 1.0) * (0.3 * f1 + f2 - 0.3), (f1 + f2 - 1.3) * rim


@final
@dataclass(frozen=True)
class DCP3(Planar):
    """The front moves along the diagonal through two forbidden discs, below a ring with a wavy rim.

    Moves: the set (goal |G|) and the front (offset G^2); the constraints stay.
    Source: paper, eq. 16.
    """

    n_con = 3
    distance = (0.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return abs(wave(t))

    def bowl(self, y: Array, t: float) -> Array:
        return np.sqrt(np.abs(y))

    def offset(self, t: float) -> float:
        return wave(t) ** 2

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        discs = _disc(f1, f2) * _disc(f2, f1)
        square = f1**2 + f2**2
        rim = 3.1 + 0.2 * np.square(np.sin(4.0 * np.arctan2(f2, f1)))
        return -discs, square - 16.0, -(square - rim**2) * (square - 2.3**2)


def _disc(a: Array, b: Array) -> Array:
    return (a - 1.0) ** 2 + (b - 0.2) ** 2 - 0.3**2


@final
@dataclass(frozen=True)
class DCP4(Planar):
    """Waves of changing number reach through the front at rest and cut it to pieces.

    Moves: the constraint and with it front and set; objectives never change.
    Source: paper, eq. 17, with the 1e-4 of the code that keeps floor from falling by rounding.
    """

    n_con = 1
    distance = (0.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return 0.5

    def bowl(self, y: Array, t: float) -> Array:
        return np.square(np.square(y) - np.cos(np.pi * y) + 1.0)

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        bend = 0.25 * np.sin(np.pi * p)
        return p + bend, 1.0 - p + bend

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        waves = 2.0 * np.floor(10.0 * abs((t + 1.0) % 2.0 - 1.0) + 1e-4)
        angle, square = np.arctan2(f2, f1), f1**2 + f2**2
        outer = 1.5 + 0.4 * np.square(np.square(np.square(np.square(np.sin(4.0 * angle)))))
        inner = 1.3 - 0.45 * np.square(np.sin(waves * angle))
        return (-(square - outer**2) * (square - inner**2),)


@final
@dataclass(frozen=True)
class DCP5(Planar):
    """A quarter circle of changing radius covers the front at rest, partly or wholly.

    Moves: the constraints and with them front and set; objectives never change.
    Sources disagree on the distance: variant "paper" has the sum of |x_i - 0.5 sin(2 pi x1)|; "cec2025",
    the code of that competition (where this is DC8, whose text agrees with the paper), a bowl at rest.
    The fronts are the same.
    Source: paper, eq. 18.

    Raises ArgumentError when the variant is neither.
    """

    variant: str = "paper"

    n_con = 2
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("variant", self.variant, paper="linked to the position", cec2025="as in CEC2025's code")

    def goal(self, p: Array, t: float) -> Array | float:
        return 0.5 * np.sin(2.0 * np.pi * p) if self.variant == "paper" else 0.5

    def bowl(self, y: Array, t: float) -> Array:
        return np.abs(y) if self.variant == "paper" else np.square(np.square(y) - np.cos(np.pi * y) + 1.0)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = 0.5 * abs(wave(t))
        square = f1**2
        between = ((0.2 + G) * square + f2 - 2.0) * (0.7 * square + f2 - 2.5)
        return -between, (0.6 + G) ** 2 - square - f2**2


@final
@dataclass(frozen=True)
class DCP6(Planar):
    """An ellipse grows out of the front at rest, below a forbidden band with wavy rims.

    Moves: the constraints and with them front and set; objectives never change.
    Source: paper, eq. 19; the second and third constraint in the order of the code.
    """

    n_con = 3
    distance = (-1.0, 1.0)

    def bowl(self, y: Array, t: float) -> Array:
        return 6.0 * np.square(y)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = np.sqrt(abs(wave(t)))
        total = f1 + f2
        above = total - 4.5 - 0.08 * np.sin(2.0 * np.pi * (f2 - f1 / 1.6))
        rim = total + 0.08 * np.sin(2.0 * np.pi * (f2 - f1 / 1.5))
        along, across = turned(f1, f2, 0.25 * np.pi)
        ellipse = along**2 / 1.1**2 + across**2 / (0.1 + G) ** 2
        return above, -(rim - 2.0) * (rim - 3.2 + G), (0.1 + G) ** 2 - ellipse


@final
@dataclass(frozen=True)
class DCP7(Planar):
    """Rising teeth cut the front, whose ripple changes, to pieces, down to eleven small arcs at G = 1.

    Moves: the set (goal G), the constraint and the front.
    Sources disagree: FlexDMO has 10 - floor(|10 G|) half waves of the ripple, the authors' code and CEC2025,
    where this is DC9, 10 - |floor(10 G)|.
    Source: paper, eq. 20.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        ripple = 0.02 * np.sin((10.0 - abs(np.floor(10.0 * wave(t)))) * np.pi * p)
        return p + ripple, 1.0 - p + ripple

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        return (wave(t) + np.square(np.sin(5.0 * np.pi * (f1 - f2 + 1.0))) - f1 - f2,)

    def knots(self, t: float) -> Array:
        return np.arange(11) / 10.0


@final
@dataclass(frozen=True)
class DCP8(Planar):
    """A forbidden lens changes its shape over the front, below a wavy band that turns.

    Moves: the set (goal G), the constraints and with them the front.
    Source: paper, eq. 21.
    """

    n_con = 2
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def bowl(self, y: Array, t: float) -> Array:
        return np.square(abs(wave(t)) * np.square(y) - np.cos(np.pi * y) + 1.0)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = abs(wave(t))
        root1, root2 = np.sqrt(f1), np.sqrt(f2)
        outer = f1 * root1 + f2 * root2 - 1.2**1.5
        inner = root1 + root2 - (0.95 + 0.5 * G)
        ripple = 0.08 * np.sin(2.0 * np.pi * (f2 - f1))
        low, high = 0.8 * f1 + f2 - 2.5, (0.93 + G / 3.0) * f1 + f2 - 2.7 - 0.5 * G
        return -outer * inner, -(low - ripple) * (high - ripple)


@final
@dataclass(frozen=True)
class DCP9(Planar):
    """A growing quarter circle forbids what lies within, rays reach out, and the position variable changes.

    Moves: the set (which variable is the position, and the goal |G| of the others), the constraints and
    with them the front.
    Source: paper, eq. 22.
    """

    n_con = 2
    distance = (0.0, 1.0)

    def place(self, t: float) -> int:
        return int((self.dim - 1) * abs(wave(t)))

    def goal(self, p: Array, t: float) -> Array | float:
        return abs(wave(t))

    def bowl(self, y: Array, t: float) -> Array:
        return 10.0 * np.square(y)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = abs(wave(t))
        h = 0.75 + 1.25 * G
        square = f1**2 + f2**2
        angle = np.arctan2(f2, f1)
        w = np.cos(6.0 * angle * angle * angle)
        w = np.square(w) * np.square(np.square(np.square(w)))
        star = 2.1 - (f1 / (1.0 + 0.15 * w)) ** 2 - (f2 / (1.0 + 0.75 * w)) ** 2
        return (square - (0.2 + G) ** 2) * (f1**h + f2**h - 4.0**h), (square - 1.6**2) * star
