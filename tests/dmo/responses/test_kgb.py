"""KGB: clusters as by definition, the classifier scikit-learn's, and points like what is useful now."""

import numpy as np
import pytest
import scipy.cluster.hierarchy
import sklearn.naive_bayes
from histories import batch, box, history, restart

from dmo.errors import ArgumentError
from dmo.responses import KGB, bayes
from dmo.responses.kgb import cluster

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("varies", [True, False])
def test_the_classifier_is_scikit_learns(varies):
    useless, useful = RNG.normal(0.0, 1.0, (40, 5)), RNG.normal(0.7, 0.5, (25, 5))
    if not varies:
        useless[:, 2] = useful[:, 2] = 0.3
    x = RNG.normal(0.3, 1.0, (500, 5))
    theirs = sklearn.naive_bayes.GaussianNB()
    theirs.fit(np.concatenate([useless, useful]), np.repeat([0, 1], [40, 25]))
    assert np.array_equal(bayes.fit(useless, useful).predict(x), theirs.predict(x) == 1)


def test_one_member_a_class_and_nothing_that_varies():
    one = np.full((1, 3), 0.5)
    assert not bayes.fit(one, one).predict(one).any()


def test_clusters_join_the_nearest_centroids():
    x = RNG.random((60, 3))
    groups = [[i] for i in range(60)]
    while len(groups) > 7:
        centres = np.array([x[g].mean(axis=0) for g in groups])
        gaps = np.square(centres[:, None] - centres[None]).sum(axis=2) + np.diag(np.full(len(groups), np.inf))
        i, j = sorted(np.unravel_index(gaps.argmin(), gaps.shape))
        groups[i] += groups.pop(j)
    labels = cluster(x, 7)
    assert labels.max() == 6
    assert {frozenset(g) for g in groups} == {frozenset(np.flatnonzero(labels == k)) for k in range(7)}


def test_clusters_are_scipys():
    x = np.concatenate([RNG.normal(c, 0.01, (20, 2)) for c in (0.1, 0.5, 0.9)])
    theirs = scipy.cluster.hierarchy.fcluster(scipy.cluster.hierarchy.linkage(x, "centroid"), 3, "maxclust")
    ours = cluster(x, 3)
    assert all(len(set(theirs[ours == k])) == 1 for k in range(3))
    assert np.array_equal(cluster(x[:2], 5), [0, 1])


def test_new_points_resemble_what_is_useful_now():
    past = history(batch(RNG.normal(0.2, 0.03, (50, 4))), batch(RNG.normal(0.8, 0.03, (50, 4))))

    # The past environments' sets lie at 0.2 and 0.8; now everything is better the smaller it is.
    def evaluate(x):
        return batch(x, np.stack([x.sum(axis=1), x.max(axis=1)], axis=1))

    x = restart(KGB(clusters=2, noise=0.02), past, box(4), 100, evaluate=evaluate)
    assert len(x) == 100
    assert np.allclose(np.sort(x[:2].mean(axis=1)), [0.2, 0.8], atol=0.05)
    assert x[2:].mean(axis=1).max() < 0.6  # nearer to 0.2 than to 0.8, but for what the variances differ


def test_where_nothing_is_useless_all_candidates_are_allowed():
    x = restart(KGB(), history(batch(RNG.random((30, 3)))), box(3), 200)
    assert len(x) == 200


@pytest.mark.parametrize("options", [{"clusters": 0}, {"candidates": 0}, {"noise": -0.1}])
def test_bad_settings_are_refused(options):
    with pytest.raises(ArgumentError):
        KGB(**options)
