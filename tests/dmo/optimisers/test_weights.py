"""Weights: any number of them, on the simplex, evenly spread."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymoo.util.ref_dirs import get_reference_directions
from scipy.spatial.distance import pdist

from dmo.optimisers.weights import lattice, weights


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(1, 12))
def test_there_are_as_many_as_asked_for_and_all_differ(n, m):
    w = weights(n, m)
    assert w.shape == (n, m)
    assert (w >= 0).all()
    assert np.allclose(w.sum(axis=1), 1)
    assert m == 1 or n == 1 or pdist(w).min() > 0.05 / n
    assert n < m or (np.eye(m)[:, None] == w).all(axis=2).any(axis=1).all()  # every corner


@pytest.mark.parametrize(("parts", "m"), [(99, 2), (12, 3), (6, 4), (3, 8)])
def test_the_size_of_a_lattice_gives_that_lattice(parts, m):
    theirs = get_reference_directions("das-dennis", m, n_partitions=parts)
    ours = weights(len(theirs), m)
    assert np.array_equal(ours, lattice(parts, m))
    assert np.allclose(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


@pytest.mark.parametrize(("n", "m"), [(100, 3), (50, 3), (100, 5)])
def test_between_lattices_they_are_as_even_as_pymoos_riesz_points(n, m):
    theirs = {(100, 3): 0.1011, (50, 3): 0.1470, (100, 5): 0.2602}  # pymoo 0.6.2, method "energy"
    assert pdist(weights(n, m)).min() > 0.9 * theirs[n, m]


def test_they_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        weights(10, 3)[0] = 0
