"""Space: bounds, integers, sampling and repair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Space
from dmo.errors import ArgumentError


@st.composite
def spaces(draw):
    d = draw(st.integers(1, 5))
    lower = np.array([draw(st.integers(-5, 5)) for _ in range(d)], float)
    upper = lower + [draw(st.integers(0, 4)) for _ in range(d)]
    return Space(lower, upper, np.array([draw(st.booleans()) for _ in range(d)]), 2)


@given(space=spaces(), seed=st.integers(0, 99))
def test_samples_and_repaired_points_lie_in_the_space(space, seed):
    rng = np.random.default_rng(seed)
    assert space.contains(space.sample(50, rng)).all()
    wild = rng.normal(0, 10, (50, space.dim))
    kept = wild.copy()
    repaired = space.repair(wild)
    assert space.contains(repaired).all()
    assert np.array_equal(wild, kept)
    assert np.array_equal(space.repair(repaired), repaired)


def test_integer_levels_are_equally_likely():
    space = Space([0], [3], [True], 1)
    counts = np.bincount(space.sample(40_000, np.random.default_rng(0)).astype(int).ravel())
    assert np.allclose(counts / 10_000, 1.0, atol=0.05)


def test_contains_wants_whole_integers():
    space = Space([0, 0], [3, 1], [True, False], 1)
    assert (
        space.contains(np.array([[1.0, 0.5], [1.5, 0.5], [4.0, 0.5], [1.0, 1.1]])).tolist()
        == [True] + [False] * 3
    )


@pytest.mark.parametrize(
    ("lower", "upper", "integer", "n_obj"),
    [
        ([0, 0], [1], [False], 2),
        ([[0]], [[1]], [[False]], 2),
        ([1], [0], [False], 2),
        ([0], [np.inf], [False], 2),
        ([0.5], [2], [True], 2),
        ([0], [1], [False], 0),
        ([], [], [], 1),
    ],
)
def test_a_bad_space_is_refused(lower, upper, integer, n_obj):
    with pytest.raises(ArgumentError, match="expected"):
        Space(lower, upper, integer, n_obj)


def test_bounds_cannot_be_changed():
    given_lower = np.zeros(2)
    space = Space.box(given_lower, np.ones(2), 2)
    given_lower[0] = 5.0
    assert space.lower[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        space.lower[0] = 1.0
