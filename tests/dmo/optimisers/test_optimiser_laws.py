"""What holds for every optimiser that is exported, and for all that select by dominance."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, dtlz2, solve, steps, zdt1

import dmo.optimisers
from dmo import Batch
from dmo.dominance import nondominated
from dmo.metrics import hypervolume
from dmo.optimisers import NSGA2, NSGA3, RMMEDA, SMSEMOA, SPEA2

EXPORTED = [getattr(dmo.optimisers, name) for name in dmo.optimisers.__all__]
OPTIMISERS = [o for o in EXPORTED if hasattr(o, "__dataclass_fields__") and hasattr(o, "start")]
every = pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: o.__name__)


@every
@pytest.mark.parametrize("circle", [None, 0.3])
def test_members_keep_their_own_values(optimiser, circle):
    problem = Static(zdt1, 4, circle=circle)
    for evolution in steps(optimiser(pop_size=11), problem, 6):
        population = evolution.population
        assert 1 <= len(population) <= 11
        again = problem.evaluate(population.x)
        assert np.array_equal(population.f, again.f)
        assert np.array_equal(population.g, again.g)


@every
@pytest.mark.parametrize("n", [1, 2, 9, 60])
@pytest.mark.parametrize("copies", [1, 3])
def test_it_begins_anew_from_any_number_of_points(optimiser, n, copies):
    problem, rng = Static(dtlz2, 4, 3), np.random.default_rng(n)
    evolution = optimiser(pop_size=9).start(problem.space, rng)
    for _ in range(2):  # the second time it has to forget
        x = np.repeat(problem.space.sample(n, rng), copies, axis=0)
        evolution.begin(problem.evaluate(x))
        assert 1 <= len(evolution.population) <= 9
        assert (evolution.population.x[:, None] == x).all(axis=2).any(axis=1).all()
        for _ in range(2):
            evolution.tell(problem.evaluate(evolution.ask()))


@every
def test_a_generation_may_be_told_in_parts(optimiser):
    problem, rng = Static(zdt1, 4, circle=0.2), np.random.default_rng(0)
    evolution = optimiser(pop_size=8).start(problem.space, rng)
    # The beginning may be cut as well: what is left of it is told before the first ask.
    start = problem.evaluate(problem.space.sample(8, rng))
    evolution.begin(start[:3])
    evolution.tell(start[3:])
    for _ in range(3):
        children = problem.evaluate(evolution.ask())
        for part in (slice(0, 1), slice(1, 5), slice(5, 8)):
            evolution.tell(children[part])
            assert 1 <= len(evolution.population) <= 8


@every
def test_what_is_feasible_is_never_lost_altogether(optimiser):
    # Half of the first two variables' square is forbidden, its middle, through which the way leads.
    feasible = [
        e.population.feasible.any() for e in steps(optimiser(pop_size=10), Static(zdt1, 4, circle=0.4), 15)
    ]
    assert (np.diff(np.array(feasible, dtype=int)) >= 0).all()
    assert feasible[-1]


@every
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_it_learns(optimiser, seed):
    problem = Static(zdt1, 3)
    first, last = (
        hypervolume(solve(optimiser(pop_size=12), problem, n, seed).f, np.array([1.0, 10.0])) for n in (0, 25)
    )
    assert last > first


@pytest.mark.parametrize("optimiser", [NSGA2, NSGA3, RMMEDA, SMSEMOA, SPEA2], ids=lambda o: o.__name__)
@pytest.mark.parametrize(("function", "n_obj"), [(zdt1, 2), (dtlz2, 3)])
def test_no_nondominated_point_is_lost_while_there_is_room(optimiser, function, n_obj):
    populations = (e.population for e in steps(optimiser(40), Static(function, 6, n_obj), 25))
    for before, after in pairwise(populations):
        best = after.f[nondominated(after)]
        for f in before.f[nondominated(before)]:
            # It stays, or it is dominated, or the best fill all places.
            assert ((best <= f).all(axis=1)).any() or len(best) == 40


@pytest.mark.parametrize("optimiser", [NSGA2, RMMEDA, SPEA2], ids=lambda o: o.__name__)
def test_the_extremes_of_two_objectives_stay(optimiser):
    rng = np.random.default_rng(0)
    t = np.sort(rng.random(200))
    f = np.stack([t, (1.0 - np.sqrt(t)) ** 2], axis=1)
    evolution = optimiser(pop_size=7).start(Static(zdt1, 1).space, rng)
    evolution.begin(Batch.unconstrained(t[:, None], f))
    assert {t[0], t[-1]} <= set(evolution.population.x[:, 0].tolist())
