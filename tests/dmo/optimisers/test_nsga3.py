"""NSGA-III: niching against the paper's loop, intercepts against known hyperplanes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymoo.algorithms.moo.nsga3 import associate_to_niches

from dmo.optimisers.niching import associate, turns
from dmo.optimisers.nsga3 import Frame, niched
from dmo.optimisers.weights import weights


@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_points_belong_to_the_nearest_ray(m):
    f, directions = np.random.default_rng(m).random((60, m)), np.array(weights(21, m))
    niche, distance = associate(f, directions)
    theirs, theirs_distance, _ = associate_to_niches(f, directions, np.zeros(m), np.ones(m))
    assert np.array_equal(niche, theirs) or m == 1
    assert np.allclose(distance, theirs_distance, atol=1e-7)


class Scripted:
    """A generator whose two draws of luck are known."""

    def __init__(self, luck, ties):
        self.draws = [luck, ties]

    def random(self, n):
        return self.draws.pop(0)[:n]


def naive(niche, distance, count, n, luck, ties):
    """Algorithm 4, one point at a time; luck stands for its random choices."""
    count, left, chosen = list(count), set(range(len(niche))), []
    while len(chosen) < n:
        candidates = {}
        fewest = min(count[niche[i]] for i in left)
        for j in {niche[i] for i in left if count[niche[i]] == fewest}:
            mine = [i for i in left if niche[i] == j]
            # Of those as near as each other, luck decides as well.
            key = (lambda i: (distance[i], luck[i])) if count[j] == 0 else (lambda i: luck[i])
            candidates[j] = min(mine, key=key)
        i = min(candidates.values(), key=lambda i: ties[i])
        chosen.append(i)
        left.remove(i)
        count[niche[i]] += 1
    return sorted(chosen)


@given(st.integers(1, 14), st.integers(1, 6), st.integers(0, 10_000), st.data())
def test_niching_is_the_plain_loop(k, n_niches, seed, data):
    rng = np.random.default_rng(seed)
    niche, count = rng.integers(n_niches, size=k), rng.integers(3, size=n_niches)
    distance, luck, ties = rng.integers(3, size=k) / 2.0, rng.random(k), rng.random(k)
    n = data.draw(st.integers(1, k))
    ours = niched(niche, distance, count, n, Scripted(luck, ties))
    assert ours.tolist() == naive(niche, distance, count, n, luck, ties)


def test_turns_count_on_from_what_a_niche_holds():
    niche, key = np.array([2, 0, 2, 2, 0]), np.array([0.3, 0.9, 0.1, 0.2, 0.8])
    assert turns(niche, key, np.array([0, 7, 5])).tolist() == [7, 1, 5, 6, 0]


def test_intercepts_are_those_of_the_front():
    w = np.array(weights(105, 3))
    frame = Frame(3)
    f = w * [1.0, 20.0, 300.0] + [5.0, 0.0, -7.0]
    f.flags.writeable = False
    frame.update(f, f)
    assert np.allclose(frame.ideal, [5, 0, -7])
    assert np.allclose(frame.nadir, [6, 20, 293])
    assert np.allclose(frame.scaled(f), w)


@pytest.mark.parametrize("front", [np.ones((1, 3)), np.ones((9, 3)), np.eye(3)[:2], np.diag([1.0, 1, 0])])
def test_where_there_is_no_hyperplane_the_worst_values_stand_in(front):
    frame = Frame(3)
    frame.update(front, front)
    assert np.allclose(frame.nadir, front.max(axis=0))
    assert np.isfinite(frame.scaled(front)).all()
