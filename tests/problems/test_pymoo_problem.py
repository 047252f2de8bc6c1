"""Problems of pymoo: the values they have there, their own time, and clear errors."""

from __future__ import annotations

import numpy as np
import pytest
from fronts import TIMES
from pymoo.core.problem import ElementwiseProblem
from pymoo.core.variable import Integer, Real
from pymoo.problems import get_problem
from pymoo.problems.dynamic.df import DF1 as PymooDF1
from pymoo.problems.dynamic.df import DF5 as PymooDF5

from dmo import Evolve, cec2018, run
from dmo.check import check_problem
from dmo.errors import ArgumentError, EvaluationError
from dmo.identity import describe
from dmo.types import Array
from problems.compose import Rotated
from problems.pymoo_problem import PymooProblem
from problems.synthetic import DF1, DF5, DF10, FDA4


@pytest.mark.parametrize(
    "problem",
    [
        PymooProblem(),
        PymooProblem("dtlz2", {"n_var": 7, "n_obj": 3}),
        PymooProblem("bnh"),
        PymooProblem("zdt4", {"n_var": 5}),
        PymooProblem("df5", {"n_var": 10}),
        PymooProblem("pymoo.problems.dynamic.cec2015.HE2"),
        PymooProblem("g5", equality=1e-2),
    ],
    ids=lambda p: p.name,
)
def test_keeps_the_contract_of_a_problem(problem: PymooProblem) -> None:
    check_problem(problem, times=(0.0, 0.3, 1.0))


@pytest.mark.parametrize("name", ["zdt3", "dtlz7", "bnh", "tnk", "welded_beam", "truss2d"])
def test_values_and_constraints_are_those_of_pymoo(name: str) -> None:
    ours, theirs = PymooProblem(name), get_problem(name)
    x = ours.space.sample(50, np.random.default_rng(1))
    F, G = theirs.evaluate(x, return_values_of=["F", "G"])
    batch = ours.evaluate(x, 0.7)
    np.testing.assert_array_equal(batch.f, F)
    np.testing.assert_array_equal(batch.g, G)
    np.testing.assert_array_equal(batch.feasible, (G <= 0).all(axis=1))
    np.testing.assert_array_equal(ours.space.lower, theirs.xl)
    np.testing.assert_array_equal(ours.space.upper, theirs.xu)


def test_dynamic_problems_have_the_time_that_is_asked_for() -> None:
    for theirs, ours in (
        (PymooProblem("df1"), DF1()),
        (PymooProblem("pymoo.problems.dynamic.df.DF10"), DF10()),
        (PymooProblem("pymoo.problems.dynamic.cec2015.FDA4", {"n_var": 12}), FDA4()),
    ):
        x = ours.space.sample(40, np.random.default_rng(1))
        for t in (*TIMES, *TIMES[::-1]):
            np.testing.assert_allclose(theirs.evaluate(x, t).f, ours.evaluate(x, t).f, rtol=0, atol=1e-12)


def test_fronts_are_never_of_another_time() -> None:
    problem = PymooProblem("df5")
    for t in (0.0, 0.3, 0.3, 1.0, 0.3):
        front = problem.front(t, 100)
        assert front is not None
        np.testing.assert_allclose(front, DF5().front(t, 100), rtol=0, atol=1e-12)
    given = PymooDF5(time=0.1)
    wrapped = PymooProblem(given)
    assert given.pareto_front().shape == (100, 2)  # which it keeps
    moved = wrapped.front(1.0, 100)
    assert moved is not None
    assert np.abs(moved - DF5().front(1.0, 100)).max() < 1e-12
    assert given.time == 0.1


def test_fronts_have_about_as_many_points_as_are_asked_for() -> None:
    for name, arguments in (("zdt1", {}), ("dtlz2", {"n_var": 12, "n_obj": 3}), ("df1", {}), ("zdt3", {})):
        for n in (50, 300):
            front = PymooProblem(name, arguments).front(0.2, n)
            assert front is not None
            assert 0.5 * n <= len(front) <= n, (name, n)
    assert PymooProblem("mw1").front(0.0, 100) is not None  # which writes into the directions it is given
    assert PymooProblem("zcat1", {"n_var": 10, "n_obj": 3}).front(0.0, 100) is None  # which pymoo lacks
    assert PymooProblem("rosenbrock").front(0.0, 10) is not None
    assert PymooProblem("truss2d").front(0.0, 10) is not None


class Equal(ElementwiseProblem):
    """Two objectives, one equality and one inequality, no front."""

    def __init__(self, shift: float = 0.0, **kwargs: object) -> None:
        super().__init__(n_var=2, n_obj=2, n_ieq_constr=1, n_eq_constr=1, xl=0.0, xu=1.0, **kwargs)
        self.shift = shift

    def _evaluate(self, x: Array, out: dict[str, object], *args: object, **kwargs: object) -> None:
        out["F"] = [x[0] + self.shift, x[1]]
        out["G"] = [x[0] - 0.5]
        out["H"] = [x.sum() - 0.8]


class Failing(Equal):
    def _evaluate(self, x: Array, out: dict[str, object], *args: object, **kwargs: object) -> None:
        raise ZeroDivisionError


def test_equality_constraints_take_a_tolerance_or_are_refused() -> None:
    with pytest.raises(
        ArgumentError, match="equality: expected a tolerance for the 1 equality constraints of Equal"
    ):
        PymooProblem(Equal())
    with pytest.raises(ArgumentError, match="equality: expected a number >= 0"):
        PymooProblem(Equal(), equality=-1.0)
    batch = PymooProblem(Equal(), equality=0.1).evaluate(np.array([[0.4, 0.45], [0.4, 0.6], [0.6, 0.2]]), 0.0)
    np.testing.assert_allclose(batch.g, [[-0.1, -0.05], [-0.1, 0.1], [0.1, -0.1]])
    assert batch.feasible.tolist() == [True, False, False]
    assert PymooProblem(Equal(), equality=0.1).front(0.0, 10) is None


def test_problems_of_ones_own_come_by_dotted_name_and_whole_numbers_stay_whole() -> None:
    named = PymooProblem(f"{__name__}.Equal", {"shift": 2.0}, equality=0.1)
    assert named.evaluate(np.array([[0.25, 0.5]]), 0.0).f.tolist() == [[2.25, 0.5]]
    whole = PymooProblem(Equal(vtype=int), equality=1.0)
    assert whole.space.integer.all()
    x = whole.space.sample(20, np.random.default_rng(1))
    assert set(whole.evaluate(x, 0.0).f.ravel()) == {0.0, 1.0}


def test_errors_name_what_is_wrong() -> None:
    for name, arguments in (
        ("zdt99", {}),
        ("zdt1", {"n_vars": None, "n_var": "ten"}),
        ("problems.synthetic.DF99", {}),
        ("problems.synthetic.DF1", {}),
    ):
        with pytest.raises(ArgumentError, match=r"^name"):
            PymooProblem(name, arguments)
    with pytest.raises(ArgumentError, match="whose variables all have bounds and one type"):
        PymooProblem(Mixed())
    with pytest.raises(EvaluationError, match="pymoo's Failing failed at t = 0: ZeroDivisionError"):
        PymooProblem(Failing(), equality=0.1).evaluate(np.zeros((1, 2)), 0.0)
    with pytest.raises(ArgumentError, match="name: expected a name, where runs are recorded"):
        describe(PymooProblem(PymooDF1()))


class Mixed(ElementwiseProblem):
    def __init__(self) -> None:
        super().__init__(vars={"a": Real(bounds=(0, 1)), "b": Integer(bounds=(0, 3))}, n_obj=2)


def test_settings_tell_runs_apart_and_a_run_uses_it() -> None:
    assert describe(PymooProblem("zdt1")) != describe(PymooProblem("zdt2"))
    assert describe(PymooProblem("zdt1")) == describe(PymooProblem("zdt1", {}))
    schedule = cec2018(pop_size=20, n_env=3, opening=10)
    ours = run(DF1(), schedule, Evolve(), seed=3)
    theirs = run(PymooProblem("df1"), schedule, Evolve(), seed=3)
    for a, b in zip(ours.answers, theirs.answers, strict=True):
        np.testing.assert_allclose(a.f, b.f, rtol=0, atol=1e-9)
    turned = run(Rotated(PymooProblem("dtlz2", {"n_var": 7, "n_obj": 3})), schedule, Evolve(), seed=3)
    assert turned.answers[-1].f.shape[1] == 3
