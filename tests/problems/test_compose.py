"""Compositions keep what is known of a problem, nest, and are pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from scipy import stats

from dmo import Batch, Evolve, Problem, Space, cec2018, run
from dmo.check import check_problem
from dmo.errors import ArgumentError
from dmo.identity import describe
from dmo.problem import HasSet
from dmo.types import Array
from problems.compose import Noisy, Reordered, Rotated, Scaled, Widened
from problems.constrained import DCF1
from problems.synthetic import DF1, DF2, DF5, DF7, DF11, F10, JY6

TIMES = np.arange(31) / 10

COMPOSED: dict[str, Problem] = {
    "reordered": Reordered(DF1(), n_env=7),
    "noisy": Noisy(DF1()),
    "rotated": Rotated(DF5()),
    "rotated, three objectives": Rotated(DF11(), seed=4),
    "scaled": Scaled(DF1()),
    "linked": Widened(DF1(), extra=13),
    "irrelevant": Widened(DF2(), kind="irrelevant"),
    "constrained": Noisy(Widened(Reordered(DCF1()), extra=2), std=0.0),
    "nested": Reordered(Widened(Rotated(Scaled(JY6(), condition=10.0)), extra=3), seed=2),
    "nested otherwise": Rotated(Rotated(Widened(F10(), extra=1)), seed=1),
}
QUIET = [name for name in COMPOSED if name != "noisy"]


@pytest.mark.parametrize("name", COMPOSED)
def test_keeps_the_contract_of_a_problem(name: str) -> None:
    check_problem(COMPOSED[name])


@pytest.mark.parametrize("name", QUIET)
def test_set_lies_in_the_space_and_evaluates_onto_the_front(name: str) -> None:
    problem = COMPOSED[name]
    assert isinstance(problem, HasSet)
    for t in TIMES:
        x, front = problem.set(float(t), 60), problem.front(float(t), 60)
        assert x is not None
        assert front is not None
        assert problem.space.contains(x).all()
        np.testing.assert_allclose(problem.evaluate(x, float(t)).f, front, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", QUIET)
def test_nothing_near_the_set_beats_the_front(name: str) -> None:
    problem, rng = COMPOSED[name], np.random.default_rng(3)
    assert isinstance(problem, HasSet)
    for t in (0.0, 0.3, 1.1):
        x, front = problem.set(t, 200), problem.front(t, 200)
        assert x is not None
        assert front is not None
        near = np.repeat(x, 20, axis=0) + rng.normal(0, 1e-3, (20 * len(x), 1)) * problem.space.span
        batch = problem.evaluate(problem.space.repair(near), t)
        f = batch.f[batch.feasible]
        assert not any((row < front - 1e-6).all(axis=1).any() for row in f), t


# --- Reordered -----------------------------------------------------------------------------------


def test_reordered_visits_every_environment_once_in_an_order_of_the_seed() -> None:
    problem = Reordered(DF7(), n_env=31)
    known = {DF7().front(k / 10, 50).tobytes(): k for k in range(31)}
    order = problem.order(0)
    assert [known[problem.front(k / 10, 50).tobytes()] for k in range(31)] == order.tolist()
    assert sorted(order.tolist()) == list(range(31))
    assert order.tolist() != list(range(31))
    assert order.tolist() == Reordered(DF5(), n_env=31).order(0).tolist()
    assert order.tolist() != Reordered(DF1(), n_env=31, seed=1).order(0).tolist()
    assert order.tolist() != problem.order(1).tolist()


def test_reordered_goes_through_another_permutation_after_the_last_environment() -> None:
    problem = Reordered(DF1(), n_env=5)
    x = DF1().space.sample(10, np.random.default_rng(1))
    for block in range(3):
        times = problem.order(block) / 10
        for k, moment in enumerate(times.tolist()):
            t = (5 * block + k) / 10
            np.testing.assert_array_equal(problem.evaluate(x, t).f, DF1().evaluate(x, moment).f)


# --- Noisy ---------------------------------------------------------------------------------------


def noise(problem: Noisy, x: Array, t: float) -> Array:
    return np.asarray((problem.evaluate(x, t).f - problem.problem.evaluate(x, t).f) / problem.std)


def test_noise_is_standard_normal_and_independent() -> None:
    x = DF1().space.sample(40_000, np.random.default_rng(2))
    e = noise(Noisy(DF1(), std=0.5), x, 0.3)
    assert np.abs(e.mean(axis=0)).max() < 4 / np.sqrt(len(x))
    assert stats.kstest(e.ravel(), "norm").pvalue > 1e-3
    others = [
        e[1:, 0],
        noise(Noisy(DF1(), 0.5, seed=1), x, 0.3)[:, 0],
        noise(Noisy(DF1(), 0.5), x, 0.4)[:, 0],
    ]
    for other in (e[:, 1], *others):
        assert abs(np.corrcoef(e[: len(other), 0], other)[0, 1]) < 4 / np.sqrt(len(x))


def test_noise_is_a_function_of_the_point() -> None:
    problem = Noisy(DF1(), std=0.5, seed=7)
    x = DF5().space.sample(50, np.random.default_rng(2))
    x[0] = -0.0
    e = noise(Noisy(DF5(), std=0.5, seed=7), x, 0.3)
    zero = x.copy()
    zero[0] = 0.0
    np.testing.assert_array_equal(noise(Noisy(DF5(), std=0.5, seed=7), zero, 0.3), e)
    np.testing.assert_array_equal(noise(Noisy(DF5(), std=0.5, seed=7), x[::-1], 0.3)[::-1], e)
    np.testing.assert_array_equal(problem.front(0.3, 50), DF1().front(0.3, 50))
    moved = np.abs(noise(problem, np.abs(x) + 1e-12, 0.3) - noise(problem, np.abs(x), 0.3))
    assert np.median(moved) > 0.1  # a neighbour has other noise


# --- Coordinates and width -----------------------------------------------------------------------


def test_rotation_keeps_lengths_and_mixes_variables() -> None:
    problem, inner = Rotated(DF1(), seed=5), DF1()
    z = inner.space.sample(40, np.random.default_rng(1))
    x = problem._outward(z)
    np.testing.assert_allclose(np.linalg.norm(x - 0.5, axis=1), np.linalg.norm(z - 0.5, axis=1))
    np.testing.assert_allclose(problem.evaluate(x, 0.3).f, inner.evaluate(z, 0.3).f, rtol=1e-9)
    shifted = x.copy()
    shifted[:, 3] += 0.01
    assert (np.abs(problem._inward(shifted) - z) > 1e-6).sum(axis=1).min() >= 7


def test_rotated_points_beyond_the_inner_box_count_as_the_nearest_in_it() -> None:
    problem = Rotated(DF1())
    x = problem.space.sample(200, np.random.default_rng(1))
    z = problem._inward(x)
    assert DF1().space.contains(z).all()
    assert (np.isin(z, [0.0, 1.0]).any(axis=1)).mean() > 0.5
    np.testing.assert_array_equal(problem.evaluate(x, 0.3).f, DF1().evaluate(z, 0.3).f)
    corners = problem._outward(np.where(DF1().space.sample(500, np.random.default_rng(2)) > 0.5, 1.0, 0.0))
    assert (corners >= problem.space.lower - 1e-9).all()
    assert (corners <= problem.space.upper + 1e-9).all()


def test_scaled_ranges_differ_by_the_condition() -> None:
    span = Scaled(DF1(), condition=100.0).space.span
    assert span[-1] / span[0] == pytest.approx(100.0)
    assert span[0] == 1.0


def test_linked_variables_must_agree_and_irrelevant_ones_need_not() -> None:
    x = DF1().space.sample(30, np.random.default_rng(1))
    twins = np.column_stack([x, x, x[:, :1]])
    linked = Widened(DF1(), extra=11, weight=2.0)
    np.testing.assert_array_equal(linked.evaluate(twins, 0.3).f, DF1().evaluate(x, 0.3).f)
    twins[:, -1] += 0.1
    np.testing.assert_allclose(linked.evaluate(twins, 0.3).f, DF1().evaluate(x, 0.3).f + 2.0 * 0.01)
    free = Widened(DF1(), extra=11, kind="irrelevant")
    np.testing.assert_array_equal(free.evaluate(twins, 0.3).f, DF1().evaluate(x, 0.3).f)


# --- What is not known, and what cannot be -------------------------------------------------------


@dataclass(frozen=True)
class Whole:
    """A problem of integers, with a context, of which neither front nor set is known."""

    space: ClassVar = Space(np.zeros(3), np.full(3, 9.0), np.array([True, True, False]), 2, 1)

    def evaluate(self, x: Array, t: float) -> Batch:
        return Batch(x.copy(), np.column_stack([x[:, 0], (x[:, 1] - t) ** 2]), x[:, 2:] - 5.0)

    def front(self, t: float, n: int) -> None:
        return None

    def context(self, t: float) -> Array:
        return np.array([t])


def test_integers_constraints_and_context_pass_through() -> None:
    problem = Reordered(Noisy(Widened(Whole(), extra=4)), n_env=3)
    check_problem(problem)
    assert problem.space.integer.tolist() == [True, True, False, True, True, False, True]
    assert problem.front(0.0, 10) is None
    assert problem.set(0.0, 10) is None
    assert problem.context(0.1) == [problem.order(0)[1] / 10]
    assert Noisy(DF1()).context(0.0) is None
    answers = run(problem, cec2018(pop_size=10, n_env=3, opening=5), Evolve(), seed=1).answers
    assert problem.space.contains(answers[-1].x).all()


@pytest.mark.parametrize("kind", [Rotated, Scaled])
def test_integers_are_not_turned_or_stretched(kind: type[Rotated] | type[Scaled]) -> None:
    with pytest.raises(ArgumentError, match="problem: expected a problem of real variables only"):
        kind(Whole())


def test_settings_are_checked() -> None:
    for make, name in (
        (lambda: Noisy("df1"), "problem"),
        (lambda: Noisy(DF1(), std=-1.0), "std"),
        (lambda: Reordered(DF1(), n_env=0), "n_env"),
        (lambda: Scaled(DF1(), condition=0.5), "condition"),
        (lambda: Widened(DF1(), extra=0), "extra"),
        (lambda: Widened(DF1(), kind="copied"), "kind"),
    ):
        with pytest.raises(ArgumentError, match=f"^{name}: expected"):
            make()


def test_compositions_can_be_told_apart() -> None:
    keys = [str(describe(problem)) for problem in COMPOSED.values()]
    assert len(set(keys)) == len(keys)
