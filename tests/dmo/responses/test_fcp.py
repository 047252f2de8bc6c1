"""FCP: penalised objectives, their clusters, and boxes around centres that moved."""

import numpy as np
import pytest
import sklearn.cluster
from histories import batch, box, history, restart, segment

from dmo.errors import ArgumentError
from dmo.penalty import penalised
from dmo.responses import FCP
from dmo.responses.k_means import k_means

RNG = np.random.default_rng(2)


def test_feasible_objectives_are_scaled_and_nothing_else():
    f = RNG.random((20, 3)) * 5.0 + 2.0
    assert np.allclose(penalised(batch(f, f)), (f - f.min(axis=0)) / np.ptp(f, axis=0))


def test_the_penalty_by_hand():
    f = np.array([[0.0, 4.0], [2.0, 0.0], [1.0, 1.0]])
    g = np.array([[-1.0, 0.0], [2.0, 0.0], [1.0, 3.0]])
    # Scaled f: (0, 1), (1, 0), (1/2, 1/4); v: 0, 1/2, 3/4; one of three is feasible.
    second = np.hypot([1.0, 0.0], 0.5) + 2 / 3 * 0.5 + np.array([1.0, 0.0]) / 3
    third = np.hypot([0.5, 0.25], 0.75) + 2 / 3 * 0.75 + np.array([0.5, 0.25]) / 3
    assert np.allclose(penalised(batch(f, f, g)), [[0.0, 1.0], second, third])


def test_where_nothing_is_feasible_the_violation_decides():
    f, g = RNG.random((4, 2)), np.array([[1.0], [2.0], [4.0], [3.0]])
    assert np.allclose(penalised(batch(f, f, g)), np.repeat(g / 4.0, 2, axis=1))


def test_k_means_finds_what_scikit_learn_finds():
    x = np.concatenate([RNG.normal(c, 0.02, (30, 2)) for c in ([0, 0], [0, 1], [1, 0], [1, 1])])
    theirs = sklearn.cluster.KMeans(4, n_init=10, random_state=0).fit(x)
    ours = min((k_means(x, 4, np.random.default_rng(s)) for s in range(5)), key=lambda c: _inertia(x, c))
    assert np.isclose(_inertia(x, ours), theirs.inertia_)


@pytest.mark.parametrize(("n", "k"), [(1, 10), (5, 10), (40, 1), (40, 7)])
def test_k_means_labels_have_no_gaps(n, k):
    x = np.repeat(RNG.random((n, 2)), 2, axis=0)
    labels = k_means(x, k, np.random.default_rng(0))
    assert np.array_equal(np.unique(labels), np.arange(labels.max() + 1))
    assert labels.max() + 1 <= min(n, k)
    assert np.array_equal(labels[::2], labels[1::2])


def test_boxes_lie_around_the_moved_centres():
    past = history(batch(segment(100, 3, 0.3)), batch(segment(100, 3, 0.4)))
    x = restart(FCP(), past, box(3), 100)
    assert len(x) == 100
    assert np.allclose(x[:, 1:], 0.5)  # no width where the centres do not differ
    assert np.ptp(x[:, 0]) > 0.7


def test_after_the_first_change_old_points_are_evaluated_and_infeasible_ones_have_children():
    x = segment(40, 3, 0.5)
    past = history(batch(x))

    def evaluate(points):
        return batch(points, np.c_[points[:, 0], -points[:, 0]], points[:, :1] - 0.5)

    new = restart(FCP(), past, box(3), 40, evaluate=evaluate)
    assert np.array_equal(new[:40], x)
    assert len(new) == 40 + 20


@pytest.mark.parametrize("options", [{"clusters": 0}, {"eta": -1.0}])
def test_bad_settings_are_refused(options):
    with pytest.raises(ArgumentError):
        FCP(**options)


def _inertia(x, labels):
    return sum(np.square(x[labels == k] - x[labels == k].mean(axis=0)).sum() for k in np.unique(labels))
