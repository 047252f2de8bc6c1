"""C-TAEA: what either archive keeps, and that the second one helps across an infeasible barrier."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, solve, zdt1

from dmo import Batch
from dmo.optimisers import CTAEA
from dmo.optimisers.ctaea import converge, diversify, reach, scaled
from dmo.optimisers.niching import associate
from dmo.optimisers.weights import weights


def batch_of(rng, k, m, share_feasible=0.5):
    g = rng.random((k, 1)) - share_feasible
    return Batch(rng.random((k, 2)), rng.random((k, m)), g)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 12), st.integers(1, 3))
def test_the_convergence_archive_prefers_the_feasible(seed, k, n, m):
    rng = np.random.default_rng(seed)
    batch = batch_of(rng, k, m, rng.random())
    kept = converge(batch, n, np.array(weights(n, m)))
    assert len(kept) == len(set(kept.tolist())) == min(n, k)
    assert batch.feasible[kept].sum() == min(batch.feasible.sum(), n)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 12))
def test_no_fuller_niche_is_served_while_an_emptier_one_has_points(seed, k, n):
    rng = np.random.default_rng(seed)
    batch, converged, w = batch_of(rng, k, 2), batch_of(rng, n, 2), np.array(weights(n, 2))
    kept = diversify(batch, converged, n, w, rng)
    f = np.concatenate([batch.f, converged.f])
    niche, _ = associate(scaled(f, f.min(axis=0)), w)
    own, others = niche[:k], np.bincount(niche[k:], minlength=n)
    assert len(kept) == min(n, k)
    taken = np.bincount(own[kept], minlength=n)
    left = np.bincount(own, minlength=n) - taken
    # A niche's last point was taken at the turn of those before it; the next is not taken sooner.
    both = others + taken
    if (left > 0).any() and (taken > 0).any():
        assert both[taken > 0].max() - 1 <= both[left > 0].min()
    # Within a niche nobody left behind dominates who was taken.
    for j in range(n):
        mine = np.flatnonzero(own == j)
        for i in np.intersect1d(mine, kept):
            for rest in np.setdiff1d(mine, kept):
                assert not (batch.f[rest] <= batch.f[i]).all()


def test_the_fullest_niche_loses_the_worse_of_its_nearest_two():
    w = np.array(weights(3, 2))
    f = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.53, 0.48], [0.40, 0.62]])
    # Three share the middle direction; the first two of them are nearest, the second reaches farther.
    kept = converge(Batch.unconstrained(np.arange(5.0)[:, None], f), 4, w)
    assert kept.tolist() == [0, 1, 2, 4]


def test_reach_divides_by_the_direction():
    assert reach(np.array([[1.0, 0.5]]), np.array([[0.5, 0.5]])) == pytest.approx(2.0)
    assert reach(np.array([[0.0, 0.5]]), np.array([[0.0, 1.0]])) == pytest.approx(0.5)


def test_too_few_feasible_are_joined_by_the_least_violating_of_short_reach():
    f = np.array([[0.0, 1.0], [1.0, 0.0], [0.2, 0.2], [0.9, 0.9]])
    g = np.array([[0.0], [5.0], [1.0], [2.0]])
    kept = converge(Batch(np.arange(4.0)[:, None], f, g), 2, np.array(weights(2, 2)))
    assert kept.tolist() == [0, 2]


def test_it_finds_a_front_behind_a_forbidden_disc():
    population = solve(CTAEA(40), Static(zdt1, 4, circle=0.45), 80)
    assert population.feasible.all()
    assert population.f[:, 0].min() < 0.02
    assert population.f[:, 0].max() > 0.95
