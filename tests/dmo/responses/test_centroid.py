"""Centroid shift: a set that moves is met where it will be; half of it stays."""

import numpy as np
import pytest
from histories import batch, box, history, segment

from dmo.errors import ArgumentError
from dmo.responses import Centroid

SPACE = box(4)


def respond(response, past, n=20, seed=0):
    return response.respond(past, SPACE, n, np.random.default_rng(seed))


def test_every_second_member_moves_as_the_centroid_did():
    x = respond(Centroid(), history(batch(segment(20, 4, 0.2)), batch(segment(20, 4, 0.3))))
    assert np.allclose(x[1::2, 1:], 0.4)
    assert np.array_equal(x[::2], segment(20, 4, 0.3)[::2])
    assert np.array_equal(x[:, 0], segment(20, 4, 0.0)[:, 0])


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_share_moves_and_lies_spread(share):
    x = respond(Centroid(share), history(batch(segment(20, 4, 0.2)), batch(segment(20, 4, 0.3))))
    moved = np.flatnonzero(x[:, 1] > 0.35)
    assert len(moved) == 20 * share
    assert len(set(np.diff(moved))) <= 1


def test_after_the_first_change_all_stay():
    assert np.array_equal(respond(Centroid(1.0), history(batch(segment(20, 4, 0.3)))), segment(20, 4, 0.3))


def test_noise_has_the_size_of_the_step():
    past = history(batch(segment(20, 4, 0.4)), batch(segment(20, 4, 0.5)))
    x = respond(Centroid(1.0, 0.5), past, n=4000)
    step = 0.1 * np.sqrt(3.0)
    assert np.isclose((x[:, 1] - 0.6).std(), 0.5 * step, rtol=0.1)


def test_what_leaves_the_space_stops_at_its_bound():
    x = respond(Centroid(1.0), history(batch(segment(20, 4, 0.2)), batch(segment(20, 4, 0.8))))
    assert (x[:, 1:] == 1.0).all()


@pytest.mark.parametrize(("share", "noise"), [(-0.1, 0.0), (50, 0.0), (0.5, -1.0)])
def test_bad_settings_are_refused(share, noise):
    with pytest.raises(ArgumentError):
        Centroid(share, noise)
