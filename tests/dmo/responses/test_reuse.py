"""Reuse: old members go a part of the way to feasible points, beside random ones that are tried."""

import numpy as np
import pytest
from histories import batch, box, history

from dmo.errors import ArgumentError
from dmo.responses import Reuse


def answer(g, n=10, share=0.5, seed=0):
    """Probes of ten old members and random points with these constraint values, and the response to them."""
    last = batch(np.random.default_rng(1).random((10, 3)))
    response = Reuse(share)
    x = response.probe(history(last), box(3), np.random.default_rng(seed))
    probes = batch(x, g=np.asarray(g, dtype=float)[: len(x), None])
    return probes, response.respond(history(last, probes=probes), box(3), n, np.random.default_rng(seed))


def test_the_whole_old_population_and_half_as_many_random_points_are_tried():
    probes, new = answer(-np.ones(15))
    assert len(probes) == 15
    assert len(new) == 5
    assert answer(-np.ones(20), share=1.0)[1].shape == (1, 3)
    assert answer(-np.ones(10), share=0.0)[1].shape == (10, 3)


def test_each_goes_a_part_of_the_way_to_the_one_feasible_point():
    g = np.ones(15)
    g[13] = -1.0
    probes, new = answer(g)
    target = probes.x[13]
    for x in new:
        low, high = np.minimum(probes.x[:10], target), np.maximum(probes.x[:10], target)
        assert ((low <= x) & (x <= high)).all(axis=1).any()


def test_without_a_feasible_point_they_go_to_the_least_violating():
    g = np.arange(15.0) + 1.0
    probes, new = answer(g, share=0.5)
    best = probes.x[0]
    for k, x in enumerate(new):  # the best five of the old ones, in order
        assert ((np.minimum(probes.x[k], best) <= x) & (x <= np.maximum(probes.x[k], best))).all()


def test_wrong_settings_are_named():
    with pytest.raises(ArgumentError, match="share"):
        Reuse(-0.1)
