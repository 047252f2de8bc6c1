"""JY1 to JY10: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed
from scipy.spatial import cKDTree

from dmo.errors import ArgumentError
from dmo.types import Array
from problems import synthetic
from problems.analytic import Analytic
from problems.synthetic import JY3, JY4, JY9, JY10

NAMES = [f"JY{i}" for i in range(1, 11)]

every_problem = pytest.mark.parametrize("name", NAMES)
every_time = pytest.mark.parametrize("t", TIMES, ids="t={:.3g}".format)


def make(name: str, dim: int = 10) -> Analytic:
    problem = getattr(synthetic, name)(dim)
    assert isinstance(problem, Analytic)
    return problem


# --- A second implementation, in plain loops ------------------------------------------------------


def types(problem: Analytic, t: float) -> int:
    """sigma, where the problem has one."""
    if isinstance(problem, JY9):
        return math.floor(math.floor(10 * t + 1e-9) / 5) % 3
    return problem.type(t) if isinstance(problem, JY10) else 0


def shape(name: str, t: float, sigma: int) -> tuple[float, float, float, float]:
    """A, W, alpha, beta."""
    G = math.sin(math.pi * t / 2)
    moved = math.sin(math.pi * (t - 1) / 2)
    b = 10 - 9.8 * abs(G)
    a7, a10 = 0.2 + 2.8 * abs(G), 1 + sigma * abs(G)
    return {
        "JY1": (0.05, 6, 1, 1),
        "JY2": (0.05, math.floor(6 * moved), 1, 1),
        "JY3": (0.05, math.floor(6 * moved), 1, 1),
        "JY4": (0.05, 10 ** (1 + abs(G)), 1, 1),
        "JY5": (0.3 * moved, 1, 1, 1),
        "JY6": (0.1, 3, 1, 1),
        "JY7": (0.1, 3, a7, a7),
        "JY8": (0.05, 6, 2 / b, b),
        "JY9": (0.05, math.floor(6 * moved**sigma), 1, 1),
        "JY10": (0.05, 6, a10, a10),
    }[name]


def distance(name: str, x: list[float], t: float, sigma: int) -> float:
    G = math.sin(math.pi * t / 2)
    g = 0.0
    for i in range(1, len(x)):
        y = x[i] - G
        if name in ("JY1", "JY2", "JY4"):
            g += y**2
        elif name == "JY3":
            g += (x[i] ** 2 - (place(x[0], t) if i == 1 else x[i - 1])) ** 2
        elif name in ("JY5", "JY8"):
            g += x[i] ** 2
        elif name == "JY6":
            g += 4 * y**2 - math.cos(2 * math.floor(10 * abs(G)) * math.pi * y) + 1
        elif name == "JY7":
            g += y**2 - 10 * math.cos(2 * math.pi * y) + 10
        else:
            g += (x[i] + sigma - abs(G)) ** 2
    return g


def place(x1: float, t: float) -> float:
    a = math.floor(100 * math.sin(math.pi * t / 2) ** 2)
    return abs(x1 * math.sin((2 * a + 0.5) * math.pi * x1))


def jy(name: str, x: list[float], t: float, sigma: int) -> list[float]:
    A, W, alpha, beta = shape(name, t, sigma)
    g = distance(name, x, t, sigma)
    u = place(x[0], t) if name == "JY3" else x[0]
    ripple = A * math.sin(W * math.pi * u)
    first, second = u + ripple, 1 - u + ripple
    if name != "JY4":
        first, second = max(first, 0), max(second, 0)
    return [(1 + g) * first**alpha, (1 + g) * second**beta]


@every_problem
@pytest.mark.parametrize("dim", [3, 10])
def test_agrees_with_plain_loops(name: str, dim: int) -> None:
    problem = make(name, dim)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *np.arange(31) / 10):
        x = problem.space.sample(20, rng)
        x[0, 0], x[1, 0] = 0.0, 1.0
        theirs = [jy(name, row, float(t), types(problem, float(t))) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, theirs, rtol=1e-12, atol=1e-12)


def best(problem: Analytic, p: Array, t: float) -> Array:
    """Points of least distance with position variables p."""
    name, G = type(problem).__name__, math.sin(math.pi * t / 2)
    x = np.empty((len(p), problem.dim))
    x[:, :1] = p
    if name == "JY3":
        for row in x:
            before = place(row[0], t)
            for i in range(1, problem.dim):
                row[i] = before = math.sqrt(before)
        return x
    goals = {"JY5": 0.0, "JY8": 0.0}
    if isinstance(problem, JY9 | JY10):
        goals[name] = max(-1.0, abs(G) - types(problem, t))
    x[:, 1:] = goals.get(name, G)
    return x


# --- Fronts --------------------------------------------------------------------------------------


@every_problem
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, t: float) -> None:
    problem = make(name)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(problem, p, t))
    f = problem.evaluate(x, t).f
    front = problem.front(t, 1500 if name != "JY4" else 30_000)
    assert beaten(front, f) == 0
    # gaps are wider in JY4, which goes on 30 times as far as the curve, and in the tails of JY8
    gap = {"JY4": 0.03, "JY8": 0.015}.get(name, 0.002 * np.ptp(front))
    assert missed(front, f, gap) == 0


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("JY3", "JY4")])
def test_points_lie_at_equal_steps_of_the_position_as_in_published_fronts(name: str) -> None:
    for t in TIMES:
        steps = np.diff(np.sort(make(name).set(t, 101)[:, 0]))
        np.testing.assert_allclose(steps, steps[0], rtol=1e-9, err_msg=f"t = {t}")


@every_problem
def test_front_has_about_n_points(name: str) -> None:
    for t in TIMES:
        assert 150 <= len(make(name).front(t, 300)) <= 300, t


# --- Single problems ------------------------------------------------------------------------------


def test_jy3_passes_every_place_of_the_front_at_equal_steps() -> None:
    for t in TIMES:
        problem = JY3()
        x = problem.set(t, 101)
        places = np.sort([place(x1, t) for x1 in x[:, 0]])
        np.testing.assert_allclose(places, np.linspace(0.0, 1.0, 101), rtol=0, atol=1e-9)
        x[:, -1] *= -1.0  # x_n^2 alone counts
        np.testing.assert_allclose(problem.evaluate(x, t).f, problem.front(t, 101), rtol=0, atol=1e-12)


def test_jy4_exact_front_is_the_published_one_and_goes_on_where_an_objective_is_negative() -> None:
    for t in TIMES:
        published, exact = JY4(variant="published"), JY4()
        shown = published.front(t, 3000)
        on_curve = exact.front(t, 30_000)
        inside = (shown > 0.0).all(axis=1)
        assert cKDTree(on_curve).query(shown[inside])[0].max() < 0.002
        assert beaten(shown, exact.evaluate(exact.space.sample(20_000, np.random.default_rng(2)), t).f) == 0
        if (shown < -1e-3).any():
            assert np.abs(on_curve).max() > 5.0
            assert published.evaluate(published.set(t, 100), t).f.max() < 1.1
        else:
            assert on_curve.max() < 1.1
    with pytest.raises(ArgumentError, match="variant: expected 'exact' or 'published', got 'paper'"):
        JY4(variant="paper")


def test_jy4_point_of_large_distance_is_not_dominated() -> None:
    problem, t = JY4(), 1.0  # 100 half waves: f1 < 0 at 1.5 of them
    far = problem.evaluate(np.array([[0.015, *[-1.0] * 9]]), t).f
    assert far[0, 0] < -1.2
    assert problem.evaluate(np.array([[0.015, *[1.0] * 9]]), t).f[0, 0] > -0.036
    assert beaten(far, problem.front(t, 2000)) == 0
    assert missed(problem.front(t, 2000), far, 0.1) == 0


def test_jy9_types_follow_each_other_and_the_third_rests_at_the_bound() -> None:
    kinds = [JY9().type(k / 10) for k in range(16)]
    assert kinds == [0] * 5 + [1] * 5 + [2] * 5 + [0]
    assert [JY9(severity=5.0, period=2).type(k / 5) for k in range(6)] == [0, 0, 1, 1, 2, 2]
    problem = JY9()
    assert (problem.set(1.2, 50)[:, 1:] == -1.0).all()
    scale = 1 + 9 * (1 - abs(math.sin(0.6 * math.pi))) ** 2
    np.testing.assert_allclose(problem.front(1.2, 50).sum(axis=1).mean(), scale, rtol=0.05)


def test_jy10_types_are_a_sequence_of_the_seed_alone() -> None:
    def kinds(seed: int) -> list[int]:
        return [JY10(seed=seed).type(k / 10) for k in range(300)]

    assert kinds(0) == kinds(0)
    assert kinds(0) != kinds(1)
    periods = np.array(kinds(0)).reshape(-1, 5)
    assert (periods == periods[:, :1]).all()
    assert np.bincount(periods[:, 0], minlength=3).min() >= 10


@pytest.mark.parametrize("problem", [JY9, JY10])
def test_settings_of_mixed_problems_are_checked(problem: type[JY9] | type[JY10]) -> None:
    with pytest.raises(ArgumentError, match="severity"):
        problem(severity=0.0)
    with pytest.raises(ArgumentError, match="period: expected a whole number >= 1"):
        problem(period=0)
    with pytest.raises(ArgumentError, match="seed: expected a whole number >= 0"):
        JY10(seed=-1)
