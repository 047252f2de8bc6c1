"""CCMO: epsilon-level comparison at its ends, both populations, and the far side of an infeasible band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, convex, solve, steps, zdt1

from dmo import Batch, Evolve, Reevaluate, Space
from dmo.check import check_searcher
from dmo.dominance import nondominated
from dmo.errors import ArgumentError
from dmo.metrics import igd
from dmo.optimisers import CCMO, NSGA2, SPEA2, Shrinking, Unlimited
from dmo.optimisers.relaxation import relaxed
from dmo.optimisers.spea2 import dominates
from dmo.responses import TDC


@st.composite
def batches(draw):
    n, m, c = draw(st.integers(1, 15)), draw(st.integers(1, 3)), draw(st.integers(0, 2))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    g = rng.integers(-2, 4, size=(n, c)).astype(float)
    return Batch(np.arange(float(n))[:, None], rng.integers(5, size=(n, m)).astype(float), g)


@given(batches())
def test_epsilon_of_nothing_is_constrained_dominance(batch):
    assert np.array_equal(dominates(relaxed(batch, 0.0)), dominates(batch))


@given(batches())
def test_epsilon_without_end_is_dominance_of_the_objectives(batch):
    free = Batch.unconstrained(batch.x, batch.f)
    assert np.array_equal(dominates(relaxed(batch, np.inf)), dominates(free))


@given(batches(), st.sampled_from([0.0, 1.0, 2.0, 5.0]))
def test_epsilon_level_comparison_is_takahamas(batch, epsilon):
    """The paper's words: by objectives where both violate at most epsilon, else by violation."""
    order = dominates(relaxed(batch, epsilon))
    v, f = batch.violation, batch.f
    for i in range(len(batch)):
        for j in range(len(batch)):
            if v[i] <= epsilon and v[j] <= epsilon:
                better = (f[i] <= f[j]).all() and (f[i] < f[j]).any()
            else:
                better = v[i] < v[j]
            assert order[i, j] == better


def test_epsilon_opens_at_the_largest_violation_and_never_grows():
    values = [Shrinking(0, closed=8).epsilon(4.0, k) for k in range(12)]
    assert values[0] == 4.0
    assert values[4] == 1.0
    assert values[8:] == [0.0] * 4
    assert (np.diff(values) <= 0.0).all()
    assert [Shrinking(4, closed=12).epsilon(4.0, k) for k in range(16)] == [np.inf] * 4 + values
    assert Unlimited().epsilon(4.0, 100) == np.inf


def test_epsilon_is_reopened_by_a_new_beginning():
    problem, rng = Static(zdt1, 4, circle=0.45), np.random.default_rng(1)
    evolution = CCMO(20, relaxation=Shrinking(0, closed=3)).start(problem.space, rng)
    for _ in range(2):
        evolution.begin(first := problem.evaluate(problem.space.sample(20, rng)))
        assert evolution.epsilon == first.violation.max() > 0.0
        for _ in range(3):
            evolution.tell(problem.evaluate(evolution.ask()))
        assert evolution.epsilon == 0.0


@settings(deadline=None)
@given(batches(), st.integers(1, 8))
def test_the_obeying_population_holds_the_feasible_first(batch, n):
    evolution = CCMO(max(n, 2)).start(Space.box(np.zeros(1), np.full(1, 20.0), 2), np.random.default_rng(0))
    evolution.begin(batch)
    assert evolution.population.feasible.sum() == min(batch.feasible.sum(), max(n, 2))


def test_without_constraints_both_populations_are_the_same():
    problem = Static(zdt1, 4)
    *_, evolution = steps(CCMO(20, relaxation=Shrinking()), problem, 5)
    assert np.array_equal(evolution._obeying.x, evolution._helping.x)


class Band:
    """zdt1 whose distance to the front must not lie in a wide band: the region of the front is a speck."""

    space = Space.box(np.zeros(4), np.ones(4), 2, 1)

    def evaluate(self, x):
        far = x[:, 1:].mean(axis=1)
        return Batch(x.copy(), zdt1(x), np.minimum(far - 0.03, 0.3 - far)[:, None])


@pytest.mark.parametrize(
    "relaxation", [Unlimited(), Shrinking(30, closed=50)], ids=["unlimited", "shrinking"]
)
def test_two_populations_cross_a_band_where_one_does_not(relaxation):
    seeds, front = range(4), convex(100)
    alone = [solve(NSGA2(20), Band(), 60, seed) for seed in seeds]
    both = [solve(CCMO(20, relaxation=relaxation), Band(), 60, seed) for seed in seeds]
    for population in (*alone, *both):
        assert population.feasible.all()
    distance = [[igd(p[nondominated(p)].f, front) for p in side] for side in (alone, both)]
    assert min(distance[0]) > 1.0  # at the band's far border the front is farther than that
    assert np.mean(distance[1]) < 0.1


def test_differential_evolution_converges_too():
    population = solve(CCMO(30, scale=0.5), Static(zdt1, 4, circle=0.45), 60)
    assert population.feasible.all()
    assert population.f[:, 0].min() < 0.05
    assert population.f[:, 0].max() > 0.9


@pytest.mark.parametrize(
    "optimiser", [CCMO(5, relaxation=Shrinking(1, 2)), CCMO(4, scale=0.5)], ids=["shrinking", "de"]
)
def test_its_variants_keep_a_searchers_contract(optimiser):
    check_searcher(Evolve(optimiser, TDC(), Reevaluate()), 2, generation=5, quick=True)


def test_wrong_settings_are_named():
    with pytest.raises(ArgumentError, match="relaxation"):
        CCMO(relaxation=None)
    with pytest.raises(ArgumentError, match="scale"):
        CCMO(scale=-1.0)
    with pytest.raises(ArgumentError, match="closed"):
        Shrinking(3, closed=3)


def test_spea2_is_what_it_selects_by():
    problem = Static(zdt1, 4, circle=0.45)
    batch = problem.evaluate(problem.space.sample(50, np.random.default_rng(3)))
    first = SPEA2(20).start(problem.space, np.random.default_rng(0))
    second = CCMO(20).start(problem.space, np.random.default_rng(0))
    first.begin(batch)
    second.begin(batch)
    assert np.array_equal(first.population.x, second.population.x)
