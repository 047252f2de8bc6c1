"""DP1 to DP10: agreement with a second implementation, and fronts that are whole and not beaten."""

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
from problems.analytic import Analytic
from problems.synthetic import DF8, DP3, DP7, DP10

OWN = [("DP2", {}), ("DP3", {}), ("DP3", {"variant": "text"}), ("DP7", {}), ("DP7", {"variant": "text"})]
OWN += [("DP10", {}), ("DP10", {"variant": "text"})]

every_own = pytest.mark.parametrize(("name", "options"), OWN)
every_time = pytest.mark.parametrize("t", TIMES, ids="t={:.3g}".format)


# --- A second implementation, in plain loops, from the official code; `text` from the report -------


def ripple(size: float, waves: float, x1: float) -> float:
    return size * math.sin(waves * math.pi * x1)


def powers(x: list[float], g: float, a: float, b: float) -> list[float]:
    r = ripple(0.1, 3, x[0])
    return [g * (x[0] + r) ** a, g * (1 - x[0] + r) ** b]


def dp1(x: list[float], t: float, text: bool) -> list[float]:
    G = math.sin(0.5 * math.pi * t)
    g = 1 + sum(abs(G) * (xi - G) ** 2 - 10 * math.cos(2 * math.pi * (xi - G)) + 10 for xi in x[1:])
    return powers(x, g, 0.2 + 2.8 * abs(G), 0.2 + 2.8 * abs(G))


def dp2(x: list[float], t: float, text: bool) -> list[float]:
    p, g = math.floor(5 * abs(math.sin(math.pi * t))), 1.0
    for xi in x[1:]:
        y = xi - math.cos(t)
        g += 4 * y**2 - math.cos(2 * p * math.pi * y) + 1
    return [g * (1 - x[0] + ripple(0.05, 6, x[0])), g * (x[0] + ripple(0.05, 6, x[0]))]


def dp3(x: list[float], t: float, text: bool) -> list[float]:
    k, a = 10 * math.cos(2.5 * math.pi * t), 0.5 * abs(math.sin(math.pi * t))
    g = 1.0
    for xi in x[1:]:
        g += (xi - 0.5) ** 2 * (1 + abs(math.cos(8 * math.pi * xi)))
    c = math.cos(0.5 * math.pi * x[0])
    tilted = abs(k * (c - math.cos(0.5 * math.pi * a)) + math.sin(0.5 * math.pi * a))
    circle = math.sin(0.5 * math.pi * x[0])
    if text:
        return [g * c, g * (tilted if x[0] > a else circle)]
    s = 1 / (1 + math.exp(-100 * (a - x[0])))
    return [g * c, g * (s * tilted + (1 - s) * circle)]


def dp4(x: list[float], t: float, text: bool) -> list[float]:
    G = math.sin(0.5 * math.pi * t)
    k, g = 2 * math.floor(10 * abs(G)), 1.0
    for xi in x[1:]:
        g += 4 * (xi - G) ** 2 - math.cos(k * math.pi * (xi - G)) + 1
    return powers(x, g, 1, 1)


def dp5(x: list[float], t: float, text: bool) -> list[float]:
    G = math.sin(0.5 * math.pi * t)
    g = 1 + sum((xi - G) ** 2 - 10 * math.cos(2 * math.pi * (xi - G)) + 10 for xi in x[1:])
    return powers(x, g, 0.2 + 2.8 * abs(G), 0.2 + 2.8 * abs(G))


def dp6(x: list[float], t: float, text: bool) -> list[float]:
    G = math.sin(0.5 * math.pi * t)
    r, g = ripple(0.02, math.floor(10 * G), x[0]), 1 + sum((xi - G) ** 2 for xi in x[1:])
    return [g * (x[0] + r), g * (1 - x[0] + r)]


def dp7(x: list[float], t: float, text: bool) -> list[float]:
    G = math.sin(0.5 * math.pi * t)
    waves = 100 * G**2 if text else 1
    goal = G * math.sin(4 * math.pi * x[0] * waves) / (1 + abs(G))
    return powers(x, 1 + sum((xi - goal) ** 2 for xi in x[1:]), 1, 2.25 + 2 * math.cos(2 * math.pi * t))


def dp8(x: list[float], t: float, text: bool) -> list[float]:
    N, g = 1 + math.floor(10 * abs(math.sin(0.5 * math.pi * t))), 1.0
    for i in range(1, len(x)):
        g += (x[i] - math.cos(4 * t + x[0] + x[i - 1])) ** 2
    r = max(0.0, (0.1 + 0.5 / N) * math.sin(2 * N * math.pi * x[0]))
    return [g * (x[0] + r), g * (1 - x[0] + r)]


def dp9(x: list[float], t: float, text: bool) -> list[float]:
    G = math.sin(0.5 * math.pi * t)
    r, g = ripple(0.05, 10 ** (1 + abs(G)), x[0]), 1 + sum((xi - G) ** 2 for xi in x[1:])
    return [g * (x[0] + r), g * (1 - x[0] + r)]


def dp10(x: list[float], t: float, text: bool) -> list[float]:
    G = abs(math.sin(0.5 * math.pi * t))
    p = math.floor(6 * G)
    if not text:
        p = max(p, 1)
    goal = abs(math.atan(1 / math.tan(3 * math.pi * t**2 + 2.0**-52))) / math.pi
    g = 1 + sum((xi - goal) ** 2 for xi in x[1:])
    s = math.sin(0.5 * math.pi * x[0])
    return [g * math.cos(0.5 * math.pi * x[0]) ** 2 + G, s**2 + s * math.cos(p * math.pi * x[0]) ** 2 + G]


Loop = Callable[[list[float], float, bool], list[float]]
LOOPS: list[Loop] = [dp1, dp2, dp3, dp4, dp5, dp6, dp7, dp8, dp9, dp10]


@pytest.mark.parametrize("number", range(1, 11))
@pytest.mark.parametrize("dim", [3, 10])
def test_agrees_with_plain_loops(number: int, dim: int) -> None:
    kind = getattr(synthetic, f"DP{number}")
    rng = np.random.default_rng(1)
    for text, problem in [(False, kind(dim)), *([(True, kind(dim, "text"))] if number in (3, 7, 10) else [])]:
        for t in (*TIMES, *(np.arange(31) / 10).tolist()):
            x = problem.space.sample(20, rng)
            x[:2, 0] = 0.0, 1.0
            theirs = [LOOPS[number - 1](row, t, text) for row in x.tolist()]
            np.testing.assert_allclose(problem.evaluate(x, t).f, theirs, rtol=1e-12, atol=1e-10)


def best(problem: Analytic, p: Array, t: float) -> Array:
    """Points of least distance with position variables p."""
    x = np.empty((len(p), problem.dim))
    x[:, :1] = p
    G = math.sin(0.5 * math.pi * t)
    for row in x:
        if isinstance(problem, DP7):
            waves = 100 * G**2 if problem.variant == "text" else 1
            row[1:] = G * math.sin(4 * math.pi * row[0] * waves) / (1 + abs(G))
        elif isinstance(problem, DP10):
            row[1:] = abs(math.atan(1 / math.tan(3 * math.pi * t**2 + 2.0**-52))) / math.pi
        else:
            row[1:] = 0.5 if isinstance(problem, DP3) else math.cos(t)
    return x


# --- Fronts --------------------------------------------------------------------------------------


@every_own
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(
    name: str, options: dict[str, str], t: float
) -> None:
    problem = getattr(synthetic, name)(**options)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(problem, p, t))
    f, front = problem.evaluate(x, t).f, problem.front(t, 1500)
    assert moocore.is_nondominated(front).all()
    assert beaten(front, f) == 0
    assert missed(front, f, 0.003) == 0


@every_own
def test_front_has_about_n_points(name: str, options: dict[str, str]) -> None:
    for t in TIMES:
        assert 150 <= len(getattr(synthetic, name)(**options).front(t, 300)) <= 310, t


# --- Single problems ------------------------------------------------------------------------------


def test_six_are_problems_of_older_suites() -> None:
    known = {"DP1": "DF6", "DP4": "JY6", "DP5": "JY7", "DP6": "DF5", "DP8": "DF9", "DP9": "JY4"}
    assert all(getattr(synthetic, a) is getattr(synthetic, b) for a, b in known.items())


def test_dp3_published_front_holds_ours_and_what_it_dominates() -> None:
    rising = 0
    for t in TIMES:
        published, ours = DP3(variant="published").front(t, 1001), DP3().front(t, 1001)
        kept = published[moocore.is_nondominated(published)]
        assert missed(ours, kept, 0.003) == 0
        assert missed(kept, ours, 0.003) == 0
        rising += len(kept) < 0.99 * len(published)
    assert rising >= 5


def test_dp7_code_is_df8() -> None:
    x = DP7().space.sample(100, np.random.default_rng(2))
    for t in TIMES:
        np.testing.assert_allclose(DP7().evaluate(x, t).f, DF8().evaluate(x, t).f, rtol=1e-14)
        np.testing.assert_allclose(DP7().front(t, 200), DF8().front(t, 200), rtol=1e-14)
        np.testing.assert_allclose(DP7(variant="text").front(t, 200), DF8().front(t, 200), rtol=1e-14)


def test_dp10_variants_differ_only_where_the_wave_is_low() -> None:
    x = DP10().space.sample(100, np.random.default_rng(2))
    for t in TIMES:
        same = (DP10().evaluate(x, t).f == DP10(variant="text").evaluate(x, t).f).all()
        assert same == (6 * abs(math.sin(math.pi * t / 2)) >= 1), t


def test_variants_must_be_known() -> None:
    with pytest.raises(ArgumentError, match="variant: expected 'code' or 'text' or 'published', got 'paper'"):
        DP3(variant="paper")
    with pytest.raises(ArgumentError, match="variant: expected 'code' or 'text', got 'published'"):
        DP7(variant="published")
    with pytest.raises(ArgumentError, match="variant: expected 'code' or 'text', got 'report'"):
        DP10(variant="report")
