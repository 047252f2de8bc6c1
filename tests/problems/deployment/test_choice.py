"""The choice: constraints first, then the preference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Batch
from dmo.errors import ArgumentError
from problems.deployment.choice import Preference, choose

FULL = np.array([4.0, 10.0, 0.1])


def batch(f, g):
    f, g = np.array(f, float), np.array(g, float)
    return Batch(np.zeros((len(f), 1)), f, g)


@given(st.integers(0, 500))
def test_it_is_the_feasible_point_of_least_cost_by_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    points = batch(rng.random((12, 3)), rng.normal(0.5, 1, (12, 2)))
    preference = Preference(1.0, 2.0, 0.5)
    best, least = None, np.inf
    for i in range(12):
        cost = sum(w * v / r for w, v, r in zip((1.0, 2.0, 0.5), points.f[i], FULL, strict=True))
        if (points.g[i] <= 0).all() and cost < least:
            best, least = i, cost
    if best is None:
        best = int(np.argmin(np.maximum(points.g, 0).sum(axis=1)))
    assert choose(points, FULL, preference) == best


def test_the_full_network_costs_one():
    assert Preference().cost(FULL[None], FULL) == pytest.approx(1.0)


@pytest.mark.parametrize("weights", [(-1, 1, 1), (0, 0, 0), (np.nan, 1, 1)])
def test_bad_weights_are_refused(weights):
    with pytest.raises(ArgumentError, match="preference"):
        Preference(*weights)
