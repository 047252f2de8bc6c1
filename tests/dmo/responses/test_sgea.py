"""SGEA's relocation: the spread half is re-evaluated, the other half follows its better members."""

import numpy as np
from histories import batch, box, history, restart, segment
from scipy.spatial.distance import cdist

from dmo.responses import SGEA
from dmo.responses.sgea import farthest_first

SPACE = box(4, -2.0, 3.0)


def test_farthest_first_is_greedy_from_the_extremes():
    f = np.random.default_rng(0).random((40, 2))
    chosen = farthest_first(f, 12).tolist()
    assert chosen[:2] == f.argmin(axis=0).tolist()
    for k in range(2, 12):
        gaps = cdist(f, f[chosen[:k]]).min(axis=1)
        assert np.isclose(gaps[chosen[k]], gaps.max())
    assert len(set(chosen)) == 12


def test_equal_points_are_chosen_once_each():
    assert sorted(farthest_first(np.zeros((5, 2)), 5)) == [0, 1, 2, 3, 4]


def test_no_member_is_evaluated_twice():
    past = history(batch(segment(21, 4, 0.2)), batch(segment(21, 4, 0.3)))
    x = restart(SGEA(), past, SPACE, 21)
    assert len(x) == 21
    assert {tuple(p) for p in x[:11]} < {tuple(p) for p in past.populations[-1].x}


def test_the_other_half_moves_as_far_as_the_set_did_towards_the_better():
    before, last = segment(200, 4, 0.0), segment(200, 4, 0.0)
    last[:, 1] += 0.5
    past = history(batch(before), batch(last))

    # In the new environment the members with the larger first variable dominate.
    def evaluate(x):
        return batch(x, np.stack([-x[:, 0], -x[:, 0]], axis=1))

    x = restart(SGEA(), past, SPACE, 200, evaluate=evaluate)
    kept = x[:100, 0]
    moved = x[100:]
    others = np.setdiff1d(last[:, 0], kept)
    assert np.isclose(moved[:, 0].mean() - others.mean(), 0.5, atol=0.05)
    assert np.isclose(moved[:, 1].mean(), 0.5, atol=0.05)
    assert np.isclose(moved[:, 2].std(), 0.5 * 0.5 / 2.0, rtol=0.2)


def test_after_the_first_change_the_other_half_is_random():
    x = restart(SGEA(), history(batch(segment(100, 4, 0.5))), SPACE, 100)
    assert (x[:50, 1:] == 0.5).all()
    assert x[50:].min() < -1.0
    assert x[50:].max() > 2.0
