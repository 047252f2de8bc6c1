"""DCTP1 to DCTP8: agreement with plain loops, and fronts that are true, whole and even."""

from __future__ import annotations

import math

import numpy as np
import pytest
from planes import TIMES, agrees, even, whole

from problems import constrained
from problems.constrained import DCTP1
from problems.constrained.planar import Planar

NAMES = [f"DCTP{i}" for i in range(1, 9)]
every_problem = pytest.mark.parametrize("name", NAMES)

# a, b, c, d, e, theta of the paper's table 1
TABLE = {
    "DCTP2": [(0.2, 10, 1, 6, 1, -0.2)],
    "DCTP3": [(0.1, 10, 1, 0.5, 1, -0.2)],
    "DCTP4": [(0.75, 10, 1, 0.5, 1, -0.2)],
    "DCTP5": [(0.1, 10, 2, 0.5, 1, -0.2)],
    "DCTP6": [(40, 0.5, 1, 2, -2, 0.1)],
    "DCTP7": [(40, 5, 1, 6, 0, -0.05)],
    "DCTP8": [(40, 0.5, 1, 2, -2, 0.1), (40, 2, 1, 6, 0, -0.05)],
}


def make(name: str, dim: int = 30) -> Planar:
    problem = getattr(constrained, name)(dim)
    assert isinstance(problem, Planar)
    return problem


def theirs(name: str, x: list[float], tau: float) -> tuple[list[float], list[float]]:
    """The formulas of the paper in its own time, with constraints of the opposite sign."""
    goal = math.sin(0.01 * math.pi * tau)
    g = 1 + sum((xi - goal) ** 2 for xi in x[1:])
    f1 = x[0]
    if name == "DCTP1":
        f2 = tau * g * math.exp(-f1 / g)
        lower = 0.858 * math.exp(-0.541 * f1), 0.728 * math.exp(-0.295 * f1)
        return [f1, f2], [-(f2 / tau - border) for border in lower]
    f2 = tau * g * (1 - math.sqrt(f1 / g))
    c = []
    for a, b, power, d, e, theta in TABLE[name]:
        s, cos = math.sin(theta * math.pi), math.cos(theta * math.pi)
        left = cos * (f2 / tau - e) - s * f1
        inner = (s * (f2 / tau - e) + cos * f1) ** power
        c.append(-(left - a * abs(math.sin(b * math.pi * inner)) ** d))
    return [f1, f2], c


@every_problem
def test_agrees_with_plain_loops(name: str) -> None:
    # at the tip of a spike the constraint is the root of rounding errors
    tips = name in ("DCTP3", "DCTP4", "DCTP5")
    agrees(make(name), lambda x, t: theirs(name, x, t + 1), np.random.default_rng(1), on_front=not tips)


@every_problem
def test_bounds(name: str) -> None:
    space = make(name).space
    assert space.dim == 30
    assert not space.lower.any()
    assert (space.upper == 1.0).all()
    assert space.n_con == (2 if name in ("DCTP1", "DCTP8") else 1)


@every_problem
@pytest.mark.parametrize("dim", [5, 30])
def test_front_is_not_beaten_and_is_whole(name: str, dim: int) -> None:
    for t in (0.0, 0.4, 1.0, 2.3, 3.0):
        whole(make(name, dim), t, np.random.default_rng(2))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("DCTP3", "DCTP4", "DCTP5")])
def test_points_lie_at_equal_steps_along_the_front(name: str) -> None:
    for t in TIMES[:8]:
        even(make(name), t)


# --- Fronts as the constraints say they are ----------------------------------------------------------


def test_dctp1_front_is_the_highest_of_three_curves() -> None:
    for t in TIMES:
        f1, f2 = DCTP1().front(t, 200).T
        borders = [np.exp(-f1), 0.858 * np.exp(-0.541 * f1), 0.728 * np.exp(-0.295 * f1)]
        np.testing.assert_allclose(f2, (t + 1) * np.max(borders, axis=0), atol=1e-9)


@pytest.mark.parametrize("name", ["DCTP3", "DCTP4"])
def test_front_is_the_tips_of_the_spikes(name: str) -> None:
    u = np.arange(13) / 10
    s, cos = math.sin(-0.2 * math.pi), math.cos(-0.2 * math.pi)
    for t in TIMES:
        f = make(name).front(t, 200)
        np.testing.assert_allclose(
            f[np.argsort(f[:, 0])], np.column_stack([cos * u, (t + 1) * (1 + s * u)]), atol=2e-6
        )


def test_dctp5_front_is_an_arc_and_fifteen_tips() -> None:
    u = np.sqrt(np.arange(1, 16) / 10)
    s, cos = math.sin(-0.2 * math.pi), math.cos(-0.2 * math.pi)
    front = make("DCTP5").front(0.0, 200)
    front = front[np.argsort(front[:, 0])]
    np.testing.assert_allclose(front[-15:], np.column_stack([cos * u, 1 + s * u]), atol=1e-6)
    arc = np.hypot(*np.diff(front[:-15], axis=0).T)
    assert arc.max() < 0.01
    (limit,) = make("DCTP5").limits(front[:-15, 0], front[:-15, 1], 0.0)
    assert np.abs(limit).max() < 1e-9


@pytest.mark.parametrize("name", ["DCTP2", "DCTP6", "DCTP7", "DCTP8"])
def test_fronts_lie_on_the_unconstrained_front_or_a_border(name: str) -> None:
    for t in TIMES:
        f1, f2 = make(name).front(t, 200).T
        off = [f2 - (t + 1) * (1 - np.sqrt(f1)), *make(name).limits(f1, f2, t)]
        assert np.abs(off).min(axis=0).max() < 1e-8, t
