"""Statistics: against scikit-posthocs, scipy and examples computed by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own imports are deprecated ones
    import scikit_posthocs

from dmo.errors import ArgumentError
from dmo.statistics import (
    a12,
    cliques,
    friedman,
    holm,
    performance_profile,
    performance_ratios,
    rank_sum,
)

# Demsar (2006), table 6: AUC of C4.5 with no, m, cf and both parameters tuned, on 14 data sets.
DEMSAR = np.array([
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.9751, 0.975], [0.957, 0.978, 0.946, 0.970],
])  # fmt: skip


def test_friedman_meets_demsars_published_example():
    found = friedman(-DEMSAR)
    np.testing.assert_allclose(found.ranks, [3.143, 2.000, 2.893, 1.964], atol=5e-4)
    # 9.28 in the paper, which makes no correction of ties; scipy makes it.
    assert found.statistic == pytest.approx(stats.friedmanchisquare(*DEMSAR.T).statistic)
    assert found.critical_difference(0.10) == pytest.approx(1.12, abs=0.01)
    assert found.critical_difference(0.05) == pytest.approx(1.25, abs=0.01)
    # z against the control C4.5: 2.34, 0.513, 2.41, of which the third and the first survive Holm's steps.
    np.testing.assert_allclose(
        found.against(0)[1:], holm(2 * stats.norm.sf([2.342, 0.512, 2.416])), atol=2e-3
    )


def test_nemenyi_agrees_with_scikit_posthocs():
    rng = np.random.default_rng(1)
    values = rng.random((12, 5)) + np.array([0.0, 0.1, 0.3, 0.3, 0.8])
    found, theirs = friedman(values), scikit_posthocs.posthoc_nemenyi_friedman(values).to_numpy()
    apart = np.abs(found.ranks[:, None] - found.ranks[None]) > found.critical_difference(0.05)
    np.testing.assert_array_equal(apart, theirs < 0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_monotone_bounded_and_at_least_p(p):
    p = np.array(p)
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
    assert adjusted[order[0]] == min(1.0, p.min() * len(p))


def test_holm_by_hand():
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])


def test_rank_sum_is_scipys_and_takes_infinities_and_ties():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=20), rng.normal(0.5, size=25)
    assert rank_sum(a, b) == pytest.approx(stats.mannwhitneyu(a, b).pvalue)
    assert rank_sum(np.full(5, np.inf), np.full(5, np.inf)) == 1.0
    assert rank_sum(np.full(9, np.inf), np.arange(9.0)) < 0.001
    with pytest.raises(ArgumentError, match="without NaN"):
        rank_sum(np.array([np.nan]), b)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=9), st.lists(st.integers(0, 5), min_size=1, max_size=9)
)
def test_a12_counts_pairs(a, b):
    pairs = np.array([(x < y) + 0.5 * (x == y) for x in a for y in b])
    assert a12(np.array(a, float), np.array(b, float)) == pytest.approx(pairs.mean())


def test_cliques_by_hand():
    ranks = np.array([3.0, 1.0, 1.8, 2.6, 5.0])
    assert cliques(ranks, 1.0) == [(1, 2), (2, 3), (3, 0)]
    assert cliques(ranks, 1.3) == [(1, 2), (2, 3, 0)]
    assert cliques(ranks, 0.1) == []
    assert cliques(ranks, 9.0) == [(1, 2, 3, 0, 4)]


def test_friedman_needs_enough_to_rank():
    with pytest.raises(ArgumentError, match="at least 2 problems x 3 searchers"):
        friedman(np.ones((5, 2)))
    assert friedman(np.ones((4, 3))).p == 1.0


def test_performance_profiles_by_hand():
    ratios = performance_ratios(np.array([[1.0, 2.0], [3.0, 1.0], [4.0, np.inf], [np.nan, np.inf]]))
    np.testing.assert_array_equal(ratios, [[1, 2], [3, 1], [1, np.inf], [np.inf, np.inf]])
    steps, share = performance_profile(ratios[:, 0])
    assert (steps.tolist(), share.tolist()) == ([1.0, 3.0], [0.5, 0.75])
    steps, share = performance_profile(ratios[:, 1])
    assert (steps.tolist(), share.tolist()) == ([1.0, 2.0], [0.25, 0.5])
    with pytest.raises(ArgumentError, match="expected positive numbers, got 0"):
        performance_ratios(np.zeros((1, 2)))


@given(st.lists(st.lists(st.floats(0.1, 10.0), min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_profile_is_a_distribution_that_scale_does_not_change(values):
    table = np.array(values)
    ratios = performance_ratios(table)
    np.testing.assert_allclose(performance_ratios(7.0 * table), ratios)
    assert (ratios.min(axis=1) == 1.0).all()
    for column in ratios.T:
        steps, share = performance_profile(column)
        assert steps[0] == 1.0
        assert share[-1] == 1.0
        assert (np.diff(share) > 0).all() or len(share) == 1
