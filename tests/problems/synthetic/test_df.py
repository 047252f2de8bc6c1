"""DF1 to DF14: agreement with second implementations, and the laws of a true front."""

from __future__ import annotations

import math
from collections.abc import Callable

import moocore
import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed
from pymoo.problems.dynamic import df as pymoo_df
from scipy.spatial import cKDTree

from dmo.errors import ArgumentError
from dmo.problem import HasSet
from dmo.types import Array
from problems import synthetic
from problems.analytic import Analytic
from problems.synthetic import DF2, DF4, DF6, DF9, DF12, DF13, DF14, holes

NAMES = [f"DF{i}" for i in range(1, 15)]
TWO, THREE = NAMES[:9], NAMES[9:]
every_problem = pytest.mark.parametrize("name", NAMES)
every_time = pytest.mark.parametrize("t", TIMES, ids="t={:.3g}".format)


def make(name: str, dim: int = 10) -> Analytic:
    problem = getattr(synthetic, name)(dim)
    assert isinstance(problem, Analytic)
    return problem


def by_pymoo(name: str, x: Array, t: float) -> Array:
    out: dict[str, Array] = {}
    getattr(pymoo_df, name)(n_var=x.shape[1], time=t)._evaluate(x, out)
    return out["F"]


# --- A second implementation ---------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dim", [4, 10])
def test_agrees_with_pymoo(name: str, dim: int) -> None:
    problem = make(name, dim)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *np.arange(31) / 10):
        x = problem.space.sample(50, rng)
        if name == "DF12":  # pymoo multiplies over the whole batch: give it one point at a time
            theirs = np.vstack([by_pymoo(name, row[None], t) for row in x])
        else:
            theirs = by_pymoo(name, x, t)
        np.testing.assert_allclose(problem.evaluate(x, t).f, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_bounds_are_those_of_pymoo(name: str) -> None:
    space, theirs = make(name).space, getattr(pymoo_df, name)(n_var=10)
    np.testing.assert_array_equal(space.lower, theirs.xl)
    np.testing.assert_array_equal(space.upper, theirs.xu)
    assert space.n_obj == theirs.n_obj
    assert space.n_con == 0
    assert not space.integer.any()


def df12(x: list[float], t: float) -> list[float]:
    k = 10 * math.sin(math.pi * t)
    g = 1.0
    for xi in x[2:]:
        g += (xi - math.sin(t * x[0])) ** 2
    product = 1.0
    for xj in x[:2]:
        product *= math.sin(math.floor(k * (2 * xj - 1)) * math.pi / 2)
    g += abs(product)
    c1, c2 = math.cos(math.pi * x[0] / 2), math.cos(math.pi * x[1] / 2)
    s1, s2 = math.sin(math.pi * x[0] / 2), math.sin(math.pi * x[1] / 2)
    return [g * c2 * c1, g * s2 * c1, g * s1]


def df13(x: list[float], t: float, all_terms: bool) -> list[float]:
    shift = math.sin(math.pi * t / 2)
    p = math.floor(6 * shift)
    g = 1.0
    for xi in x[2:]:
        g += (xi - shift) ** 2
    terms = []
    for xj in x[:2]:
        s = math.sin(math.pi * xj / 2)
        terms += [s * s, s * math.cos(p * math.pi * xj) ** 2]
    f3 = sum(g * term for term in terms) if all_terms else g * terms[0] + sum(terms[1:])
    return [g * math.cos(math.pi * x[0] / 2) ** 2, g * math.cos(math.pi * x[1] / 2) ** 2, f3]


@every_time
def test_df12_and_df13_agree_with_plain_loops(t: float) -> None:
    x = DF12().space.sample(50, np.random.default_rng(2))
    rows = x.tolist()
    for ours, theirs in (
        (DF12(), [df12(row, t) for row in rows]),
        (DF13(), [df13(row, t, True) for row in rows]),
        (DF13(variant="code"), [df13(row, t, False) for row in rows]),
    ):
        np.testing.assert_allclose(ours.evaluate(x, t).f, theirs, rtol=0, atol=1e-12)


# --- The equation of each front, and the goal of the distance variables, as the report states them ---


def wave(t: float) -> float:
    return math.sin(math.pi * t / 2)


def kneed(f1: Array, f2: Array, size: float, waves: float) -> Array:
    """0 on the curve (u + ripple, 1 - u + ripple), ripple = size sin(waves pi u)."""
    return f1 + f2 - 1 - 2 * size * np.sin(waves * np.pi * (f1 - f2 + 1) / 2)


def on_df4(f: Array, t: float) -> Array:
    power = 1 / (1.5 + wave(t))
    return f[:, 0] ** power + f[:, 1] ** power - 1 - abs(math.cos(math.pi * t / 2))


def on_df6(f: Array, t: float) -> Array:
    power = 1 / (0.2 + 2.8 * abs(wave(t)))
    return kneed(f[:, 0] ** power, f[:, 1] ** power, 0.1, 3)


def on_df8(f: Array, t: float) -> Array:
    return kneed(f[:, 0], f[:, 1] ** (1 / (2.25 + 2 * math.cos(2 * math.pi * t))), 0.1, 3)


def on_df10(f: Array, t: float) -> Array:
    return np.asarray(np.sum(f ** (2 / (2.25 + 2 * math.cos(math.pi * t / 2))), axis=1) - 1)


def on_df12(f: Array, t: float) -> Array:
    radius = np.linalg.norm(f, axis=1)
    return np.asarray(np.minimum(abs(radius - 1), abs(radius - 2)))


def on_df13(f: Array, t: float) -> Array:
    sines, x = np.sqrt(1 - f[:, :2]), 2 / np.pi * np.arccos(np.sqrt(f[:, :2]))
    terms = sines**2 + sines * np.cos(math.floor(6 * wave(t)) * np.pi * x) ** 2
    return np.asarray(f[:, 2] - terms.sum(axis=1))


def on_df14(f: Array, t: float) -> Array:
    y = np.linspace(1, 0, 100_001)
    up = np.interp(f[:, 0], 1 - y + 0.05 * np.sin(6 * np.pi * y), y + 0.05 * np.sin(6 * np.pi * y))
    return kneed(f[:, 2], f[:, 1], 0, 0) + 1 - up * (1 + 0.1 * np.sin(6 * np.pi * middle(f, up)))


def middle(f: Array, up: Array) -> Array:
    return (1 - np.divide(f[:, 1] - f[:, 2], up, out=np.zeros_like(up), where=up > 1e-9)) / 2


EQUATION: dict[str, Callable[[Array, float], Array]] = {
    "DF1": lambda f, t: f[:, 0] ** (1.25 + 0.75 * wave(t)) + f[:, 1] - 1,
    "DF2": lambda f, t: np.sqrt(f[:, 0]) + f[:, 1] - 1,
    "DF3": lambda f, t: f[:, 0] ** (1.5 + wave(t)) + f[:, 1] - 1,
    "DF4": on_df4,
    "DF5": lambda f, t: kneed(f[:, 0], f[:, 1], 0.02, math.floor(10 * wave(t))),
    "DF6": on_df6,
    "DF7": lambda f, t: f[:, 0] * f[:, 1] - 1,
    "DF8": on_df8,
    "DF9": lambda f, t: f[:, 0] + f[:, 1] - 1,
    "DF10": on_df10,
    "DF11": lambda f, t: np.linalg.norm(f, axis=1) - 1 - abs(wave(t)),
    "DF12": on_df12,
    "DF13": on_df13,
    "DF14": on_df14,
}


def best(name: str, p: Array, t: float, dim: int) -> Array:
    """Points of least g with position variables p."""
    x = np.empty((len(p), dim))
    x[:, : p.shape[1]] = p
    first = p[:, :1]
    goals: dict[str, Callable[[], Array | float]] = {
        "DF1": lambda: abs(wave(t)),
        "DF3": lambda: wave(t) + first ** (1.5 + wave(t)),
        "DF4": lambda: (
            wave(t) * first**2 / max(abs(wave(t)), wave(t) + 1 + abs(math.cos(math.pi * t / 2))) ** 2
        ),
        "DF7": lambda: 1 / (1 + np.exp(5 * math.cos(math.pi * t / 2) * (first - 2.5))),
        "DF8": lambda: wave(t) * np.sin(4 * np.pi * first) / (1 + abs(wave(t))),
        "DF10": lambda: np.sin(4 * np.pi * p.sum(axis=1, keepdims=True)) / (1 + abs(wave(t))),
        "DF11": lambda: abs(wave(t)) * first / 2,
        "DF12": lambda: np.sin(t * first),
    }
    if name == "DF2":
        r = math.floor((dim - 1) * abs(wave(t)))
        x[:] = abs(wave(t))
        x[:, r] = p[:, 0]
    elif name == "DF9":
        for i in range(1, dim):
            x[:, i] = np.cos(4 * t + x[:, 0] + x[:, i - 1])
    else:
        x[:, p.shape[1] :] = goals.get(name, lambda: wave(t))()
        if name == "DF4":
            x[:, 1:] /= np.arange(2, dim + 1)
    return x


# --- Laws ----------------------------------------------------------------------------------------


@every_problem
@every_time
def test_set_evaluates_onto_front(name: str, t: float) -> None:
    problem = make(name)
    assert isinstance(problem, HasSet)
    x, dense = problem.set(t, 150), problem.front(t, 1_500)
    assert problem.space.contains(x).all()
    f = problem.evaluate(x, t).f
    np.testing.assert_array_equal(f, problem.front(t, 150))
    assert np.abs(EQUATION[name](f, t)).max() < 1e-7
    distance = cKDTree(dense).query(f)[0]
    assert distance.max() < (0.004 if problem.n_obj == 2 else 0.07)


@every_problem
def test_front_has_about_n_points_none_dominated_and_its_ends_at_any_n(name: str) -> None:
    for t in TIMES:
        few, many = make(name).front(t, 100), make(name).front(t, 700)
        assert 10 <= len(few) <= 100, t  # DF14 shrinks to a curve: a row of the grid is left
        assert 25 <= len(many) <= 700, t
        assert moocore.is_nondominated(few).all(), t
        assert moocore.is_nondominated(many).all(), t
        np.testing.assert_allclose(few.max(axis=0), many.max(axis=0), rtol=1e-12, err_msg=f"t = {t}")
        np.testing.assert_allclose(few.min(axis=0), many.min(axis=0), atol=1e-3, err_msg=f"t = {t}")
        np.testing.assert_array_equal(few, make(name).front(t, 100))


@every_problem
def test_no_random_point_beats_the_front(name: str) -> None:
    problem = make(name)
    x = problem.space.sample(20_000, np.random.default_rng(3))
    for t in TIMES:
        assert beaten(problem.front(t, 300), problem.evaluate(x, t).f) == 0, t


@every_problem
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, t: float) -> None:
    problem = make(name)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(name, p, t, problem.dim))
    f = problem.evaluate(x, t).f
    front = problem.front(t, 1500 if name in TWO else 6000)
    assert beaten(front, f) == 0
    assert missed(front, f, 0.002 if name in TWO else 0.03) == 0


@pytest.mark.parametrize("name", TWO[:8])
def test_points_lie_at_equal_steps_of_the_position_as_in_published_fronts(name: str) -> None:
    for t in TIMES:
        problem = make(name)
        column = 0 if name != "DF2" else int(9 * abs(np.sin(0.5 * np.pi * t)))
        steps = np.diff(np.sort(problem.set(t, 101)[:, column]))
        np.testing.assert_allclose(steps, steps[0], rtol=1e-9, err_msg=f"t = {t}")


@every_problem
def test_evaluation_is_pure(name: str) -> None:
    problem = make(name)
    x = problem.space.sample(100, np.random.default_rng(5))
    kept = x.copy()
    first, again = problem.evaluate(x, 0.7), make(name).evaluate(x, 0.7)
    problem.evaluate(x, 1.3)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(first.f, again.f)
    np.testing.assert_array_equal(first.x, x)
    assert not np.shares_memory(first.x, x)
    assert first.g.shape == (100, 0)
    assert problem.evaluate(problem.space.empty(), 0.7).f.shape == (0, problem.n_obj)


@every_problem
def test_objectives_are_finite_at_all_corners(name: str) -> None:
    problem = make(name, 5)
    corners = np.array(np.meshgrid(*[[0.0, 1.0]] * 5)).reshape(5, -1).T
    x = problem.space.lower + corners * problem.space.span
    for t in TIMES:
        assert np.isfinite(problem.evaluate(x, t).f).all()


# --- Single problems ------------------------------------------------------------------------------


def test_df2_position_variable_changes() -> None:
    spread = [np.ptp(DF2().set(t, 20), axis=0) for t in (0.0, 0.5, 1.0)]
    assert [np.flatnonzero(s).tolist() for s in spread] == [[0], [6], [9]]


def test_df4_front_ends_at_the_bound_of_x1() -> None:
    # a + b = 1 + sqrt(2) > 2 at t = 0.5: no point of the box attains the report's f2 = 0
    front = DF4().front(0.5, 100)
    assert front[:, 1].min() == pytest.approx((math.sqrt(2) - 1) ** (1.5 + math.sqrt(0.5)), rel=1e-12)
    assert DF4().set(0.5, 100)[:, 0].max() == 2.0
    assert DF4().front(0.0, 100)[:, 1].min() == 0.0


def test_df6_distance_has_equal_optima_when_the_wave_is_zero() -> None:
    x = DF6().set(0.0, 5)
    x[:, 3] = -1.0
    np.testing.assert_allclose(DF6().evaluate(x, 0.0).f, DF6().front(0.0, 5), rtol=0, atol=1e-12)


def test_df9_front_is_pieces_and_a_point() -> None:
    front = DF9().front(0.0, 101)  # one piece
    assert front[0].tolist() == [0.0, 1.0]
    assert front[1, 0] == pytest.approx(0.5, abs=1e-12)
    assert front[-1, 0] == 1.0
    x1 = DF9().set(1.0, 500)[:, 0]  # eleven pieces
    assert np.count_nonzero(np.diff(x1) > 0.02) == 11


@pytest.mark.parametrize("t", [0.01, 0.05, 0.3, 0.5, 1.0, 1.15, 1.5, 2.0, 2.7, 3.0])
def test_df12_raised_points_are_kept_exactly_where_nothing_dominates_them(t: float) -> None:
    side = np.linspace(0, 1, 150)
    edges = (np.arange(-10, 11) / (10 * math.sin(math.pi * t)) + 1) / 2 if t % 1 else np.array([0.5])
    side = np.unique(np.clip(np.concatenate([side, edges - 1e-9, edges + 1e-9]), 0, 1))
    p = np.array(np.meshgrid(side, side)).reshape(2, -1).T
    f = DF12().evaluate(best("DF12", p, t, 10), t).f
    raised = np.linalg.norm(f, axis=1) > 1.5
    by_grid = moocore.is_nondominated(f, keep_weakly=True) & raised
    by_us = holes.undominated(p, t) & raised
    assert raised.any()
    assert by_us[raised & (p[:, 0] == 0) & (p[:, 1] == 0)].all()
    assert not (by_us & ~by_grid).any()
    assert (by_us != by_grid).mean() < 0.004  # a grid misses some dominators


def test_df12_has_no_holes_at_time_zero() -> None:
    np.testing.assert_allclose(np.linalg.norm(DF12().front(0.0, 200), axis=1), 1.0)


def test_df13_variants_differ_off_the_front_only() -> None:
    x = DF13().space.sample(20, np.random.default_rng(6))
    text, code = DF13().evaluate(x, 0.4).f, DF13(variant="code").evaluate(x, 0.4).f
    np.testing.assert_array_equal(text[:, :2], code[:, :2])
    assert (text[:, 2] > code[:, 2]).all()
    for t in (0.0, 0.4, 1.0, 2.3):
        np.testing.assert_allclose(DF13().front(t, 99), DF13(variant="code").front(t, 99), atol=1e-12)
        x = candidates(DF13(), t, np.random.default_rng(7), lambda p, t=t: best("DF13", p, t, 10))
        assert beaten(DF13().front(t, 500), DF13(variant="code").evaluate(x, t).f) == 0


@pytest.mark.parametrize("t", [0.0, 2.0])
def test_df14_front_shrinks_to_a_curve(t: float) -> None:
    front = DF14().front(t, 100)
    assert np.ptp(front[:, 0]) < 1e-12
    assert len(front) == 10  # one row of the grid


# --- Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_dim_must_leave_a_distance_variable(name: str) -> None:
    least = 2 if name in TWO else 3
    assert make(name, least).front(0.3, 20).shape[1] == least
    for dim in (least - 1, 0, 4.0, True):
        with pytest.raises(
            ArgumentError, match=rf"dim: expected a whole number >= {least}, got .*; {name} needs"
        ):
            getattr(synthetic, name)(dim)


def test_df13_variant_must_be_known() -> None:
    with pytest.raises(
        ArgumentError, match="variant: expected 'report' or 'code', got 'text'; 'report': it multi"
    ):
        DF13(variant="text")


def test_df4_reports_front_is_ours_and_an_end_that_cannot_be_reached() -> None:
    for t in TIMES:
        ours, published = DF4().front(t, 2000), DF4(variant="report").front(t, 2000)
        assert cKDTree(published).query(ours)[0].max() < 0.004
        end = abs(np.cos(0.5 * np.pi * t)) + 1.0 + np.sin(0.5 * np.pi * t)
        assert (published[:, 0].max() > ours[:, 0].max() + 1e-9) == (end > 2.0 + 1e-9)
        pymoo_front = pymoo_df.DF4(n_var=10, time=t)._calc_pareto_front(n_pareto_points=300)
        np.testing.assert_allclose(DF4(variant="report").front(t, 300), pymoo_front, atol=1e-12)
    with pytest.raises(ArgumentError, match="variant: expected 'reachable' or 'report'"):
        DF4(variant="code")


def test_front_of_no_points_is_refused() -> None:
    with pytest.raises(ArgumentError, match="n: expected at least 1 point, got 0"):
        DF2().front(0.0, 0)
