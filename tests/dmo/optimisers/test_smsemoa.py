"""SMS-EMOA: the law that it is named for, and removal against a plain loop."""

import moocore
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, dtlz2, generations, zdt1

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
@given(st.integers(2, 4), st.integers(2, 20), st.integers(1, 12), st.integers(0, 1000))
def test_the_least_contributor_leaves(m, k, n, seed):
    # On a sphere all are mutually non-dominated.
    f = np.abs(np.random.default_rng(seed).normal(size=(k, m)))
    f = 2.0 - f / np.linalg.norm(f, axis=1, keepdims=True)
    assert contributors(f, n).tolist() == naive(f, n)


@pytest.mark.parametrize(("function", "n_obj", "reference"), [(zdt1, 2, 12.0), (dtlz2, 3, 4.0)])
def test_one_child_at_a_time_the_hypervolume_never_falls(function, n_obj, reference):
    ref = np.full(n_obj, reference)
    volumes = [
        moocore.hypervolume(np.ascontiguousarray(e.population.f), ref=ref)
        for e in generations(SMSEMOA(20, children=1), Static(function, 5, n_obj), 400)
    ]
    assert volumes[-1] > volumes[0]
    if n_obj == 2:  # with two objectives the extremes stay, and any reference point beyond them will do
        assert (np.diff(volumes) >= -1e-12 * volumes[-1]).all()
    else:  # with three the reference point of the moment decides among the extremes
        assert (np.diff(volumes) >= -1e-3 * volumes[-1]).all()


def test_children_is_what_is_asked_for_at_once():
    for children, asked in ((None, 12), (1, 1), (3, 3), (30, 30)):
        *_, evolution = generations(SMSEMOA(12, children=children), Static(zdt1, 4), 2)
        assert len(evolution.ask()) == asked
        assert len(evolution.population) == 12
    with pytest.raises(ArgumentError, match="children"):
        SMSEMOA(children=0)


def test_few_children_keep_a_searchers_contract():
    check_searcher(Evolve(SMSEMOA(11, children=3)))
