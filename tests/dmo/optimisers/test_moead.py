"""MOEA/D: scalarising functions, who replaces whom, and that no subproblem ever gets worse."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, convex, dtlz2, linked, solve, steps, zdt1

from dmo import Batch, Evolve, Space, cec2018, measure, run
from dmo.check import check_searcher
from dmo.metrics import igd
from dmo.optimisers import MOEAD, PBI, Tchebycheff
from dmo.optimisers.loops import replacing
from dmo.optimisers.weights import weights
from dmo.responses import Centroid
from problems.synthetic import DF1


def test_scalarising_functions_are_the_published_ones():
    f, w = np.array([3.0, 4.0]), np.array([0.6, 0.8])
    assert Tchebycheff().value(f, w) == pytest.approx(3.2)
    # f is a multiple of w: all of it lies along the direction.
    assert PBI(5.0).value(f, w) == pytest.approx(5.0)
    # Beside the direction by 5: d1 = 5, d2 = 5.
    beside = f + 5.0 * np.array([0.8, -0.6])
    assert PBI(0.5).value(beside, 7.0 * w) == pytest.approx(5.0 + 0.5 * 5.0)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(2, 9), st.integers(1, 12))
def test_children_replace_one_after_the_other_as_the_source_says(seed, k, n, most):
    rng = np.random.default_rng(seed)
    may = rng.random((k, n)) < 0.6
    violation, violated = (rng.integers(3, size=size) / 2.0 for size in (k, n))
    value, kept = (rng.integers(5, size=size) / 4.0 for size in ((k, n), n))
    source = replacing(may, violation, value, violated, kept, most, rng)
    changed = np.flatnonzero(source >= n)
    assert (source[source < n] == np.flatnonzero(source < n)).all()
    assert np.bincount(source[changed] - n).max(initial=0) <= most
    assert may[source[changed] - n, changed].all()
    if most >= n:  # then nothing is left to chance
        now = list(zip(violated, kept, strict=True))
        for i, j in product(range(k), range(n)):
            if may[i, j] and (violation[i], value[i, j]) <= now[j]:
                now[j] = violation[i], value[i, j]
        of = source - n
        found = [(violation[i], value[i, j]) if i >= 0 else (violated[j], kept[j]) for j, i in enumerate(of)]
        assert found == now


def test_every_subproblem_has_its_turn_in_a_generation_of_parts():
    problem = Static(zdt1, 5)
    rng = np.random.default_rng(0)
    evolution = MOEAD(23, children=10).start(problem.space, rng)
    evolution.begin(problem.evaluate(problem.space.sample(23, rng)))
    sizes = []
    for _ in range(6):
        x = evolution.ask()
        sizes.append(len(x))
        evolution.tell(problem.evaluate(x))
    assert sizes == [10, 10, 3, 10, 10, 3]


def test_children_that_know_of_those_before_them_come_nearer():
    """What a generation of children of the same members loses, the parts make up for."""

    def migd(children, seed):
        moead = MOEAD(children=children, local=0.8, replaced=20)
        found = run(DF1(), cec2018(n_env=8), Evolve(moead, Centroid()), seed)
        return measure(DF1(), found.answers, found.times).means["migd"]

    whole, parts = (np.mean([migd(children, seed) for seed in range(2)]) for children in (100, 20))
    assert parts < 0.9 * whole


@pytest.mark.parametrize("decomposition", [Tchebycheff(), PBI()])
@pytest.mark.parametrize("differential", [True, False])
def test_no_subproblem_gets_worse(decomposition, differential):
    """Measured with the last ideal point; with that of the moment it is what the rule itself says."""
    optimiser = MOEAD(21, decomposition=decomposition, differential=differential)
    problem = Static(dtlz2, 6, 3)
    seen = [(e._members.f, e._ideal) for e in steps(optimiser, problem, 30)]
    for (before, _), (after, ideal) in pairwise(seen):
        old, new = (decomposition.value(f - ideal, weights(21, 3)) for f in (before, after))
        assert (new <= old + 1e-12).all()


def test_points_are_matched_to_the_subproblems_they_serve():
    optimiser = MOEAD(11)
    evolution = optimiser.start(Space.box([0.0], [1.0], 2), np.random.default_rng(0))
    f = weights(11, 2)[::-1]  # along direction w lies the point that is large where w is small
    shuffled = np.random.default_rng(1).permutation(11)
    evolution.begin(Batch.unconstrained(np.arange(11.0)[shuffled, None], f[shuffled]))
    assert np.array_equal(evolution._members.f, f)
    evolution.begin(Batch.unconstrained(np.array([[0.5]]), np.ones((1, 2))))
    assert len(evolution._members) == 11
    assert len(evolution.population) == 1


def test_a_feasible_child_replaces_whatever_violates():
    space = Space.box([0.0], [1.0], 2, 1)
    evolution = MOEAD(4).start(space, np.random.default_rng(0))
    evolution.begin(Batch(np.full((4, 1), 0.5), np.zeros((4, 2)), np.ones((4, 1))))
    evolution.ask()
    evolution.tell(Batch(np.full((4, 1), 0.7), np.full((4, 2), 9.0), np.zeros((4, 1))))
    assert (evolution._members.g == 0).all()


def test_a_cut_generation_is_told_in_parts():
    problem = Static(zdt1, 5)
    rng = np.random.default_rng(0)
    evolution = MOEAD(20).start(problem.space, rng)
    evolution.begin(problem.evaluate(problem.space.sample(20, rng)))
    children = problem.evaluate(evolution.ask())
    for part in (slice(0, 3), slice(3, 4), slice(4, 20)):
        evolution.tell(children[part])
    assert len(evolution._members) == 20
    assert len(evolution._asked) == 0


def test_complicated_sets_are_the_strength_of_its_differential_evolution():
    """Linked variables, as in the paper: differential evolution follows them, crossover does not."""
    problem = Static(linked, 10)
    by_difference, by_crossover = (
        np.mean([igd(solve(MOEAD(differential=d), problem, 150, seed).f, convex(500)) for seed in range(3)])
        for d in (True, False)
    )
    assert by_difference < 0.5 * by_crossover


def test_its_other_settings_keep_a_searchers_contract():
    optimiser = MOEAD(7, decomposition=PBI(), differential=False, normalise=True, neighbours=3, local=0.5)
    check_searcher(Evolve(optimiser), generation=7)
