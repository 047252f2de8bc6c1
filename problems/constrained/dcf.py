"""DCF1 to DCF10: the problems of the CEC2023 competition on dynamic constrained optimisation.

Source of all: Guo, Chen, Yue, Liang, Wang, Yang, Benchmark Problems for CEC2023 Competition on Dynamic
Constrained Multiobjective Optimization, 2023, in the form of the competition's MATLAB code; bounds, which
that code leaves to its caller, as FlexDMO takes them from the report. The code moves both objectives
by `drift` per unit of time once the constraints are computed, so that fronts of different times do
not overlap in a figure; here drift is 0 unless asked for, and each class says what the code has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.types import Array
from problems.analytic import wave
from problems.constrained.planar import Planar, sixth, turned


@final
@dataclass(frozen=True)
class DCF1(Planar):
    """A quarter circle of changing radius forbids what lies within; objectives alone never change.

    Moves: the constraint and with it front and set (line or arc, radius 0.7 to 1.7).
    Source: report, DCF1; drift of the code: 2.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return 0.5

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        return ((0.7 + abs(wave(t))) ** 2 - f1**2 - f2**2,)


@final
@dataclass(frozen=True)
class DCF2(Planar):
    """Stripes at rest cut the front to pieces while another variable becomes the position.

    Moves: the set (which variable is the position, and the goal |G| of the others); front and
    constraint stay.
    Source: report, DCF2; drift of the code: 1.
    """

    n_con = 1
    distance = (0.0, 1.0)

    def place(self, t: float) -> int:
        return int((self.dim - 1) * abs(wave(t)))

    def goal(self, p: Array, t: float) -> Array | float:
        return abs(wave(t))

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        return p, 1.0 - p**2

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        u, v = turned(f1, f2, -0.15 * np.pi)
        return (v - sixth(2.0 * np.sin(4.0 * np.pi * u)),)


@final
@dataclass(frozen=True)
class DCF3(Planar):
    """A wavy ring of changing depth surrounds the front without touching it.

    Moves: the set (goal G) and the constraint; the front stays a quarter circle.
    Source: report, DCF3; drift of the code: 1.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        return p, np.sqrt(1.0 - p**2)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        beyond = f1**2 + f2**2 - 2.0
        depth = (0.5 - 0.4 * wave(t)) * np.sin(10.0 * np.arctan2(f2, f1))
        return (-beyond * (beyond + depth),)


@final
@dataclass(frozen=True)
class DCF4(Planar):
    """A wavy border sweeps over the front, which it covers partly or wholly; objectives never change.

    Moves: the constraint and with it front and set.
    Source: report, DCF4; drift of the code: 3.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        return p, np.sqrt(1.0 - p**2)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        ripple = 0.3 * np.sin(4.0 * np.pi * f1) + f2
        inner = 3.0 - np.cos(np.pi * t) - np.exp(f1) - ripple
        outer = 4.1 - (1.0 + 0.3 * f1**2 + f1) - ripple
        return (inner * outer,)


@final
@dataclass(frozen=True)
class DCF5(Planar):
    """The front bends to and fro over wedges at rest, which forbid its ends when it is convex.

    Moves: the set (goal G) and the front; the constraints stay.
    Sources disagree: the text of CEC2025, where this is DC2, has f1^2 + f2^2 <= 1.4, all code 1.4^2. The
    front is the same. Values below 1e-18 are 0, as in the code.
    Source: report, DCF5; drift of the code: 2.
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
        bend = 0.2 * wave(t) * np.sin(np.pi * p)
        return p + bend, 1.0 - p + bend

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        return -(f1 + 2.0 * f2 - 1.0) * (f1 + 0.5 * f2 - 0.5), f1**2 + f2**2 - 1.4**2


@final
@dataclass(frozen=True)
class DCF6(Planar):
    """Rays reach far in some directions only, which change: the front is cut to changing pieces.

    Moves: the set (goal G), the constraint and with it the front.
    Source: report, DCF6; drift of the code: 1.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        return p, np.sqrt(1.0 - p**2)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = wave(t)
        angle = np.arctan2(f2, f1) if G >= 0.0 else np.arctan2(f1, f2)
        w = sixth(np.cos(5.0 * np.square(np.square(angle))))
        wide, high = 0.9 + (0.1 + 0.7 * abs(G)) * w, 0.9 + (0.8 - 0.7 * abs(G)) * w
        return ((f1 / wide) ** 2 + (f2 / high) ** 2 - 1.1,)


@final
@dataclass(frozen=True)
class DCF7(Planar):
    """The front moves along the diagonal out of teeth at rest: from eleven points to a whole line.

    Moves: the set (goal G) and the front (offset |G|); the constraint stays.
    Constraints within 1e-8 of 0 are 0, as in the code: without that the eleven points of t = 0
    would be infeasible by rounding.
    Source: report, DCF7; drift of the code: 2.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def bowl(self, y: Array, t: float) -> Array:
        return np.square(np.square(y) - np.cos(np.pi * y) + 1.0)

    def offset(self, t: float) -> float:
        return abs(wave(t))

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        over = np.abs(np.sin(5.0 * np.pi * (f1 - f2 + 1.0))) - (f1 + f2 - 1.0)
        return (np.where(np.abs(over) <= 1e-8, 0.0, over),)

    def knots(self, t: float) -> Array:
        return np.arange(11) / 10.0


@final
@dataclass(frozen=True)
class DCF8(Planar):
    """The front is a border of changing ripple beyond the reach of the unconstrained one.

    Moves: the set (goal G), the constraints and with them the front (W = floor(10 G) half waves).
    Sources disagree: FlexDMO has W = floor(10 |G|); we follow the competition's code.
    Source: report, DCF8; drift of the code: 2.
    """

    n_con = 2
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = wave(t)
        total = f1 + f2
        border = 1.2 + 0.03 * np.sin(np.floor(10.0 * G) * np.pi * f1)
        return border - total, -(total - 2.2 - G**2) * (total - 3.5)


@final
@dataclass(frozen=True)
class DCF9(Planar):
    """Two forbidden bands turn around a centre and sweep the front.

    Moves: the set (goal G), the constraints and with them the front.
    Deviation: the code divides each factor of a constraint by sin W + cos W, W = pi t / 2, which
    vanishes at t = 1.5; both constraints are multiplied by its square here. Feasibility and the order
    of violations are the same.
    Source: report, DCF9; drift of the code: 2.
    """

    n_con = 2
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        s, c = np.sin(0.5 * np.pi * t), np.cos(0.5 * np.pi * t)
        across = (s - c) * f1 - (s + c) * f2 - 2.2 * (1.0 - c)
        return -(across + 1.3) * (across + 1.8), -(across + 2.6) * (across + 3.1)


@final
@dataclass(frozen=True)
class DCF10(Planar):
    """Spikes of changing length reach in from a ring and cut the front to pieces, or do not.

    Moves: the set (goal G), the constraint and with it the front.
    Source: report, DCF10; drift of the code: 1.
    """

    n_con = 1
    distance = (-1.0, 1.0)

    def goal(self, p: Array, t: float) -> Array | float:
        return wave(t)

    def bowl(self, y: Array, t: float) -> Array:
        return np.square(y) - np.cos(np.pi * y) + 1.0

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        return p, np.sqrt(1.0 - p**2)

    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        G = abs(wave(t))
        spike = (1.0 - G) * np.square(sixth(np.sin(8.0 * np.arctan2(f2, f1))))
        square = f1**2 + f2**2
        return (-(square - (1.4 + 0.5 * G + spike) ** 2) * (square - (1.4 - spike) ** 2),)
