"""TDC: which way members are disturbed, how many become random, and that nothing leaves the space."""

import numpy as np
import pytest
from histories import batch, box, history
from hypothesis import given
from hypothesis import strategies as st

from dmo.errors import ArgumentError
from dmo.responses import TDC
from dmo.responses.tdc import reflected

STEP = np.array([0.1, -0.2, 0.0])


def respond(feasible, *, changed=True, share=0.0, populations=2):
    """The answer after a set that moved by STEP, where so many of ten members are feasible now."""
    x = np.random.default_rng(1).random((10, 3)) * 0.2 + 0.4
    g = np.where(np.arange(10) < feasible, -1.0, 1.0)[:, None]
    last = batch(x, g=g)
    # All are non-dominated among the feasible, so that a set's centre is its population's.
    before = batch(x - STEP, g=-np.ones((10, 1)))
    now = batch(x, g=-np.ones((10, 1)))
    probes = batch(x, last.f + float(changed), g)
    past = history(*([before, now][-populations:]), probes=probes)
    return x, TDC(share=share).respond(past, box(3), 10, np.random.default_rng(0))


def test_feasible_members_go_along_and_the_others_against():
    x, new = respond(6)
    moved = (new - x)[:, :2] / STEP[:2]
    assert (moved[:6] >= 0.0).all()
    assert (moved[:6] <= 0.6).all()
    assert (moved[6:] <= 0.0).all()
    assert (moved[6:] >= -0.4 - 1e-12).all()
    assert np.array_equal(new[:, 2], x[:, 2])
    assert np.ptp(moved[:6]) > 0.1


def test_feasible_members_stay_where_constraints_alone_changed():
    x, new = respond(6, changed=False)
    assert np.array_equal(new[:6], x[:6])
    assert (new[6:] != x[6:])[:, :2].all()


def test_without_a_displacement_nobody_is_disturbed():
    x, new = respond(6, populations=1)
    assert np.array_equal(new, x)


@pytest.mark.parametrize(("feasible", "inside"), [(0, 0), (4, 2), (10, 4)])
def test_random_points_replace_both_kinds_as_their_numbers_are(feasible, inside):
    x, new = respond(feasible, populations=1, share=0.4)
    replaced = (new != x).any(axis=1)
    assert replaced[:feasible].sum() == inside
    assert replaced.sum() == 4


@given(st.lists(st.floats(-0.9, 1.9), min_size=3, max_size=3))
def test_reflection_is_as_far_within(values):
    x = np.array([values])
    inside = reflected(x, box(3))
    assert box(3).contains(inside).all()
    bound = np.clip(x, 0.0, 1.0)
    assert np.abs(inside - bound) == pytest.approx(
        np.where((x < 0) | (x > 1), np.abs(x - bound), np.abs(inside - bound))
    )


def test_it_asks_for_the_whole_population():
    past = history(batch(np.random.default_rng(0).random((7, 3))))
    assert np.array_equal(TDC().probe(past, box(3), np.random.default_rng(0)), past.populations[-1].x)


def test_wrong_settings_are_named():
    with pytest.raises(ArgumentError, match="share"):
        TDC(share=10)
