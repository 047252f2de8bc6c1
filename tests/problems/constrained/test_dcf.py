"""DCF1 to DCF10: agreement with plain loops, and fronts that are true, whole and even."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from planes import TIMES, Scalar, agrees, even, whole

from dmo.types import Array
from problems import constrained
from problems.constrained import DCF1, DCF3, DCF5, DCF7, DCF9
from problems.constrained.planar import Planar

NAMES = [f"DCF{i}" for i in range(1, 11)]
every_problem = pytest.mark.parametrize("name", NAMES)


def make(name: str, **settings: float) -> Planar:
    problem = getattr(constrained, name)(**settings)
    assert isinstance(problem, Planar)
    return problem


# --- A second implementation: the competition's formulas, point by point ---------------------------


def wave(t: float) -> float:
    return math.sin(0.5 * math.pi * t)


def squares(x: list[float], goal: float) -> float:
    return 1 + sum((xi - goal) ** 2 for xi in x)


def circle(x: list[float], goal: float) -> tuple[float, float]:
    g = squares(x[1:], goal)
    return g * x[0], g * math.sqrt(1 - x[0] ** 2)


def angle(f1: float, f2: float) -> float:
    return math.atan(f2 / f1) if f1 else math.pi / 2


def dcf1(x: list[float], t: float) -> tuple[list[float], list[float]]:
    g = squares(x[1:], 0.5)
    f1, f2 = g * x[0], g * (1 - x[0])
    return [f1, f2], [-(f1**2 + f2**2 - (0.7 + abs(wave(t))) ** 2)]


def dcf2(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = abs(wave(t))
    r = math.floor((len(x) - 1) * G)
    g = squares(x[:r] + x[r + 1 :], G)
    f1, f2 = g * x[r], g * (1 - x[r] ** 2)
    s, c = math.sin(-0.15 * math.pi), math.cos(-0.15 * math.pi)
    return [f1, f2], [c * f2 - s * f1 - (2 * math.sin(4 * math.pi * (s * f2 + c * f1))) ** 6]


def dcf3(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = wave(t)
    f1, f2 = circle(x, G)
    c11 = f1**2 + f2**2 - 2
    c12 = f1**2 + f2**2 - (2 - (0.5 - 0.4 * G) * math.sin(10 * angle(f1, f2)))
    return [f1, f2], [-c11 * c12]


def dcf4(x: list[float], t: float) -> tuple[list[float], list[float]]:
    f1, f2 = circle(x, 0.0)
    c11 = 3 - math.cos(math.pi * t) - math.exp(f1) - 0.3 * math.sin(4 * math.pi * f1) - f2
    c12 = 4.1 - (1 + 0.3 * f1**2 + f1) - 0.3 * math.sin(4 * math.pi * f1) - f2
    return [f1, f2], [c11 * c12]


def dcf5(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = wave(t)
    g = squares(x[1:], G) + sum(math.sin((xi - G) * 0.5 * math.pi) ** 2 for xi in x[1:])
    f1 = g * (x[0] + 0.2 * G * math.sin(math.pi * x[0]))
    f2 = g * (1 - x[0] + 0.2 * G * math.sin(math.pi * x[0]))
    f1, f2 = (0.0 if f < 1e-18 else f for f in (f1, f2))
    return [f1, f2], [-(f1 + 2 * f2 - 1) * (f1 + 0.5 * f2 - 0.5), f1**2 + f2**2 - 1.4**2]


def dcf6(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = wave(t)
    f1, f2 = circle(x, G)
    at = angle(f1, f2) if G >= 0 else math.pi / 2 - angle(f1, f2)
    ll = math.cos(5 * at**4) ** 6
    a, b = 0.9 + (0.1 + 0.7 * abs(G)) * ll, 0.9 + (0.8 - 0.7 * abs(G)) * ll
    return [f1, f2], [-(1.1 - (f1 / a) ** 2 - (f2 / b) ** 2)]


def dcf7(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = wave(t)
    g = 1 + sum(((xi - G) ** 2 - math.cos(math.pi * (xi - G)) + 1) ** 2 for xi in x[1:])
    f1, f2 = g * x[0] + abs(G), g * (1 - x[0]) + abs(G)
    c = -(f1 + f2 - 1 - abs(math.sin(5 * math.pi * (f1 - f2 + 1))))
    return [f1, f2], [0.0 if abs(c) <= 1e-8 else c]


def dcf8(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = wave(t)
    g = squares(x[1:], G)
    f1, f2 = g * x[0], g * (1 - x[0])
    c1 = f1 + f2 - 1.2 - 0.03 * math.sin(math.floor(10 * G) * math.pi * f1)
    return [f1, f2], [-c1, -(f1 + f2 - 2.2 - G**2) * (f1 + f2 - 3.5)]


def dcf9(x: list[float], t: float) -> tuple[list[float], list[float]]:
    W = 0.5 * math.pi * t
    g = squares(x[1:], wave(t))
    f1, f2 = g * x[0], g * (1 - x[0])
    s, c = math.sin(W), math.cos(W)
    T = [(s - c) / (s + c) * f1 - f2 + (-2.2 * (1 - c) + k) / (c + s) for k in (1.3, 1.8, 2.6, 3.1)]
    scale = (s + c) ** 2  # see the deviation in DCF9
    return [f1, f2], [-T[0] * T[1] * scale, -T[2] * T[3] * scale]


def dcf10(x: list[float], t: float) -> tuple[list[float], list[float]]:
    G = wave(t)
    g = 1 + sum((xi - G) ** 2 - math.cos(math.pi * (xi - G)) + 1 for xi in x[1:])
    f1, f2 = g * x[0], g * math.sqrt(1 - x[0] ** 2)
    s = math.sin(8 * angle(f1, f2)) ** 12
    c11 = f1**2 + f2**2 - (1.4 + 0.5 * abs(G) + (1 - abs(G)) * s) ** 2
    return [f1, f2], [-c11 * (f1**2 + f2**2 - (1.4 - (1 - abs(G)) * s) ** 2)]


THEIRS: dict[str, Scalar] = dict(
    zip(NAMES, (dcf1, dcf2, dcf3, dcf4, dcf5, dcf6, dcf7, dcf8, dcf9, dcf10), strict=True)
)


@every_problem
@pytest.mark.parametrize("dim", [3, 10])
def test_agrees_with_plain_loops(name: str, dim: int) -> None:
    agrees(make(name, dim=dim), THEIRS[name], np.random.default_rng(1), on_front=dim == 10)


@every_problem
def test_bounds(name: str) -> None:
    space = make(name).space
    assert space.lower.tolist() == [0.0] + [0.0 if name == "DCF2" else -1.0] * 9
    assert space.upper.tolist() == [1.0] * 10
    assert space.n_con == (2 if name in ("DCF5", "DCF8", "DCF9") else 1)


# --- Fronts ----------------------------------------------------------------------------------------


@every_problem
@pytest.mark.parametrize("dim", [2, 10])
def test_front_is_not_beaten_and_is_whole(name: str, dim: int) -> None:
    for t in (0.0, 0.1, 0.7, 1.0, 2.3, 2.75):
        whole(make(name, dim=dim), t, np.random.default_rng(2))


@every_problem
def test_points_lie_at_equal_steps_along_the_front(name: str) -> None:
    for t in TIMES[1:8]:
        even(make(name), t)


def radius(f: Array, t: float) -> Array:
    return np.hypot(*f.T) - 1


def total(f: Array, t: float) -> Array:
    return f.sum(axis=1) - 1


CURVES: dict[str, list[Callable[[Array, float], Array]]] = {
    "DCF1": [total, lambda f, t: np.hypot(*f.T) - 0.7 - abs(wave(t))],
    "DCF2": [lambda f, t: f[:, 1] + f[:, 0] ** 2 - 1],
    "DCF3": [radius],
    "DCF4": [
        radius,
        lambda f, t: (
            f[:, 1] - 3 + math.cos(math.pi * t) + np.exp(f[:, 0]) + 0.3 * np.sin(4 * np.pi * f[:, 0])
        ),
    ],
    "DCF5": [
        lambda f, t: total(f, t) - 0.4 * wave(t) * np.sin(np.pi * (f[:, 0] - f[:, 1] + 1) / 2),
        lambda f, t: f[:, 0] + 2 * f[:, 1] - 1,
        lambda f, t: f[:, 0] + 0.5 * f[:, 1] - 0.5,
    ],
    "DCF6": [radius],
    "DCF7": [lambda f, t: total(f, t) - 2 * abs(wave(t))],
    "DCF8": [lambda f, t: total(f, t) - 0.2 - 0.03 * np.sin(math.floor(10 * wave(t)) * np.pi * f[:, 0])],
    "DCF9": [
        total,
        *(
            lambda f, t, k=k: (
                (wave(t) - wave(t + 1)) * f[:, 0]
                - (wave(t) + wave(t + 1)) * f[:, 1]
                - 2.2 * (1 - wave(t + 1))
                + k
            )
            for k in (1.3, 1.8, 2.6, 3.1)
        ),
    ],
    "DCF10": [radius],
}


@every_problem
def test_fronts_lie_on_the_unconstrained_front_or_a_border(name: str) -> None:
    for t in TIMES:
        off = [np.abs(curve(make(name).front(t, 200), t)) for curve in CURVES[name]]
        assert np.min(off, axis=0).max() < 1e-9, t


# --- Single problems --------------------------------------------------------------------------------


def test_dcf1_changes_are_seen_in_the_constraint_alone() -> None:
    problem = DCF1()
    x = problem.space.sample(1000, np.random.default_rng(3))
    first, second = problem.evaluate(x, 0.0), problem.evaluate(x, 0.1)
    assert np.abs(second.f - first.f).max() == 0.0
    assert np.abs(second.g - first.g).max() == pytest.approx(0.2435, abs=5e-4)  # (0.7 + 0.1564)^2 - 0.7^2


def test_dcf3_front_never_changes() -> None:
    for t in TIMES:
        np.testing.assert_allclose(DCF3().front(t, 50), DCF3().front(0.0, 50), atol=1e-12)


def test_dcf5_ends_are_forbidden_only_when_the_front_is_convex() -> None:
    assert len(DCF5().front(0.7, 100)) == 100
    ends = DCF5().front(3.0, 100)
    on_wedges = np.isclose(ends @ [1, 2], 1) | np.isclose(ends @ [1, 0.5], 0.5)
    assert 0 < np.count_nonzero(on_wedges) < len(ends)


def test_dcf7_front_is_eleven_points_at_time_zero() -> None:
    front = DCF7().front(0.0, 100)
    np.testing.assert_allclose(np.sort(front[:, 0]), np.arange(11) / 10, atol=1e-8)


def test_dcf9_is_finite_where_the_code_divides_by_zero() -> None:
    x = DCF9().space.sample(100, np.random.default_rng(4))
    assert np.isfinite(DCF9().evaluate(x, 1.5).g).all()
    assert np.abs(DCF9().evaluate(x, 1.5).g - DCF9().evaluate(x, 1.5 + 1e-9).g).max() < 1e-6


@every_problem
def test_drift_moves_objectives_only(name: str) -> None:
    rest, moving = make(name), make(name, drift=2.0)
    x = rest.space.sample(50, np.random.default_rng(5))
    np.testing.assert_array_equal(moving.evaluate(x, 1.3).f, rest.evaluate(x, 1.3).f + 2.6)
    np.testing.assert_array_equal(moving.evaluate(x, 1.3).g, rest.evaluate(x, 1.3).g)
    np.testing.assert_allclose(moving.front(1.3, 50), rest.front(1.3, 50) + 2.6, atol=1e-12)
