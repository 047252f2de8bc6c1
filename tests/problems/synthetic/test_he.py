"""HE2, HE7 and HE9: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed
from pymoo.problems.dynamic import cec2015

from dmo.errors import ArgumentError
from dmo.types import Array
from problems.analytic import Analytic
from problems.synthetic import HE2, HE7, HE9

KINDS = {"HE2": HE2, "HE7": HE7, "HE9": HE9}
WINDING = ["HE7", "HE9"]

every_problem = pytest.mark.parametrize("name", KINDS)
every_time = pytest.mark.parametrize("t", [*TIMES, 2.6, 3.2], ids="t={:.3g}".format)


def power(t: float) -> float:
    return 0.75 * math.sin(math.pi * t / 2) + 1.25


# --- A second implementation, in plain loops -----------------------------------------------------


def goal(name: str, x1: float, j: int, n: int) -> float:
    """Where the variable of number j, from 1, is best."""
    angle = 6 * math.pi * x1 + j * math.pi / n
    if name == "HE9":
        return math.sin(angle)
    amplitude = 0.3 * x1**2 * math.cos(24 * math.pi * x1 + 4 * j * math.pi / n) + 0.6 * x1
    return amplitude * (math.cos(angle) if j % 2 else math.sin(angle))


def plain(name: str, x: list[float], t: float) -> list[float]:
    n, H = len(x), power(t)
    if name == "HE2":
        g = 1 + 9 / (n - 1) * sum(x[1:])
        return [x[0], g * (1 - math.sqrt(x[0] / g) ** H - (x[0] / g) ** H * math.sin(10 * math.pi * x[0]))]
    odd = [(x[j - 1] - goal(name, x[0], j, n)) ** 2 for j in range(3, n + 1, 2)]
    even = [(x[j - 1] - goal(name, x[0], j, n)) ** 2 for j in range(2, n + 1, 2)]
    f1 = x[0] + 2 / len(odd) * sum(odd)
    g = 2 - (math.sqrt(x[0]) if name == "HE7" else x[0] ** 2) + 2 / len(even) * sum(even)
    return [f1, g * (1 - (f1 / g) ** H)]


@every_problem
@pytest.mark.parametrize("dim", [3, 10])
def test_agrees_with_plain_loops(name: str, dim: int) -> None:
    problem = KINDS[name](dim)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *np.arange(31) / 10):
        x = problem.space.sample(20, rng)
        x[0, 0], x[1, 0] = 0.0, 1.0
        theirs = [plain(name, row, float(t)) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, theirs, rtol=1e-11, atol=1e-11)


def test_he2_agrees_with_pymoo() -> None:
    x = HE2().space.sample(50, np.random.default_rng(2))
    for t in TIMES:
        out: dict[str, Array] = {}
        cec2015.HE2(n_var=30, time=t)._evaluate(x, out)
        np.testing.assert_allclose(HE2().evaluate(x, t).f, out["F"], rtol=0, atol=1e-12)


# --- Fronts --------------------------------------------------------------------------------------


def towards_bounds(name: str, n: int, rng: np.random.Generator) -> Array:
    """Points whose odd and even variables go a share of the way from their goals to the farther bounds."""
    x1 = np.concatenate([rng.random(n), np.ones(n), np.linspace(0.0, 1.0, n)])
    shares = rng.choice([0.0, 1.0], (len(x1), 2)) * rng.random((len(x1), 2))
    shares[::3, 0] = 1.0
    rows = []
    for u, (odd, even) in zip(x1.tolist(), shares.tolist(), strict=True):
        goals = [goal(name, u, j, 10) for j in range(2, 11)]
        ends = [-1.0 if y > 0 else 1.0 for y in goals]
        steps = [even if j % 2 == 0 else odd for j in range(2, 11)]
        rows.append([u, *[y + step * (end - y) for y, end, step in zip(goals, ends, steps, strict=True)]])
    return np.array(rows)


@pytest.mark.parametrize("name", WINDING)
@every_time
def test_true_front_has_a_tail_that_nothing_beats_and_that_is_whole(name: str, t: float) -> None:
    problem = KINDS[name]()
    rng = np.random.default_rng(4)

    def best(p: Array) -> Array:
        return np.array([[u, *[goal(name, u, j, 10) for j in range(2, 11)]] for u in p[:, 0].tolist()])

    x = np.vstack([candidates(problem, t, rng, best), towards_bounds(name, 3_000, rng)])
    f = problem.evaluate(problem.space.repair(x), t).f
    front = problem.front(t, 4000)
    assert beaten(front, f) == 0
    gap = 0.01 * (1.0 + abs(np.diff(np.sort(front[:, 1]))).max())
    assert missed(front, f, gap) == 0
    assert front[:, 0].max() > 2.5
    for shares in (1.0, 0.0):
        assert beaten(front, problem.evaluate(ascend(problem, t, shares), t).f) == 0


def ascend(problem: Analytic, t: float, even: float) -> Array:
    """The corner points with all odd variables at a bound, and the even ones there or at 0."""
    x = np.zeros((2**4 * 200, problem.dim))
    x[:, 0] = np.repeat(np.linspace(0.0, 1.0, 200), 16)
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 4)).reshape(4, -1).T
    x[:, 2::2] = np.tile(signs, (200, 1))
    x[:, 1::2] = even
    return x


@pytest.mark.parametrize("name", WINDING)
def test_published_front_is_the_part_of_least_distance(name: str) -> None:
    for t in TIMES:
        published = KINDS[name](variant="published").front(t, 300)
        f1 = np.linspace(0, 1, 300)
        g = 2 - (np.sqrt(f1) if name == "HE7" else f1**2)
        np.testing.assert_allclose(published[:, 0], f1, atol=1e-12)
        np.testing.assert_allclose(published[:, 1], g * (1 - (f1 / g) ** power(t)), atol=1e-9)
        exact = KINDS[name]().front(t, 600)
        np.testing.assert_allclose(exact[exact[:, 0] <= 1][:300], published, atol=1e-9)
        assert beaten(published, exact) == 0


@every_time
def test_he2_front_is_least_over_g_and_none_is_missed(t: float) -> None:
    problem = HE2()
    rng = np.random.default_rng(5)
    x = candidates(problem, t, rng, lambda p: np.column_stack([p, np.zeros((len(p), 29))]))
    level = np.column_stack([rng.random(20_000), np.repeat(rng.random((20_000, 1)) ** 2 * 0.2, 29, axis=1)])
    f = problem.evaluate(np.vstack([x, level]), t).f
    front = problem.front(t, 1500)
    assert beaten(front, f) == 0
    assert missed(front, f, 0.03) == 0


def test_he2_front_leaves_the_corner_where_a_larger_g_is_better() -> None:
    published, exact = HE2(variant="published"), HE2()
    assert (published.set(3.0, 300)[:, 1:] == 0.0).all()
    assert exact.set(3.0, 300)[:, 1:].max() > 0.01
    assert beaten(published.front(3.0, 300), exact.front(3.0, 3000)) > 0
    np.testing.assert_allclose(published.front(1.0, 300), exact.front(1.0, 300), atol=1e-12)


@every_problem
def test_variants_must_be_known(name: str) -> None:
    with pytest.raises(ArgumentError, match="variant: expected 'exact' or 'published', got 'paper'"):
        KINDS[name](variant="paper")
