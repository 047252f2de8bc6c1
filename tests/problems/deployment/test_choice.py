"""The choice: constraints first, then the preference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Batch
from dmo.errors import ArgumentError
from problems.deployment.choice import Knee, Lexicographic, Preference, choose

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


def test_the_knee_of_a_bent_front_is_where_it_bends():
    a = np.linspace(0.0, 1.0, 101)
    f = np.stack([a, (1.0 - a**0.25) ** 4, np.ones(101)], axis=1)  # convex and symmetric
    assert choose(batch(f, np.zeros((101, 1))), FULL, Knee()) == np.argmin(f[:, 0] + f[:, 1])
    scaled = f * [1000.0, 0.01, 1.0] + 5.0
    assert choose(batch(scaled, np.zeros((101, 1))), FULL, Knee()) == np.argmin(f[:, 0] + f[:, 1])


@given(st.integers(0, 300))
def test_lexicographic_without_slack_sorts_by_columns(seed):
    rng = np.random.default_rng(seed)
    f = rng.integers(1, 4, (10, 3)).astype(float)
    order = ("memory", "error", "latency")
    place = Lexicographic(order, slack=0.0).cost(f, FULL)
    assert sorted(place) == list(range(10))
    want = np.lexsort((f[:, 0], f[:, 2], f[:, 1]))
    assert np.array_equal(f[np.argsort(place)], f[want])


def test_slack_lets_the_next_objective_decide():
    f = [[4.0, 1.0, 0.100], [1.0, 1.0, 0.104], [0.5, 1.0, 0.110]]
    points = batch(f, np.zeros((3, 1)))
    assert choose(points, FULL, Lexicographic(slack=0.05)) == 1
    assert choose(points, FULL, Lexicographic(slack=0.0)) == 0
    with pytest.raises(ArgumentError, match="order"):
        Lexicographic(("error", "latency"))


@given(st.integers(0, 200))
@pytest.mark.parametrize("preference", [Preference(), Knee(), Lexicographic()])
def test_no_preference_takes_what_exceeds_a_limit_while_something_does_not(preference, seed):
    rng = np.random.default_rng(seed)
    points = batch(rng.random((8, 3)) + 0.1, rng.normal(0, 1, (8, 2)))
    assert points.feasible[choose(points, FULL, preference)] or not points.feasible.any()
