"""SDP1 to SDP12: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math
from collections.abc import Callable

import moocore
import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed

from dmo.errors import ArgumentError
from dmo.types import Array
from problems import synthetic
from problems.synthetic import DF11, DF12, DP2, SDP1, SDP3, SDP4, SDP5, SDP7, SDP8, SDP9, SDP10, SDP12, holes
from problems.synthetic.sdp import Sdp

NAMES = [f"SDP{i}" for i in range(1, 13)]
PI = math.pi

every_problem = pytest.mark.parametrize("name", NAMES)


def make(name: str, n_obj: int = 3) -> Sdp:
    problem = getattr(synthetic, name)(n_obj=n_obj)
    assert isinstance(problem, Sdp)
    return problem


# --- A second implementation, in plain loops; m objectives, variables from x[0] as in the codes ------


def sphere(y: list[float], scale: float) -> list[float]:
    """sin y1, cos y1 sin y2, ..., the product of all cosines."""
    f, product = [], scale
    for a in y:
        f.append(product * math.sin(a))
        product *= math.cos(a)
    return [*f, product]


def plane(x: list[float], scale: float) -> list[float]:
    f, product = [], scale
    for a in x:
        f.append(product * (1 - a))
        product *= a
    return [*f, product]


def sdp1(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    assert isinstance(problem, SDP1)
    goals = problem._goals(t).tolist()
    g = 1 + sum((xi - y) ** 2 for xi, y in zip(x[m:], goals, strict=True))
    f = []
    for i in range(m):
        product = 1.0
        for j in range(m):
            product *= x[j] if j != i else 1.0
        f.append(g * x[i] / product ** (1 / (m - 1)))
    return f


def sdp2(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    g = 1 + math.sin(PI * x[0] / 8) * sum((xi - math.cos(t + 2 * x[0])) ** 2 for xi in x[m - 1 :])
    f = [g * (sum(x[j] for j in range(m - 1) if j != i) + 1 + t) / x[i] for i in range(m - 1)]
    return [*f, g * sum(x[: m - 1]) / (1 + t)]


def sdp3(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    p, g = math.floor(5 * abs(math.sin(PI * t))), 1.0
    for xi in x[m - 1 :]:
        y = xi - math.cos(t)
        g += 4 * y**2 - math.cos(2 * p * PI * y) + 1
    f, product = [], g
    for xi in x[: m - 1]:
        f.append(product * (1 - xi + 0.05 * math.sin(6 * PI * xi)))
        product *= xi + 0.05 * math.sin(6 * PI * xi)
    return [*f, product]


def sdp4(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    assert isinstance(problem, SDP4)
    sign = 1 if t < 0.1 or problem._draw(t) > 0.5 else -1
    w = sign * math.floor(6 * abs(math.sin(0.5 * PI * t)))
    g = 1.0
    for i in range(m - 1, len(x)):
        g += (x[i] - math.cos(t + x[0] + x[i - 1])) ** 2
    s = sum(x[: m - 1]) / (m - 1)
    ripple = 0.05 * math.sin(w * PI * s)
    return [*(g * xi for xi in x[: m - 2]), g * (s + ripple), g * (1 - s + ripple)]


def sdp5(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    G = abs(math.sin(0.5 * PI * t))
    g = 1 + G + sum((xi - 0.5 * G * x[0]) ** 2 for xi in x[m - 1 :])
    return sphere([PI * G / 6 + (PI / 2 - PI * G / 3) * xi for xi in x[: m - 1]], g)


def sdp6(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    a, k = 0.5 * abs(math.sin(PI * t)), 10 * math.cos(2.5 * PI * t)
    g = 1 + sum((xi - 0.5) ** 2 * (1 + abs(math.cos(8 * PI * xi))) for xi in x[m - 1 :])
    f = sphere([0.5 * PI * xi for xi in x[: m - 1]], g)[::-1]
    if x[0] < a:
        f[-1] = g * abs(k * (math.cos(0.5 * PI * x[0]) - math.cos(0.5 * PI * a)) + math.sin(0.5 * PI * a))
    return f


def sdp7(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    assert isinstance(problem, SDP7)
    deepest, total = 1 + math.floor(5 * problem._draw(t)), 0.0
    for xi in x[m - 1 :]:
        valleys = [(0.5 if i == deepest else i) + 10 * (10 * xi - 2 * (i - 1)) ** 2 for i in range(1, 6)]
        total += min(valleys)
    return plane(x[: m - 1], 0.5 + total / (len(x) - m + 1))


def sdp8(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    k, product = 10 * math.sin(PI * t), 1.0
    for xi in x[: m - 1]:
        product *= math.sin(math.floor(k * (2 * xi - 1)) * PI / 2)
    g = 1 + abs(product) + sum((xi - math.sin(t * x[0])) ** 2 for xi in x[m - 1 :])
    return sphere([0.5 * PI * xi for xi in x[: m - 1]], g)[::-1]


def sdp9(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    G = abs(math.sin(0.5 * PI * t))
    p = math.floor(6 * G)
    goal = abs(math.atan(math.cos(3 * PI * t**2) / math.sin(3 * PI * t**2))) / PI if t else 0.5
    g = 1 + sum((xi - goal) ** 2 for xi in x[m - 1 :])
    f, last = [], G
    for xi in x[: m - 1]:
        s = math.sin(0.5 * PI * xi)
        f.append(g * math.cos(0.5 * PI * xi) ** 2 + G)
        last += s**2 + s * math.cos(p * PI * xi) ** 2
    return [*f, last]


def sdp10(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    r = math.floor(10 * abs(math.sin(0.5 * PI * t)))
    s = sum(xi**2 for xi in x[: m - 1]) / (m - 1)
    g = 1 + sum((xi - math.sin(x[0] + 0.5 * PI * t)) ** 2 for xi in x[m - 1 :])
    return [*x[: m - 1], g * (2 - s - s**0.5 * (-math.sin(2.5 * PI * s)) ** r)]


def sdp11(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    a, b = 3 * t - math.floor(3 * t), 3 * t + 0.2 - math.floor(3 * t + 0.2)
    g = 1.0
    for xi in x[m - 1 :]:
        p = abs(xi - abs(math.sin(0.5 * PI * t)))
        g += p**0.6 - 0.9 * p**2 if a <= sum(x[: m - 1]) < b else p**2
    return sphere([0.5 * PI * xi for xi in x[: m - 1]], g)


def sdp12(x: list[float], t: float, m: int, problem: Sdp) -> list[float]:
    assert isinstance(problem, SDP12)
    n = problem.active(t)
    g = 1 + sum((xi - math.sin(n * t) * math.sin(2 * PI * x[0])) ** 2 for xi in x[m - 1 : n])
    return plane(x[: m - 1], g)


Loop = Callable[[list[float], float, int, Sdp], list[float]]
LOOPS: list[Loop] = [sdp1, sdp2, sdp3, sdp4, sdp5, sdp6, sdp7, sdp8, sdp9, sdp10, sdp11, sdp12]
LOOP = dict(zip(NAMES, LOOPS, strict=True))


@every_problem
@pytest.mark.parametrize("n_obj", [2, 3, 5])
def test_agrees_with_plain_loops(name: str, n_obj: int) -> None:
    problem = make(name, n_obj)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *(np.arange(1, 31, 3) / 10).tolist()):
        x = problem.space.sample(12, rng)
        x[0, : n_obj - 1], x[1, : n_obj - 1] = problem.space.lower[0], problem.space.upper[0]
        theirs = [LOOP[name](row, t, n_obj, problem) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, t).f, theirs, rtol=1e-11, atol=1e-11)


def best(problem: Sdp, p: Array, t: float) -> Array:
    """Points of least distance with position variables p; SDP1's last position is drawn."""
    G, m = math.sin(0.5 * PI * t), problem.n_obj
    x = np.empty((len(p), problem.dim))
    x[:, : p.shape[1]] = p
    first = p[:, :1]
    if isinstance(problem, SDP1):
        x[:, m - 1] = np.random.default_rng(8).choice([1.0, 2.0, 4.0], len(p))
        x[:, m:] = problem._goals(t)
    elif isinstance(problem, SDP4):
        for i in range(m - 1, problem.dim):
            x[:, i] = np.cos(t + x[:, 0] + x[:, i - 1])
    else:
        goals: dict[str, Callable[[], Array | float]] = {
            "SDP2": lambda: np.cos(t + 2 * first),
            "SDP3": lambda: math.cos(t),
            "SDP5": lambda: 0.5 * abs(G) * first,
            "SDP6": lambda: 0.5,
            "SDP7": lambda: 0.2 * math.floor(5 * problem._draw(t)),
            "SDP8": lambda: np.sin(t * first),
            "SDP9": lambda: abs(math.atan(1 / math.tan(3 * PI * t**2))) / PI if t else 0.5,
            "SDP10": lambda: np.sin(first + 0.5 * PI * t),
            "SDP11": lambda: abs(G),
            "SDP12": lambda: np.sin(problem.active(t) * t) * np.sin(2 * PI * first),
        }
        x[:, m - 1 :] = goals[type(problem).__name__]()
    return x


# --- Fronts --------------------------------------------------------------------------------------


@every_problem
@pytest.mark.parametrize("n_obj", [2, 3])
@pytest.mark.parametrize("t", TIMES[::2], ids="t={:.3g}".format)
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, n_obj: int, t: float) -> None:
    problem = make(name, n_obj)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(problem, p, t))
    f, front = problem.evaluate(x, t).f, problem.front(t, 1500 if n_obj == 2 else 6000)
    assert beaten(front, f) == 0
    assert missed(front, f, (0.003 if n_obj == 2 else 0.03) * np.ptp(front, axis=0).max()) == 0


@every_problem
def test_fronts_of_more_objectives_hold_the_laws(name: str) -> None:
    for n_obj, t in [(4, 0.4), (4, 1.7), (5, 0.9)]:
        problem = make(name, n_obj)
        front = problem.front(t, 1000)
        assert 100 <= len(front) <= (1500 if name != "SDP9" else 25_000)
        assert moocore.is_nondominated(front).all()
        x = np.vstack([problem.space.sample(10_000, np.random.default_rng(2)), problem.set(t, 5000)])
        assert beaten(front, problem.evaluate(x, t).f) == 0


@every_problem
def test_front_has_about_n_points(name: str) -> None:
    for t in TIMES:
        for n_obj, n in ((2, 300), (3, 900)):
            assert 0.25 * n <= len(make(name, n_obj).front(t, n)) <= 1.6 * n, (t, n_obj)


# --- Single problems ------------------------------------------------------------------------------


def test_sdp1_objectives_have_product_one_and_goals_walk_from_the_seed() -> None:
    for n_obj in (2, 3, 5):
        np.testing.assert_allclose(np.prod(make("SDP1", n_obj).front(0.7, 300), axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(SDP1().set(0.0, 10)[0, 3:], np.arange(4, 11) / 10)
    walk = np.array([SDP1().set(k / 10, 10)[0, 3:] for k in range(60)])
    np.testing.assert_array_equal(walk, [SDP1(seed=0).set(k / 10, 10)[0, 3:] for k in range(60)])
    assert (walk != [SDP1(seed=1).set(k / 10, 10)[0, 3:] for k in range(60)])[1:].all()
    assert walk.min() >= 0.0
    assert walk.max() <= 1.0
    steps = np.abs(np.diff(walk, axis=0))
    assert steps[0].max() <= 2.5 * math.sin(0.05 * PI)  # none leaves [0, 1] at once, but for x10
    assert steps.max() > 0.5


def test_sdp4_front_is_a_curve_and_the_published_one_holds_it() -> None:
    for t in TIMES:
        ours, published = SDP4().front(t, 1000), SDP4(variant="published").front(t, 2000)
        kept = published[moocore.is_nondominated(published)]
        assert len(kept) < 0.2 * len(published)
        assert missed(ours, published, 0.003) == 0
        s = 0.5 * (1 + ours[:, 1] - ours[:, 2])
        np.testing.assert_allclose(ours[:, 0], np.maximum(0.0, 2 * s - 1), atol=1e-12)
    np.testing.assert_allclose(
        SDP4(n_obj=2).front(0.7, 50), SDP4(n_obj=2, variant="published").front(0.7, 50)
    )
    with pytest.raises(ArgumentError, match="variant: expected 'exact' or 'published', got 'paper'"):
        SDP4(variant="paper")


def test_sdp4_knees_have_either_sign() -> None:
    signs = {np.sign(SDP4(n_obj=2).front(k / 10, 1001).sum(axis=1)[80] - 1) for k in range(7, 14)}
    assert signs == {-1.0, 1.0}


def test_sdp5_sdp8_and_sdp3_are_known_problems_with_more_objectives() -> None:
    rng = np.random.default_rng(3)
    for t in TIMES:
        for ours, known in ((SDP5(), DF11()), (SDP8(), DF12()), (SDP3(n_obj=2), DP2())):
            x = known.space.sample(50, rng)
            np.testing.assert_allclose(ours.evaluate(x, t).f, known.evaluate(x, t).f, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(ours.front(t, 400), known.front(t, 400), rtol=1e-12, atol=1e-12)


def test_sdp7_valley_is_drawn_from_all_five() -> None:
    valleys = [SDP7().set(k / 10, 4)[0, -1] for k in range(60)]
    assert valleys[0] == 0.0
    np.testing.assert_allclose(np.unique(np.round(valleys, 9)), [0.0, 0.2, 0.4, 0.6, 0.8])


@pytest.mark.parametrize(("n_obj", "side"), [(2, 3000), (4, 24)])
@pytest.mark.parametrize("t", [0.01, 0.3, 2.7])
def test_sdp8_raised_points_are_kept_exactly_where_nothing_dominates_them(
    n_obj: int, side: int, t: float
) -> None:
    p = np.array(np.meshgrid(*[np.linspace(0, 1, side)] * (n_obj - 1))).reshape(n_obj - 1, -1).T
    f = SDP8(n_obj=n_obj).evaluate(best(SDP8(n_obj=n_obj), p, t), t).f
    raised = np.linalg.norm(f, axis=1) > 1.5
    by_grid = moocore.is_nondominated(f, keep_weakly=True) & raised
    by_us = holes.undominated(p, t) & raised
    assert by_us.any()
    assert not (by_us & ~by_grid).any()
    assert (by_us != by_grid).mean() < 0.002  # a grid misses some dominators


def test_sdp9_and_sdp10_fronts_fall_into_pieces() -> None:
    def pieces(problem: Sdp, t: float) -> int:
        return 1 + int(np.count_nonzero(np.diff(np.sort(problem.set(t, 1000)[:, 0])) > 0.02))

    assert [pieces(SDP9(n_obj=2), t) for t in (0.0, 1.0)] == [1, 7]
    assert pieces(SDP10(n_obj=2), 0.0) == 1
    assert pieces(SDP10(n_obj=2), 0.5) > 1


def test_sdp12_variables_beyond_the_number_in_force_have_no_effect() -> None:
    problem = SDP12()
    counts = [problem.active(k / 10) for k in range(200)]
    assert counts[0] == 10
    assert set(counts) == set(range(10, 21))
    for t in TIMES:
        x = problem.space.sample(20, np.random.default_rng(5))
        other = x.copy()
        other[:, problem.active(t) :] = 0.3
        np.testing.assert_array_equal(problem.evaluate(x, t).f, problem.evaluate(other, t).f)
        other[:, problem.active(t) - 1] = 0.3
        assert (problem.evaluate(x, t).f != problem.evaluate(other, t).f).any()


def test_settings_are_checked() -> None:
    with pytest.raises(ArgumentError, match="n_obj: expected a whole number >= 2, got 1"):
        SDP3(n_obj=1)
    with pytest.raises(ArgumentError, match="dim: expected a whole number >= 4, got 3"):
        SDP1(3)
    with pytest.raises(ArgumentError, match="dim: expected a whole number >= 5, got 4; SDP3 needs 4 "):
        SDP3(4, 5)
    with pytest.raises(ArgumentError, match="fewest: expected at most dim = 12, got 13"):
        SDP12(12, fewest=13)
    with pytest.raises(ArgumentError, match="fewest: expected a whole number >= 3, got 2"):
        SDP12(12, fewest=2)
    with pytest.raises(ArgumentError, match="severity"):
        SDP7(severity=0.0)
