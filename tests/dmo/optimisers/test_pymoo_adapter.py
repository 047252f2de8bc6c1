"""The pymoo adapter does what pymoo does, bit for bit, and bears what pymoo never meets by itself."""

import numpy as np
import pytest
from pymoo.core.problem import Problem
from pymoo.optimize import minimize
from statics import Static, dtlz2, zdt1

from dmo import Batch, Evolve, Space
from dmo.check import check_searcher
from dmo.errors import ArgumentError
from dmo.optimisers import Pymoo

MOO = "pymoo.algorithms.moo."


class Wrapped(Problem):
    def __init__(self, static):
        space = static.space
        super().__init__(
            n_var=space.dim, n_obj=space.n_obj, n_ieq_constr=space.n_con, xl=space.lower, xu=space.upper
        )
        self.static = static

    def _evaluate(self, x, out, *args, **kwargs):
        batch = self.static.evaluate(x)
        out["F"], out["G"] = batch.f, batch.g


class Seed:
    """A generator that draws this seed."""

    def __init__(self, seed):
        self.seed = seed

    def integers(self, _):
        return self.seed


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nsga2.NSGA2", Static(zdt1, 6)),
        ("nsga2.NSGA2", Static(zdt1, 6, circle=0.3)),
        ("moead.MOEAD", Static(dtlz2, 5, 3)),
        ("spea2.SPEA2", Static(dtlz2, 5, 3)),
        ("ctaea.CTAEA", Static(zdt1, 5, circle=0.3)),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_is_pymoos_own_run(name, problem):
    optimiser = Pymoo(MOO + name, 15)
    reference = optimiser.build(problem.space.n_obj)
    first = []
    reference.callback = lambda algorithm: first.append(algorithm.off.get("X")) if not first else None
    theirs = minimize(Wrapped(problem), reference, ("n_gen", 8), seed=5).algorithm
    evolution = optimiser.start(problem.space, Seed(5))
    evolution.begin(problem.evaluate(first[0]))
    while evolution._algorithm.n_iter < theirs.n_iter:
        evolution.tell(problem.evaluate(evolution.ask()))
    assert np.array_equal(evolution.population.x, theirs.pop.get("X"))
    assert np.array_equal(evolution.population.f, theirs.pop.get("F"))


def test_a_cut_generation_counts_and_its_rest_is_asked_for_again():
    problem, rng = Static(zdt1, 4), np.random.default_rng(0)
    evolution = Pymoo(pop_size=10).start(problem.space, rng)
    evolution.begin(problem.evaluate(problem.space.sample(10, rng)))
    children = problem.evaluate(evolution.ask())
    best = Batch(children.x[:1], np.full((1, 2), -1.0), children.g[:1])
    evolution.tell(best)
    assert (evolution.population.f == -1.0).all(axis=1).any()
    assert np.array_equal(evolution.ask(), children.x[1:])
    evolution.tell(children[1:])
    assert (evolution.population.f == -1.0).all(axis=1).any()
    assert len(evolution.ask()) == 10


@pytest.mark.parametrize("n", [1, 3, 40])
@pytest.mark.parametrize("name", ["nsga2.NSGA2", "moead.MOEAD", "gde3.GDE3"])
def test_it_begins_from_any_number_of_points(n, name):
    problem, rng = Static(zdt1, 4), np.random.default_rng(0)
    evolution = Pymoo(MOO + name, 10).start(problem.space, rng)
    evolution.begin(problem.evaluate(problem.space.sample(n, rng)))
    for _ in range(3):
        evolution.tell(problem.evaluate(evolution.ask()))
    assert problem.space.contains(evolution.population.x).all()


def test_where_pymoo_finds_no_new_point_random_ones_are_asked_for():
    space, rng = Space([0, 0], [1, 1], [True, True], 2), np.random.default_rng(0)
    evolution = Pymoo(pop_size=6).start(space, rng)
    every = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    evolution.begin(Batch.unconstrained(every, every))
    for _ in range(5):
        x = evolution.ask()
        assert len(x) >= 1
        assert space.contains(x).all()
        evolution.tell(Batch.unconstrained(x, x.copy()))


def test_what_cannot_be_used_is_named():
    space, rng = Space.box([0.0], [1.0], 2, 1), np.random.default_rng(0)
    batch = Batch(np.zeros((4, 1)), np.zeros((4, 2)), np.zeros((4, 1)))
    for optimiser, match in (
        (Pymoo("pymoo.nowhere.NSGA2"), "algorithm"),
        (Pymoo(MOO + "nsga2.NSGA9"), "algorithm"),
        (Pymoo(options={"no_such": 1}), "no_such"),
        (Pymoo(MOO + "rvea.RVEA", 8, {"ref_dirs": None}), "options"),
        (Pymoo(MOO + "moead.MOEAD", 8), "constraints"),
        (Pymoo(MOO + "rvea.RVEA", 8), "n_gen"),
    ):
        with pytest.raises(ArgumentError, match=match):
            optimiser.start(space, rng).begin(batch)
    with pytest.raises(ArgumentError, match="dotted"):
        Pymoo("NSGA2")


def test_it_keeps_a_searchers_contract():
    check_searcher(Evolve(Pymoo(MOO + "gde3.GDE3", 8)), generation=8, quick=True)
