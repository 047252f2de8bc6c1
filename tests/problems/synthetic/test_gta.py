"""GTA1 to GTA12: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fronts import beaten, candidates, missed

from dmo.errors import ArgumentError
from dmo.types import Array
from problems import synthetic
from problems.synthetic import GTA1, GTA4, GTA5, GTA7, GTA9, GTA11
from problems.synthetic.gta import Gta, level

NAMES = [f"GTA{i}" for i in range(1, 13)]
TWO = NAMES[:8]
TIMES = (0.0, 0.1, 1 / 3, 0.7, 1.0, 1.25, 1.9, 2.0, 2.5, 3.0, 3.3, 4.0, 4.4, 5.0, 5.5, 6.2, 7.0, 8.1, 9.0)
PARTS = {  # the shape of the front and the distance
    "GTA1": ("conv", "uni"),
    "GTA2": ("conv", "multi"),
    "GTA3": ("conv", "mix"),
    "GTA4": ("disc", "mix"),
    "GTA5": ("mix", "multi"),
    "GTA6": ("mix", "mix"),
    "GTA7": ("conf", "multi"),
    "GTA8": ("conf", "mix"),
    "GTA9": ("3a", "multi"),
    "GTA10": ("3a", "mix"),
    "GTA11": ("3b", "multi"),
    "GTA12": ("3b", "mix"),
}

every_problem = pytest.mark.parametrize("name", NAMES)
every_form = pytest.mark.parametrize("form", ["additive", "multiplicative"])


def make(name: str, form: str = "additive") -> Gta:
    problem = getattr(synthetic, name)(form=form)
    assert isinstance(problem, Gta)
    return problem


# --- A second implementation, in plain loops, from the authors' code ------------------------------


def state(t: float) -> int:
    return int(abs(5.0 * (int(int(t) / 5.0) % 2) - (int(t) % 5)))


def alpha(kind: str, x: list[float], t: float) -> list[float]:
    k = state(t)
    if kind == "conv":
        return [x[0], 1 - math.sqrt(x[0])]
    if kind == "disc":
        return [x[0], 1.5 - math.sqrt(x[0]) - 0.5 * math.sin(10 * math.pi * x[0])]
    if kind == "mix":
        return [x[0], 1 - math.sqrt(x[0]) + 0.1 * k * (1 + math.sin(10 * math.pi * x[0]))]
    if kind == "conf":
        return [x[0], 1 - x[0] ** (math.log(1 - 0.1 * k) / math.log(0.1 * k + 2.0**-52))]
    a, b = 0.5 * math.pi * x[0], 0.5 * math.pi * x[1]
    if kind == "3a":
        return [math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a + 0.25 * (k / 5) * math.pi)]
    b *= (5 - k) / 5
    return [math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)]


def gta(name: str, form: str, x: list[float], t: float) -> list[float]:
    m = 2 if name in TWO else 3
    kind, off = PARTS[name]
    goal = math.sin(0.5 * math.pi * (t - x[0]))
    beta = [0.0] * m
    for i in range(m - 1, len(x)):
        h = x[i] - goal
        terms = {
            "uni": h * h,
            "multi": h * h * (1 + abs(math.sin(4 * math.pi * h))),
            "mix": 1 + h * h - math.cos(2 * math.pi * state(t) * h),
        }
        beta[(i + 1) % m] += terms[off]
    beta = [2 / int(21 / m) * b for b in beta]  # the code's bounds are of 21 variables, whatever m
    shape = alpha(kind, x, t)
    if form == "additive":
        return [a + b for a, b in zip(shape, beta, strict=True)]
    return [a * (1 + b) for a, b in zip(shape, beta, strict=True)]


@every_problem
@every_form
def test_agrees_with_plain_loops(name: str, form: str) -> None:
    problem = make(name, form)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *(np.arange(0, 110, 7) / 10).tolist()):
        x = problem.space.sample(15, rng)
        x[:2, 0] = 0.0, 1.0
        theirs = [gta(name, form, row, t) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, t).f, theirs, rtol=1e-12, atol=1e-12)


def best(p: Array, t: float, dim: int) -> Array:
    """Points of least distance with position variables p."""
    x = np.empty((len(p), dim))
    x[:, : p.shape[1]] = p
    for row in x:
        row[p.shape[1] :] = math.sin(0.5 * math.pi * (t - row[0]))
    return x


# --- Fronts --------------------------------------------------------------------------------------


@every_problem
@every_form
@pytest.mark.parametrize("t", TIMES[::3], ids="t={:.3g}".format)
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, form: str, t: float) -> None:
    problem = make(name, form)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(p, t, problem.dim))
    f, front = problem.evaluate(x, t).f, problem.front(t, 1500 if name in TWO else 6000)
    assert beaten(front, f) == 0
    assert missed(front, f, 0.003 if name in TWO else 0.03) == 0


@every_problem
def test_forms_have_the_same_front(name: str) -> None:
    for t in TIMES:
        np.testing.assert_allclose(
            make(name).front(t, 200), make(name, "multiplicative").front(t, 200), rtol=0, atol=1e-12
        )


# --- Single problems ------------------------------------------------------------------------------


def test_the_level_goes_up_and_down_in_steps_of_whole_time() -> None:
    assert [level(t) for t in range(12)] == [0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 1]
    assert [level(t) for t in TIMES] == [state(t) for t in TIMES]


def test_gta4_front_is_pieces_and_gta5_falls_into_them() -> None:
    def pieces(problem: Gta, t: float) -> int:
        return 1 + int(np.count_nonzero(np.diff(problem.set(t, 400)[:, 0]) > 0.02))

    assert pieces(GTA4(), 0.0) == 5
    assert [pieces(GTA5(), t) for t in (0.5, 5.5)] == [1, 6]


def test_gta7_objectives_do_not_conflict_when_the_level_is_zero() -> None:
    np.testing.assert_array_equal(GTA7().front(0.4, 100), [[0.0, 0.0]])
    front = GTA7().front(5.0, 100)  # a line when it is 5
    np.testing.assert_allclose(front.sum(axis=1), 1.0, rtol=1e-12)
    free = GTA7(form="multiplicative")
    x = free.space.sample(10, np.random.default_rng(3))
    x[:, 0] = 0.0
    np.testing.assert_array_equal(free.evaluate(x, 0.4).f, np.zeros((10, 2)))


def test_gta9_front_shrinks_to_a_point_and_gta11_to_a_curve() -> None:
    np.testing.assert_allclose(GTA9().front(5.0, 100), [[0.0, 0.0, math.sqrt(0.5)]], atol=1e-15)
    low = GTA9().front(2.0, 400)
    assert low[:-1, 0].max() == 1.0
    np.testing.assert_allclose(low[-1], [0.0, 0.0, math.cos(0.1 * math.pi)], atol=1e-15)
    curve = GTA11().front(5.0, 100)
    assert len(curve) == 100
    assert (curve[:, 1] == 0.0).all()
    np.testing.assert_allclose(np.linalg.norm(curve, axis=1), 1.0)


def test_each_objective_needs_a_distance_variable() -> None:
    assert GTA1(3).front(0.2, 20).shape == (20, 2)
    assert GTA9(5).space.dim == 5
    with pytest.raises(ArgumentError, match="dim: expected a whole number >= 3, got 2; GTA1 needs"):
        GTA1(2)
    with pytest.raises(ArgumentError, match="dim: expected a whole number >= 5, got 4; GTA9 needs"):
        GTA9(4)


def test_form_must_be_known() -> None:
    with pytest.raises(ArgumentError, match="form: expected 'additive' or 'multiplicative', got 'a'"):
        GTA1(form="a")
