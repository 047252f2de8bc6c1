"""DCP1 to DCP9: agreement with plain loops, and fronts that are true, whole and even."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from planes import TIMES, Scalar, agrees, even, whole

from dmo.errors import ArgumentError
from dmo.types import Array
from problems import constrained
from problems.constrained import DCP1, DCP5, DCP7, DCP9
from problems.constrained.planar import Planar

NAMES = [f"DCP{i}" for i in range(1, 10)]
every_problem = pytest.mark.parametrize("name", NAMES)


def make(name: str, dim: int = 10) -> Planar:
    problem = getattr(constrained, name)(dim)
    assert isinstance(problem, Planar)
    return problem


# --- A second implementation: the authors' formulas, point by point ---------------------------------

Values = tuple[list[float], list[float]]


def wave(t: float) -> float:
    return math.sin(0.5 * math.pi * t)


def angle(f1: float, f2: float) -> float:
    return math.atan(f2 / f1) if f1 else math.pi / 2


def dcp1(x: list[float], t: float) -> Values:
    G = abs(wave(t))
    g = 1 + sum((xi - G) ** 2 for xi in x[1:])
    f1, f2 = g * x[0] + G, g * (1 - x[0]) + G
    s, c = math.sin(-0.15 * math.pi), math.cos(-0.15 * math.pi)
    return [f1, f2], [-(c * f2 - s * f1 - (2 * math.sin(5 * math.pi * (s * f2 + c * f1))) ** 6)]


def dcp2(x: list[float], t: float) -> Values:
    G = wave(t)
    g = 1 + sum((xi - G) ** 2 + math.sin((xi - G) * 0.5 * math.pi) ** 2 for xi in x[1:])
    f1 = g * (x[0] + 0.25 * G * math.sin(math.pi * x[0]))
    f2 = g * (1 - x[0] + 0.25 * G * math.sin(math.pi * x[0]))
    f1, f2 = (0.0 if f < 1e-18 else f for f in (f1, f2))
    c1 = (4 * f1 + f2 - 1) * (0.3 * f1 + f2 - 0.3)
    c2 = (f1 + f2 - 1.3) * (1.85 - f2 - f1 - (0.3 * math.sin(3 * math.pi * (f2 - f1))) ** 2)
    return [f1, f2], [-c1, c2]


def dcp3(x: list[float], t: float) -> Values:
    G = abs(wave(t))
    g = 1 + sum(math.sqrt(abs(xi - G)) for xi in x[1:])
    f1, f2 = g * x[0] + G**2, g * (1 - x[0]) + G**2
    c1 = ((f1 - 1) ** 2 + (f2 - 0.2) ** 2 - 0.3**2) * ((f2 - 1) ** 2 + (f1 - 0.2) ** 2 - 0.3**2)
    c2 = f1**2 + f2**2 - 4**2
    c3 = f1**2 + f2**2 - (3.1 + 0.2 * math.sin(4 * angle(f1, f2)) ** 2) ** 2
    return [f1, f2], [-c1, c2, -c3 * (f1**2 + f2**2 - 2.3**2)]


def dcp4(x: list[float], t: float) -> Values:
    G = 2 * math.floor(10 * abs((t + 1) % 2 - 1) + 1e-4)
    g = 1 + sum(((xi - 0.5) ** 2 - math.cos(math.pi * (xi - 0.5)) + 1) ** 2 for xi in x[1:])
    f1 = g * (x[0] + 0.25 * math.sin(math.pi * x[0]))
    f2 = g * (1 - x[0] + 0.25 * math.sin(math.pi * x[0]))
    c11 = f1**2 + f2**2 - (1.5 + 0.4 * math.sin(4 * angle(f1, f2)) ** 16) ** 2
    c12 = f1**2 + f2**2 - (1.3 - 0.45 * math.sin(G * angle(f1, f2)) ** 2) ** 2
    return [f1, f2], [-c11 * c12]


def dcp5_limits(f1: float, f2: float, t: float) -> list[float]:
    G = 0.5 * abs(wave(t))
    c1 = ((0.2 + G) * f1**2 + f2 - 2) * (0.7 * f1**2 + f2 - 2.5)
    return [-c1, -(f1**2 + f2**2 - (0.6 + G) ** 2)]


def dcp5(x: list[float], t: float) -> Values:
    g = 1 + sum(abs(xi - 0.5 * math.sin(2 * math.pi * x[0])) for xi in x[1:])
    f1, f2 = g * x[0], g * (1 - x[0])
    return [f1, f2], dcp5_limits(f1, f2, t)


def dc8(x: list[float], t: float) -> Values:
    g = 1 + sum(((xi - 0.5) ** 2 - math.cos(math.pi * (xi - 0.5)) + 1) ** 2 for xi in x[1:])
    f1, f2 = g * x[0], g * (1 - x[0])
    return [f1, f2], dcp5_limits(f1, f2, t)


def dcp6(x: list[float], t: float) -> Values:
    G = abs(wave(t)) ** 0.5
    g = 1 + 6 * sum(xi**2 for xi in x[1:])
    f1, f2 = g * x[0], g * (1 - x[0])
    c1 = f1 + f2 - (4.5 + 0.08 * math.sin(2 * math.pi * (f2 - f1 / 1.6)))
    wavy = 0.08 * math.sin(2 * math.pi * (f2 - f1 / 1.5))
    c2 = (f1 + f2 - (2 - wavy)) * (f1 + f2 - (3.2 - G - wavy))
    s, c = math.sin(-0.25 * math.pi), math.cos(-0.25 * math.pi)
    c3 = (f1 * c - f2 * s) ** 2 / 1.1**2 + (f1 * s + f2 * c) ** 2 / (0.1 + G) ** 2 - (0.1 + G) ** 2
    return [f1, f2], [c1, -c2, -c3]


def dcp7(x: list[float], t: float) -> Values:
    G = wave(t)
    g = 1 + sum((xi - G) ** 2 for xi in x[1:])
    A = 0.02 * math.sin((10 - abs(math.floor(10 * G))) * math.pi * x[0])
    f1, f2 = g * (x[0] + A), g * (1 - x[0] + A)
    return [f1, f2], [-(f1 + f2 - math.sin(5 * math.pi * (f1 - f2 + 1)) ** 2 - G)]


def dcp8(x: list[float], t: float) -> Values:
    G = wave(t)
    g = 1 + sum((abs(G) * (xi - G) ** 2 - math.cos(math.pi * (xi - G)) + 1) ** 2 for xi in x[1:])
    f1, f2 = g * x[0], g * (1 - x[0])
    wavy = 0.08 * math.sin(2 * math.pi * (f2 - f1))
    c11, c12 = f1**1.5 + f2**1.5 - 1.2**1.5, f1**0.5 + f2**0.5 - (0.95 + 0.5 * abs(G))
    c21 = 0.8 * f1 + f2 - (2.5 + wavy)
    c22 = (0.93 + abs(G) / 3) * f1 + f2 - (2.7 + abs(G) / 2 + wavy)
    return [f1, f2], [-c11 * c12, -c21 * c22]


def dcp9(x: list[float], t: float) -> Values:
    G = abs(wave(t))
    r = math.floor((len(x) - 1) * G)
    g = 1 + 10 * sum((xi - G) ** 2 for i, xi in enumerate(x) if i != r)
    f1, f2 = g * x[r], g * (1 - x[r])
    h, w = 0.75 + 1.25 * G, math.cos(6 * angle(f1, f2) ** 3) ** 10
    c1 = (f1**2 + f2**2 - (0.2 + G) ** 2) * (f1**h + f2**h - 4**h)
    c22 = 2.1 - (f1 / (1 + 0.15 * w)) ** 2 - (f2 / (1 + 0.75 * w)) ** 2
    return [f1, f2], [c1, (f1**2 + f2**2 - 1.6**2) * c22]


THEIRS: dict[str, Scalar] = dict(
    zip(NAMES, (dcp1, dcp2, dcp3, dcp4, dcp5, dcp6, dcp7, dcp8, dcp9), strict=True)
)


@every_problem
@pytest.mark.parametrize("dim", [3, 10])
def test_agrees_with_plain_loops(name: str, dim: int) -> None:
    agrees(make(name, dim), THEIRS[name], np.random.default_rng(1), on_front=dim == 10)


def test_dcp5_variant_agrees_with_plain_loops() -> None:
    agrees(DCP5(variant="cec2025"), dc8, np.random.default_rng(1))
    for t in TIMES:
        np.testing.assert_allclose(DCP5(variant="cec2025").front(t, 60), DCP5().front(t, 60), atol=1e-9)
    with pytest.raises(ArgumentError, match="'paper' or 'cec2025'"):
        DCP5(variant="other")


@every_problem
def test_bounds(name: str) -> None:
    space = make(name).space
    unit = name in ("DCP1", "DCP3", "DCP4", "DCP9")
    assert space.lower.tolist() == [0.0] + [0.0 if unit else -1.0] * 9
    assert space.upper.tolist() == [1.0] * 10
    assert space.n_con == dict(zip(NAMES, (1, 2, 3, 1, 2, 3, 1, 2, 2), strict=True))[name]


# --- Fronts ----------------------------------------------------------------------------------------


@every_problem
@pytest.mark.parametrize("dim", [2, 10])
def test_front_is_not_beaten_and_is_whole(name: str, dim: int) -> None:
    for t in (0.0, 0.1, 0.7, 0.9, 1.0, 2.3, 2.75):
        whole(make(name, dim), t, np.random.default_rng(2))


@every_problem
def test_points_lie_at_equal_steps_along_the_front(name: str) -> None:
    for t in TIMES[:8]:
        even(make(name), t)


def line(f: Array, t: float) -> Array:
    return f.sum(axis=1) - 1


def circle(radius: Callable[[float], float]) -> Callable[[Array, float], Array]:
    return lambda f, t: np.hypot(*f.T) - radius(t)


def bent(size: Callable[[float], float], waves: Callable[[float], float]) -> Callable[[Array, float], Array]:
    """0 on the curve (u + r, 1 - u + r), r = size sin(waves pi u)."""
    return lambda f, t: line(f, t) - 2 * size(t) * np.sin(waves(t) * np.pi * (f[:, 0] - f[:, 1] + 1) / 2)


def limit(name: str, column: int) -> Callable[[Array, float], Array]:
    """0 on the border of a constraint, which is a function of the objectives and agrees with the loops."""
    return lambda f, t: np.asarray(make(name).limits(f[:, 0], f[:, 1], t)[column])


CURVES: dict[str, list[Callable[[Array, float], Array]]] = {
    "DCP1": [lambda f, t: line(f, t) - 2 * abs(wave(t)), limit("DCP1", 0)],
    "DCP2": [bent(lambda t: 0.25 * wave(t), lambda t: 1), limit("DCP2", 0), limit("DCP2", 1)],
    "DCP3": [lambda f, t: line(f, t) - 2 * wave(t) ** 2, limit("DCP3", 0)],
    "DCP4": [bent(lambda t: 0.25, lambda t: 1)],
    "DCP5": [line, circle(lambda t: 0.6 + 0.5 * abs(wave(t)))],
    "DCP6": [line, limit("DCP6", 2)],
    "DCP7": [bent(lambda t: 0.02, lambda t: 10 - abs(math.floor(10 * wave(t)))), limit("DCP7", 0)],
    "DCP8": [line, lambda f, t: (f**1.5).sum(axis=1) - 1.2**1.5],
    "DCP9": [line, circle(lambda t: 0.2 + abs(wave(t)))],
}


@every_problem
def test_fronts_lie_on_the_unconstrained_front_or_a_border(name: str) -> None:
    for t in TIMES:
        off = [np.abs(curve(make(name).front(t, 200), t)) for curve in CURVES[name]]
        assert np.min(off, axis=0).max() < 1e-8, t


# --- Single problems --------------------------------------------------------------------------------


def test_dcp1_front_goes_on_upwards_where_its_end_is_forbidden() -> None:
    front = DCP1().front(0.0, 200)
    assert front[:, 0].min() == 0.0
    assert front[front[:, 0] == 0.0, 1].min() > 1.2


def test_dcp7_front_shrinks_to_eleven_arcs() -> None:
    front = DCP7().front(1.0, 200)
    nearest = np.round(front[:, 0] * 10) / 10
    assert len(np.unique(nearest)) == 11
    assert np.abs(front[:, 0] - nearest).max() < 0.01


def test_dcp9_position_variable_changes() -> None:
    spread = [np.ptp(DCP9().set(t, 30), axis=0) for t in (0.0, 0.1, 1.0)]
    assert [np.flatnonzero(s > 1e-9).tolist()[:1] for s in spread[:2]] == [[0], [1]]
    assert spread[2][9] == 1.0
