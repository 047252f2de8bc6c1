"""F5 to F10: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed

from dmo.errors import ArgumentError
from dmo.types import Array
from problems import synthetic
from problems.analytic import Analytic
from problems.synthetic import F9, F10

NAMES = ["F5", "F6", "F7", "F8", "F9", "F10"]
CURVES = [name for name in NAMES if name != "F8"]

every_problem = pytest.mark.parametrize("name", NAMES)
every_time = pytest.mark.parametrize("t", TIMES, ids="t={:.3g}".format)


def make(name: str, dim: int = 20) -> Analytic:
    problem = getattr(synthetic, name)(dim)
    assert isinstance(problem, Analytic)
    return problem


# --- A second implementation, in plain loops -----------------------------------------------------


def corner(name: str, t: float) -> tuple[float, float]:
    pi, sin, cos = math.pi, math.sin, math.cos
    if name == "F6":
        return (
            2 * cos(1.5 * pi * t) * sin(0.5 * pi * t) + 2,
            2 * cos(1.5 * pi * t) * cos(0.5 * pi * t) + 2,
        )
    if name == "F7":
        return (
            1.7 * (1 - sin(pi * t)) * sin(pi * t) + 3.4,
            1.4 * (1 - sin(pi * t)) * cos(pi * t) + 2.1,
        )
    if name == "F9":
        t -= math.floor(t)
    return 2 * cos(pi * t) + 2, 2 * sin(2 * pi * t) + 2


def power(t: float) -> float:
    return 1.25 + 0.75 * math.sin(math.pi * t)


def goals(name: str, x1: float, n: int, t: float) -> list[float]:
    """Where x2 to xn are best."""
    a, b = corner(name, t)
    if name == "F10" and math.floor(10 * t + 1e-9) % 2:
        return [b + abs(x1 - a) ** (power(t) + i / n) for i in range(2, n + 1)]
    return [b + 1 - abs(x1 - a) ** (power(t) + i / n) for i in range(2, n + 1)]


def plain(name: str, x: list[float], t: float) -> list[float]:
    if name == "F8":
        g = 0.0
        for xi in x[2:]:
            g += (xi - ((x[0] + x[1]) / 2) ** power(t) - math.sin(math.pi * t / 2)) ** 2
        u, v = x[0] * math.pi / 2, x[1] * math.pi / 2
        return [
            (1 + g) * math.cos(v) * math.cos(u),
            (1 + g) * math.cos(v) * math.sin(u),
            (1 + g) * math.sin(v),
        ]
    a, _ = corner(name, t)
    odd = even = 0.0
    for i, (xi, goal) in enumerate(zip(x[1:], goals(name, x[0], len(x), t), strict=True), start=2):
        if i % 2:
            odd += (xi - goal) ** 2
        else:
            even += (xi - goal) ** 2
    return [abs(x[0] - a) ** power(t) + odd, abs(x[0] - a - 1) ** power(t) + even]


@every_problem
@pytest.mark.parametrize("dim", [3, 20])
def test_agrees_with_plain_loops(name: str, dim: int) -> None:
    problem = make(name, dim)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *np.arange(31) / 10):
        x = problem.space.sample(20, rng)
        x[0, 0], x[1, 0] = problem.space.lower[0], problem.space.upper[0]
        theirs = [plain(name, row, float(t)) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, theirs, rtol=1e-10, atol=1e-10)


# --- Fronts --------------------------------------------------------------------------------------


def best(name: str, p: Array, t: float, dim: int) -> Array:
    """Points of least distance with position variables p; outside the space in places."""
    if name == "F8":
        goal = ((p[:, 0] + p[:, 1]) / 2) ** power(t) + math.sin(math.pi * t / 2)
        return np.column_stack([p, np.repeat(goal[:, None], dim - 2, axis=1)])
    return np.array([[x1, *goals(name, x1, dim, t)] for x1 in p[:, 0].tolist()])


@every_problem
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, t: float) -> None:
    problem = make(name)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(name, p, t, problem.dim))
    f = problem.evaluate(x, t).f
    front = problem.front(t, 1500 if name != "F8" else 6000)
    equation = front ** (1 / power(t)) if name != "F8" else front**2
    np.testing.assert_allclose(equation.sum(axis=1), 1.0, rtol=0, atol=1e-9)
    assert beaten(front, f) == 0
    assert missed(front, f, 0.002 if name != "F8" else 0.03) == 0


@pytest.mark.parametrize("name", CURVES)
def test_curves_stay_in_the_space_and_pass_their_corner(name: str) -> None:
    for t in np.arange(0.0, 4.0, 0.01):
        problem = make(name)
        a, b = corner(name, float(t))
        x = problem.set(float(t), 11)
        assert problem.space.contains(x).all(), t
        ends = goals(name, a, 20, float(t)), goals(name, a + 1, 20, float(t))
        assert sorted([ends[0][0] - b, ends[1][0] - b]) == pytest.approx([0, 1], abs=1e-9)
        np.testing.assert_allclose(x[0], [a, *ends[0]], rtol=0, atol=1e-9)
        np.testing.assert_allclose(x[-1], [a + 1, *ends[1]], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", CURVES)
def test_the_authors_program_moves_the_corner_at_half_the_pace_and_counts_distances_half(name: str) -> None:
    problem, printed = getattr(synthetic, name)(variant="program"), make(name)
    for t in (0.3, 0.7, 1.3):
        ends = problem.set(t, 11)[[0, -1]]
        a, b = corner(name, t / 2)
        assert ends[:, 0] == pytest.approx([a, a + 1], abs=1e-9)
        assert sorted(ends[:, 1] - b) == pytest.approx([0, 1], abs=1e-9)
        np.testing.assert_allclose(problem.front(t, 11), printed.front(t, 11), rtol=0, atol=1e-9)
        x = candidates(problem, t, np.random.default_rng(4), lambda p, t=t: problem._optimal(p, t))
        assert beaten(problem.front(t, 1500), problem.evaluate(x, t).f) == 0
    # At t = 0 both corners are where they start: what lies off the set lies off it by the same.
    x = problem.space.sample(50, np.random.default_rng(1))
    on = np.stack([np.abs(x[:, 0] - corner(name, 0.0)[0] - k) ** power(0.0) for k in (0, 1)], axis=1)
    np.testing.assert_allclose(2 * (problem.evaluate(x, 0.0).f - on), printed.evaluate(x, 0.0).f - on)
    with pytest.raises(ArgumentError):
        getattr(synthetic, name)(variant="paper")


def test_f9_jumps_once_in_each_unit_of_time() -> None:
    before, after = (F9().set(t, 2)[0] for t in (1.9, 2.0))
    assert np.abs(after - before).max() > 2.0
    np.testing.assert_array_equal(F9().set(0.3, 9), synthetic.F5().set(0.3, 9))


def test_f10_bends_the_other_way_in_every_second_environment() -> None:
    for k in range(30):
        slope = np.diff(F10().set(k / 10, 2)[:, 1])[0]
        assert np.sign(slope) == (1 if k % 2 else -1)
        assert np.sign(np.diff(F10(severity=5.0).set(k / 5, 2)[:, 1])[0]) == np.sign(slope)
    with pytest.raises(ArgumentError, match="severity: expected a finite number"):
        F10(severity=0.0)
