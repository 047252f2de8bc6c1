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
from problems.synthetic import DMOP1, DMOP2, DMOP3, FDA1, FDA2, FDA3, FDA4, FDA5

PROBLEMS: dict[str, Analytic] = {
    "FDA1": FDA1(),
    "FDA2": FDA2(),
    "FDA2 original": FDA2(31, 15, "original"),
    "FDA2 camara": FDA2(31, 15, "camara"),
    "FDA2 platemo": FDA2(11, 5, "platemo"),
    "FDA3": FDA3(),
    "FDA3 original": FDA3(variant="original"),
    "FDA4": FDA4(),
    "FDA5": FDA5(),
    "DMOP1": DMOP1(),
    "DMOP1 original": DMOP1(variant="original"),
    "DMOP2": DMOP2(),
    "DMOP2 original": DMOP2(variant="original"),
    "DMOP3": DMOP3(),
    "DMOP3 original": DMOP3(variant="original", seed=3),
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


def exponent(variant: str, y: list[float], t: float) -> float:
    """Of FDA2."""
    H = 0.75 + 0.7 * wave(t)
    if variant == "original":
        return 1 / (H + total(y, H))
    if variant == "platemo":
        return H + total(y, H)
    if variant == "camara":
        H = 5 ** -math.cos(math.pi * t / 4)
        return H + total(y, H / 2)
    H = 2 * math.sin(math.pi * (t - 1) / 2)
    return 2 ** (H + total(y, H / 4))


def position(name: str, t: float) -> int:
    """Which variable is dMOP3's position."""
    problem = PROBLEMS[name]
    return problem.place(t) if isinstance(problem, DMOP3) else 0


def plain(name: str, x: list[float], t: float) -> list[float]:
    G = wave(t)
    H = 1.25 + 0.75 * G
    kind, _, variant = name.partition(" ")
    if kind == "FDA2":
        middle = {"original": 15, "camara": 15}.get(variant, 5)
        g = 1 + total(x[1 : middle + 1], 0)
        return [x[0], g * (1 - (x[0] / g) ** exponent(variant, x[middle + 1 :], t))]
    if kind == "FDA3":
        count = 5 if variant else 1
        f1 = sum(xi ** (10 ** (2 * G)) for xi in x[:count])
        g = 1 + abs(G) + total(x[count:], abs(G))
        return [f1, g * (1 - math.sqrt(f1 / g))]
    if kind in ("FDA4", "FDA5"):
        power = 1 + 100 * G**4 if kind == "FDA5" else 1
        radius = 1 + total(x[2:], abs(G)) + (abs(G) if kind == "FDA5" else 0)
        return sphere(x[0] ** power, x[1] ** power, radius)
    if kind == "DMOP1":
        g = 1 + 9 * total(x[1:], 0)
        return [x[0], g * (1 - (x[0] / g) ** H)]
    if kind == "DMOP2":
        g = 1 + total(x[1:], G)
        return [x[0], g * (1 - (x[0] / g) ** H)]
    place = position(name, t)
    f1 = x[place]
    g = 1 + total(x[:place] + x[place + 1 :], G if variant or kind == "FDA1" else abs(G))
    return [f1, g * (1 - math.sqrt(f1 / g))]


@every_problem
def test_agrees_with_plain_loops(name: str) -> None:
    problem = PROBLEMS[name]
    rng = np.random.default_rng(1)
    for t in (*TIMES, *np.arange(31) / 10):
        x = problem.space.sample(20, rng)
        x[0, 0], x[1, 0] = problem.space.lower[0], problem.space.upper[0]
        theirs = [plain(name, row, float(t)) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(FDA2(), "FDA2DEB"), (FDA4(), "FDA4"), (FDA5(), "FDA5")],
    ids=["FDA2", "FDA4", "FDA5"],
)
def test_agrees_with_pymoo(ours: Analytic, theirs: str) -> None:
    x = ours.space.sample(50, np.random.default_rng(2))
    for t in TIMES:
        out: dict[str, Array] = {}
        getattr(cec2015, theirs)(n_var=ours.dim, time=t)._evaluate(x, out)
        np.testing.assert_allclose(ours.evaluate(x, t).f, out["F"], rtol=1e-12, atol=1e-12)


# --- Fronts --------------------------------------------------------------------------------------


def goal(name: str, t: float) -> float:
    """Where distance variables are best; of FDA2, those of the exponent."""
    G = wave(t)
    goals = {
        "FDA2": math.sin(math.pi * (t - 1) / 2) / 2,
        "FDA2 original": -1.0,
        "FDA2 camara": min(1.0, 5 ** -math.cos(math.pi * t / 4) / 2),
        "FDA2 platemo": min(1.0, 0.75 + 0.7 * G),
        "DMOP1": 0.0,
        "DMOP1 original": 0.0,
        "DMOP2 original": max(0.0, G),
        "DMOP3 original": max(0.0, G),
    }
    return goals.get(name, G if name in ("FDA1", "DMOP2") else abs(G))


def best(name: str, p: Array, t: float) -> Array:
    """Points of least distance with position variables p."""
    problem = PROBLEMS[name]
    x = np.full((len(p), problem.dim), goal(name, t))
    if isinstance(problem, FDA2):
        x[:, 1 : problem.middle + 1] = 0.0
    if name == "FDA3 original":
        x[:, :5] = np.random.default_rng(8).random((len(p), 5)) ** 0.1
    else:
        place = position(name, t)
        x[:, place : place + p.shape[1]] = p
    return x


def on_front(name: str, f: Array, t: float) -> Array:
    """0 on the front, by its equation."""
    G = wave(t)
    kind, _, variant = name.partition(" ")
    if kind in ("FDA4", "FDA5"):
        return np.linalg.norm(f, axis=1) - 1 - (abs(G) if kind == "FDA5" else 0)
    if kind == "FDA3":
        g = np.maximum(1 + abs(G), f[:, 0] / 4)
        return f[:, 1] - g + np.sqrt(f[:, 0] * g)
    g, power = 1.0, 1.25 + 0.75 * G
    if kind in ("FDA1", "DMOP3"):
        power = 0.5
    if kind == "FDA2":
        power = exponent(variant, [goal(name, t)] * {"": 7, "platemo": 5}.get(variant, 15), t)
    if name in ("DMOP2 original", "DMOP3 original"):
        g = 1 + 9 * min(0.0, G) ** 2
    return f[:, 1] - g * (1 - (f[:, 0] / g) ** power)


@every_problem
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, t: float) -> None:
    problem = PROBLEMS[name]
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(name, p, t))
    f = problem.evaluate(x, t).f
    front = problem.front(t, 1500 if problem.n_obj == 2 else 6000)
    assert np.abs(on_front(name, front, t)).max() < 1e-9
    assert beaten(front, f) == 0
    gaps = {"FDA3 original": 0.01, "FDA5": 0.06}
    assert missed(front, f, gaps.get(name, 0.002 if problem.n_obj == 2 else 0.03)) == 0


def test_dmop2_original_cannot_follow_its_goal_below_zero() -> None:
    problem = DMOP2(variant="original")
    assert (problem.space.lower == 0.0).all()
    assert (problem.set(3.0, 20)[:, 1:] == 0.0).all()
    assert problem.front(3.0, 20)[0].tolist() == [0.0, 10.0]  # g = 1 + 9
    np.testing.assert_array_equal(problem.front(1.0, 20), DMOP2().front(1.0, 20))


def test_dmop3_position_is_a_sequence_of_the_seed_alone() -> None:
    places = [DMOP3().place(k / 10) for k in range(200)]
    assert places == [DMOP3().place(k / 10) for k in range(200)]
    assert sorted(set(places)) == list(range(10))
    assert places != [DMOP3(seed=1).place(k / 10) for k in range(200)]
    assert places[:20] == [DMOP3(severity=5.0).place(k / 5) for k in range(20)]
    assert np.flatnonzero(np.ptp(DMOP3().set(0.3, 20), axis=0)).tolist() == [places[3]]


def test_fda2_original_is_best_where_its_paper_says_it_is_worst() -> None:
    problem, t = PROBLEMS["FDA2 original"], 0.5
    x = problem.set(t, 50)
    stated = x.copy()
    stated[:, 16:] = min(1.0, 0.75 + 0.7 * wave(t))
    assert (problem.evaluate(x, t).f[1:-1, 1] < problem.evaluate(stated, t).f[1:-1, 1]).all()


def test_fda3_original_front_leaves_its_goal_where_more_distance_is_better() -> None:
    problem = PROBLEMS["FDA3 original"]
    x = problem.set(0.0, 501)
    f = problem.evaluate(x, 0.0).f
    assert f[-1].tolist() == pytest.approx([5.0, -1.25])
    assert (x[f[:, 0] < 4.0, 5:] == 0.0).all()
    assert (x[f[:, 0] > 4.01, 5:] < 0.0).all()


def test_fda5_and_fda3_place_points_evenly_though_their_density_changes() -> None:
    for t in TIMES:
        steps = np.diff(FDA3().front(t, 101)[:, 0])
        np.testing.assert_allclose(steps, steps[0], rtol=1e-9)
        heights = np.unique(np.round(FDA5().front(t, 121)[:, 2], 9))
        np.testing.assert_allclose(
            heights, (1 + abs(wave(t))) * np.sin(np.linspace(0, np.pi / 2, 11)), atol=1e-8
        )


def test_fda2_keeps_a_variable_for_its_exponent() -> None:
    with pytest.raises(ArgumentError, match="middle: expected at most dim - 2 = 3, got 4"):
        FDA2(dim=5, middle=4)
    with pytest.raises(ArgumentError, match="middle: expected a whole number >= 1"):
        FDA2(middle=0)
    with pytest.raises(ArgumentError, match="variant: expected 'deb' or 'original' or 'camara' or 'platemo'"):
        FDA2(variant="text")


@pytest.mark.parametrize("problem", [DMOP1, DMOP2])
def test_variants_must_be_known(problem: type[DMOP1] | type[DMOP2]) -> None:
    with pytest.raises(ArgumentError, match="variant: expected 'symmetric' or 'original', got 'paper'"):
        problem(variant="paper")
