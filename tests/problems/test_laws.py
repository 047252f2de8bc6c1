"""The laws of a true front, held against every benchmark problem that the packages export."""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
import pytest
from fronts import beaten

from dmo import Evolve, Problem, Schedule, run
from dmo.check import check_problem
from dmo.errors import ArgumentError
from dmo.problem import HasSet
from dmo.responses import NoResponse
from dmo.types import Array
from problems import constrained, synthetic

PROBLEMS = {name: getattr(suite, name) for suite in (synthetic, constrained) for name in suite.__all__}
TIMES = (*np.arange(0.0, 1.0, 0.1), 1 / 3, 0.75, 1.0, 1.25, 1.5, 1.66, 2.0, 2.3, 2.75, 3.0)
RANDOM = 20_000

every_problem = pytest.mark.parametrize("name", PROBLEMS)


@dataclass(frozen=True)
class At(Schedule):
    """One environment, at a time of choice."""

    moment: float = 0.0

    def time(self, index: int) -> float:
        return self.moment


def front(problem: Problem, t: float, n: int) -> Array:
    found = problem.front(float(t), n)
    assert found is not None
    return found


@every_problem
def test_keeps_the_contract_of_a_problem(name: str) -> None:
    check_problem(PROBLEMS[name]())


@every_problem
def test_refuses_points_of_another_space_and_times_that_are_none(name: str) -> None:
    problem = PROBLEMS[name]()
    x = problem.space.lower[None]
    for points, t, argument in (
        (x[0], 0.0, "x"),
        (x[:, 1:], 0.0, "x"),
        (np.repeat(x, 2, axis=1), 0.0, "x"),
        (x, np.nan, "t"),
        (x, np.zeros(1), "t"),
    ):
        with pytest.raises(ArgumentError, match=f"^{argument}: expected"):
            problem.evaluate(points, t)


@every_problem
def test_the_set_is_feasible_and_evaluates_onto_the_front(name: str) -> None:
    problem = PROBLEMS[name]()
    if not isinstance(problem, HasSet):
        pytest.skip("its optimal set is not known")
    for t in TIMES:
        x = problem.set(float(t), 100)
        assert problem.space.contains(x).all(), t
        image = problem.evaluate(x, float(t))
        assert image.feasible.all(), t
        np.testing.assert_allclose(image.f, front(problem, t, 100), rtol=0, atol=1e-9, err_msg=f"t = {t}")


@every_problem
def test_no_front_point_dominates_another_and_no_random_point_any(name: str) -> None:
    problem = PROBLEMS[name]()
    x = problem.space.sample(RANDOM, np.random.default_rng(3))
    for t in TIMES:
        points = front(problem, t, 200)
        assert np.isfinite(points).all(), t
        assert moocore.is_nondominated(points).all(), t
        image = problem.evaluate(x, float(t))
        assert beaten(points, image.f[image.feasible]) == 0, t


@every_problem
@pytest.mark.parametrize("t", [0.0, 0.7])
def test_no_point_that_nsga2_finds_dominates_the_front(name: str, t: float) -> None:
    problem = PROBLEMS[name]()
    schedule = At(evals=200 * 100, n_env=1, moment=t)
    found = run(problem, schedule, Evolve(response=NoResponse()), seed=1).answers[0]
    assert beaten(front(problem, t, 1000), found.f[found.feasible]) == 0


@every_problem
def test_documentation_says_what_moves_and_where_it_is_from(name: str) -> None:
    text = PROBLEMS[name].__doc__
    assert "Moves: " in text
    assert "Source: " in text
