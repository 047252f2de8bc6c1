"""FDA and dMOP: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed
from pymoo.problems.dynamic import cec2015

from dmo.errors import ArgumentError
from dmo.types import Array
from problems.analytic import Analytic
from problems.synthetic import DMOP1, DMOP2, FDA1, FDA4

PROBLEMS: dict[str, Analytic] = {
    "FDA1": FDA1(),
    "FDA4": FDA4(),
    "DMOP1": DMOP1(),
    "DMOP1 original": DMOP1(variant="original"),
    "DMOP2": DMOP2(),
    "DMOP2 original": DMOP2(variant="original"),
}

every_problem = pytest.mark.parametrize("name", PROBLEMS)
every_time = pytest.mark.parametrize("t", TIMES, ids="t={:.3g}".format)


def wave(t: float) -> float:
    return math.sin(math.pi * t / 2)


# --- A second implementation, in plain loops -----------------------------------------------------


def total(y: list[float], goal: float) -> float:
    return sum((yi - goal) ** 2 for yi in y)


def sphere(a: float, b: float, radius: float) -> list[float]:
    a, b = a * math.pi / 2, b * math.pi / 2
    return [
        radius * math.cos(a) * math.cos(b),
        radius * math.cos(a) * math.sin(b),
        radius * math.sin(a),
    ]


def plain(name: str, x: list[float], t: float) -> list[float]:
    G = wave(t)
    H = 1.25 + 0.75 * G
    kind = name.split()[0]
    if kind == "FDA1":
        g = 1 + total(x[1:], G)
        return [x[0], g * (1 - math.sqrt(x[0] / g))]
    if kind == "FDA4":
        return sphere(x[0], x[1], 1 + total(x[2:], abs(G)))
    if kind == "DMOP1":
        g = 1 + 9 * total(x[1:], 0)
        return [x[0], g * (1 - (x[0] / g) ** H)]
    g = 1 + total(x[1:], G)
    return [x[0], g * (1 - (x[0] / g) ** H)]


@every_problem
def test_agrees_with_plain_loops(name: str) -> None:
    problem = PROBLEMS[name]
    rng = np.random.default_rng(1)
    for t in (*TIMES, *np.arange(31) / 10):
        x = problem.space.sample(20, rng)
        x[0, 0], x[1, 0] = problem.space.lower[0], problem.space.upper[0]
        theirs = [plain(name, row, float(t)) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, theirs, rtol=1e-12, atol=1e-12)


def test_fda4_agrees_with_pymoo() -> None:
    x = FDA4().space.sample(50, np.random.default_rng(2))
    for t in TIMES:
        out: dict[str, Array] = {}
        cec2015.FDA4(n_var=12, time=t)._evaluate(x, out)
        np.testing.assert_allclose(FDA4().evaluate(x, t).f, out["F"], rtol=0, atol=1e-12)


# --- Fronts --------------------------------------------------------------------------------------


def goal(name: str, t: float) -> float:
    G = wave(t)
    return {
        "FDA4": abs(G),
        "DMOP1": 0.0,
        "DMOP1 original": 0.0,
        "DMOP2 original": max(0.0, G),
    }.get(name, G)


def best(name: str, p: Array, t: float) -> Array:
    """Points of least distance with position variables p."""
    return np.column_stack([p, np.full((len(p), PROBLEMS[name].dim - p.shape[1]), goal(name, t))])


def on_front(name: str, f: Array, t: float) -> Array:
    """0 on the front, by its equation."""
    G = wave(t)
    H = 1.25 + 0.75 * G
    kind = name.split()[0]
    if kind == "FDA4":
        return np.linalg.norm(f, axis=1) - 1
    if kind == "FDA1":
        return f[:, 1] - 1 + np.sqrt(f[:, 0])
    g = 1 + 9 * min(0.0, G) ** 2 if name == "DMOP2 original" else 1.0
    return f[:, 1] - g * (1 - (f[:, 0] / g) ** H)


@every_problem
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, t: float) -> None:
    problem = PROBLEMS[name]
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(name, p, t))
    f = problem.evaluate(x, t).f
    front = problem.front(t, 1500 if problem.n_obj == 2 else 6000)
    assert np.abs(on_front(name, front, t)).max() < 1e-9
    assert beaten(front, f) == 0
    assert missed(front, f, 0.002 if problem.n_obj == 2 else 0.03) == 0


def test_dmop2_original_cannot_follow_its_goal_below_zero() -> None:
    problem = DMOP2(variant="original")
    assert (problem.space.lower == 0.0).all()
    assert (problem.set(3.0, 20)[:, 1:] == 0.0).all()
    assert problem.front(3.0, 20)[0].tolist() == [0.0, 10.0]  # g = 1 + 9
    np.testing.assert_array_equal(problem.front(1.0, 20), DMOP2().front(1.0, 20))


@pytest.mark.parametrize("problem", [DMOP1, DMOP2])
def test_variants_must_be_known(problem: type[DMOP1] | type[DMOP2]) -> None:
    with pytest.raises(ArgumentError, match="variant: expected 'symmetric' or 'original', got 'paper'"):
        problem(variant="paper")
