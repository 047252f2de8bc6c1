"""UDF1 to UDF7: agreement with a second implementation, and fronts that are whole and not beaten."""

from __future__ import annotations

import math

import moocore
import numpy as np
import pytest
from fronts import TIMES, beaten, candidates, missed

from dmo.errors import ArgumentError
from dmo.types import Array
from problems.analytic import Analytic
from problems.synthetic import UDF1, UDF2, UDF3, UDF4, UDF5, UDF6, UDF7

KINDS = {"UDF1": UDF1, "UDF2": UDF2, "UDF3": UDF3, "UDF4": UDF4, "UDF5": UDF5, "UDF6": UDF6, "UDF7": UDF7}
NAMES = [*KINDS, "UDF3 shifted", "UDF6 shifted"]
# the bumps of UDF3 and UDF6 come and go within |G| <= 1 / 20
EARLY = (0.01, 0.02, 0.03, 2.01)

every_problem = pytest.mark.parametrize("name", NAMES)
every_time = pytest.mark.parametrize("t", [*TIMES, *EARLY], ids="t={:.3g}".format)


def make(name: str, dim: int = 10) -> Analytic:
    kind, _, variant = name.partition(" ")
    problem = KINDS[kind](dim, variant) if variant else KINDS[kind](dim)
    assert isinstance(problem, Analytic)
    return problem


def wave(t: float) -> float:
    return math.sin(math.pi * t / 2)


# --- A second implementation, in plain loops -----------------------------------------------------


def goal(name: str, x: list[float], j: int, t: float) -> float:
    """Where the variable of number j, from 1, is best."""
    G, n = wave(t), len(x)
    kind = name.split()[0]
    if kind == "UDF7":
        return 2 * x[1] * math.sin(2 * math.pi * x[0] + j * math.pi / n)
    if kind in ("UDF2", "UDF5"):
        return x[0] ** (0.5 * (2 + 3 * (j - 2) / (n - 2) + G)) + G
    phase = math.ceil(n * G) if kind == "UDF4" else 0
    return math.sin(6 * math.pi * x[0] + (j + phase) * math.pi / n) + (G if kind == "UDF1" else 0)


def penalty(name: str, off: list[float], numbers: list[int]) -> float:
    kind = name.split()[0]
    if kind == "UDF3":
        total, product = 0.0, 1.0
        for y, j in zip(off, numbers, strict=True):
            total += 2 * y**2
            product *= math.cos(20 * math.pi * y / math.sqrt(j))
        return 2 / len(off) * (4 * total - 2 * product + 2) ** 2
    if kind == "UDF6":
        return 2 / len(off) * sum((2 * y**2 - math.cos(4 * math.pi * y) + 1) ** 2 for y in off)
    return 2 / len(off) * sum(y**2 for y in off)


def curve(name: str, x: list[float], t: float) -> list[float]:
    """Objectives but for the penalties."""
    G, N = abs(wave(t)), 10
    kind, _, variant = name.partition(" ")
    if kind == "UDF7":
        a, b, R = math.pi * x[0] / 2, math.pi * x[1] / 2, 1 + G
        return [
            R * math.cos(a) * math.cos(b) + wave(t),
            R * math.cos(a) * math.sin(b) + wave(t),
            R * math.sin(a) + wave(t),
        ]
    if kind in ("UDF1", "UDF2"):
        return [x[0] + G, 1 - x[0] + G]
    if kind in ("UDF4", "UDF5"):
        return [x[0], 1 - (0.5 + G) * x[0] ** (0.5 + G)]
    bump, lift = math.sin(2 * N * math.pi * x[0]), G
    if not variant:
        bump, lift = bump - 2 * N * G, 0
    bump = (1 / (2 * N) + 0.1) * (max(0, bump) if kind == "UDF3" else abs(bump)) + lift
    return [x[0] + bump, 1 - (0.5 + G if kind == "UDF6" else 1) * x[0] + bump]


def plain(name: str, x: list[float], t: float) -> list[float]:
    first = 3 if name == "UDF7" else 2
    if name == "UDF7":  # the remainder of j by 3 for f1, f2 and f3
        groups = [[j for j in range(first, len(x) + 1) if j % 3 == rest] for rest in (1, 2, 0)]
    else:
        groups = [[j for j in range(first, len(x) + 1) if j % 2 == rest] for rest in (1, 0)]
    return [
        value + penalty(name, [x[j - 1] - goal(name, x, j, t) for j in group], group)
        for value, group in zip(curve(name, x, t), groups, strict=True)
    ]


@every_problem
@pytest.mark.parametrize("dim", [5, 10])
def test_agrees_with_plain_loops(name: str, dim: int) -> None:
    problem = make(name, dim)
    rng = np.random.default_rng(1)
    for t in (*TIMES, *EARLY, *np.arange(31) / 10):
        x = problem.space.sample(20, rng)
        x[0, 0], x[1, 0] = 0.0, 1.0
        theirs = [plain(name, row, float(t)) for row in x.tolist()]
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, theirs, rtol=1e-11, atol=1e-11)


# --- Fronts --------------------------------------------------------------------------------------


def best(name: str, p: Array, t: float, dim: int = 10) -> Array:
    """Points of least distance with position variables p."""
    k = p.shape[1]
    rows = [[*row, *[0.0] * (dim - k)] for row in p.tolist()]
    for row in rows:
        row[k:] = [goal(name, row, j, t) for j in range(k + 1, dim + 1)]
    return np.array(rows)


@every_problem
@every_time
def test_no_point_near_the_set_beats_the_front_and_none_is_missed(name: str, t: float) -> None:
    problem = make(name)
    x = candidates(problem, t, np.random.default_rng(4), lambda p: best(name, p, t))
    f = problem.evaluate(x, t).f
    front = problem.front(t, 1500 if problem.n_obj == 2 else 6000)
    assert beaten(front, f) == 0
    assert missed(front, f, 0.003 if problem.n_obj == 2 else 0.06) == 0


@every_problem
@every_time
def test_front_is_as_the_paper_states_it(name: str, t: float) -> None:
    G = abs(wave(t))
    f = make(name).front(t, 500)
    if name == "UDF7":
        np.testing.assert_allclose(np.linalg.norm(f - wave(t), axis=1), 1 + G, rtol=1e-12)
    elif name in ("UDF4", "UDF5"):
        np.testing.assert_allclose(f[:, 1], 1 - (0.5 + G) * f[:, 0] ** (0.5 + G), atol=1e-12)
    elif name in ("UDF1", "UDF2", "UDF3 shifted"):
        np.testing.assert_allclose(f[:, 0] - G, 1 - (f[:, 1] - G), atol=1e-9)
        assert f[:, 0].min() == pytest.approx(G, abs=1e-12)
        assert f[:, 0].max() == pytest.approx(1 + G, abs=1e-12)
    elif name == "UDF6 shifted":
        i = np.arange(21)
        stated = np.column_stack([i / 20 + G, 1 - i / 20 * (0.5 + G) + G])
        np.testing.assert_allclose(f[np.argsort(f[:, 0])], stated, atol=1e-9)


def test_udf3_pieces_shift_in_one_variant_and_vanish_in_the_other() -> None:
    def pieces(problem: UDF3, t: float) -> int:
        return 1 + int(np.count_nonzero(np.diff(np.sort(problem.front(t, 2000)[:, 0])) > 0.01))

    assert [pieces(UDF3(), t) for t in (0.0, 0.1, 1.0)] == [11, 1, 1]
    assert [pieces(UDF3(variant="shifted"), t) for t in (0.0, 0.1, 1.0)] == [11, 11, 11]


def test_udf6_printed_recedes_by_three_g() -> None:
    f = UDF6().front(1.0, 500)
    u = np.linspace(0, 1, 100_001)
    ripple = 0.15 * (20 - np.sin(20 * np.pi * u))
    whole = np.column_stack([u + ripple, 1 - 1.5 * u + ripple])
    whole = whole[moocore.is_nondominated(whole)]
    assert beaten(f, whole) == 0
    assert missed(f, whole, 0.003) == 0
    np.testing.assert_allclose(f.min(axis=0), [3 - 0.15, 1 - 1.5 + 3 - 0.15], atol=0.12)


@pytest.mark.parametrize("kind", [UDF3, UDF6])
def test_variants_must_be_known(kind: type[UDF3] | type[UDF6]) -> None:
    with pytest.raises(ArgumentError, match="variant: expected 'printed' or 'shifted', got 'paper'"):
        kind(variant="paper")


@pytest.mark.parametrize(("name", "least"), [("UDF1", 3), ("UDF7", 5)])
def test_each_objective_needs_a_distance_variable(name: str, least: int) -> None:
    assert make(name, least).front(0.3, 20).shape[1] == make(name).n_obj
    with pytest.raises(ArgumentError, match=f"dim: expected a whole number >= {least}"):
        make(name, least - 1)
