"""SMS-EMOA: the law that it is named for, and removal against a plain loop."""

import moocore
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, dtlz2, steps, zdt1

from dmo import Evolve
from dmo.check import check_searcher
from dmo.errors import ArgumentError
from dmo.optimisers import SMSEMOA
from dmo.optimisers.smsemoa import contributors


def naive(f, n):
    """Contributions as differences of whole hypervolumes."""
    scaled = 1.0 + (f - f.max(axis=0)) / np.ptp(f, axis=0)
    alive = list(range(len(f)))
    ref = np.full(f.shape[1], 2.0)
    while len(alive) > n:
        whole = moocore.hypervolume(scaled[alive], ref=ref)
        loss = [whole - moocore.hypervolume(scaled[[j for j in alive if j != i]], ref=ref) for i in alive]
        alive.pop(int(np.argmin(loss)))
    return alive


@settings(deadline=None)
@given(st.integers(2, 5), st.integers(2, 20), st.integers(1, 12), st.integers(0, 1000))
def test_the_least_contributor_leaves(m, k, n, seed):
    # On a sphere all are mutually non-dominated.
    f = np.abs(np.random.default_rng(seed).normal(size=(k, m)))
    f = 2.0 - f / np.linalg.norm(f, axis=1, keepdims=True)
    assert contributors(f, n).tolist() == naive(f, n)


@pytest.mark.parametrize(("function", "n_obj"), [(zdt1, 2), (dtlz2, 3)])
def test_one_child_at_a_time_the_hypervolume_never_falls(function, n_obj):
    problem, rng = Static(function, 5, n_obj), np.random.default_rng(0)
    evolution = SMSEMOA(20, children=1).start(problem.space, rng)
    evolution.begin(problem.evaluate(problem.space.sample(20, rng)))
    grew = 0
    for _ in range(400):
        before, child = evolution.population, problem.evaluate(evolution.ask())
        evolution.tell(child)
        # From the reference point by which the one that leaves was chosen.
        f = np.concatenate([before.f, child.f])
        reference = f.max(axis=0) + np.ptp(f, axis=0)
        old, new = (
            moocore.hypervolume(np.ascontiguousarray(p.f), ref=reference)
            for p in (before, evolution.population)
        )
        assert new >= old * (1 - 1e-12)
        grew += new > old
    assert grew > 50


def test_children_is_what_is_asked_for_at_once():
    for children, asked in ((None, 12), (1, 1), (3, 3), (30, 30)):
        *_, evolution = steps(SMSEMOA(12, children=children), Static(zdt1, 4), 2)
        assert len(evolution.ask()) == asked
        assert len(evolution.population) == 12
    with pytest.raises(ArgumentError, match="children"):
        SMSEMOA(children=0)


def test_few_children_keep_a_searchers_contract():
    check_searcher(Evolve(SMSEMOA(11, children=3)), generation=11)
