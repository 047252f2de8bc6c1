"""Scores against examples worked out by hand, and rank correlations against scipy and their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dmo.errors import ArgumentError
from surrogates import scores

TRUE = np.array([1.0, 2.0, 4.0, 10.0])
SAID = np.array([1.1, 1.8, 4.2, 12.0])  # off by +10 %, -10 %, +5 %, +20 %


def test_within_counts_its_border() -> None:
    assert scores.within(TRUE, SAID, 0.10) == 0.75
    assert scores.within(TRUE, SAID, 0.05) == 0.25
    assert scores.within(TRUE, SAID, 0.04) == 0.0
    assert scores.within(TRUE, SAID, 0.20) == 1.0


def test_rmspe() -> None:
    assert scores.rmspe(TRUE, SAID) == pytest.approx(np.sqrt((0.01 + 0.01 + 0.0025 + 0.04) / 4))
    assert scores.rmspe(TRUE, TRUE) == 0.0


def test_mae() -> None:
    assert scores.mae(TRUE, SAID) == pytest.approx((0.1 + 0.2 + 0.2 + 2.0) / 4)


def test_ranks_by_hand() -> None:
    # Ranks 1 2 3 4 against 2 1 3 4: sum d^2 = 2, rho = 1 - 6*2/(4*15); one of six pairs is discordant.
    said = np.array([2.0, 1.0, 3.0, 4.0])
    assert scores.spearman(TRUE, said) == pytest.approx(0.8)
    assert scores.kendall(TRUE, said) == pytest.approx(4 / 6)
    assert scores.spearman(TRUE, -TRUE) == pytest.approx(-1.0)
    assert scores.kendall(TRUE, -TRUE) == pytest.approx(-1.0)


def test_constants_have_no_order() -> None:
    same = np.ones(4)
    for score in (scores.spearman, scores.kendall):
        assert np.isnan(score(TRUE, same))
        assert np.isnan(score(same, TRUE))


def test_ranks_with_ties_against_their_definitions() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, (2, 40)).astype(float)
    ranks = stats.rankdata(a), stats.rankdata(b)
    assert scores.spearman(a, b) == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert scores.spearman(a, b) == stats.spearmanr(a, b).statistic
    i, j = np.triu_indices(40, 1)
    u, v = np.sign(a[i] - a[j]), np.sign(b[i] - b[j])
    assert scores.kendall(a, b) == pytest.approx((u * v).sum() / np.sqrt((u**2).sum() * (v**2).sum()))


def test_coverage_by_hand() -> None:
    # 90 %: 1.645 deviations, 50 %: 0.674.
    mean, std = np.zeros(4), np.ones(4)
    true = np.array([0.5, -1.0, 1.6, -1.7])
    assert scores.coverage(true, mean, std) == 0.75
    assert scores.coverage(true, mean, std, 0.5) == 0.25
    assert scores.coverage(mean, mean, np.zeros(4)) == 1.0


def test_coverage_of_normal_draws_is_its_level() -> None:
    rng = np.random.default_rng(1)
    mean, std = rng.normal(size=20000), rng.uniform(0.5, 2.0, 20000)
    true = rng.normal(mean, std)
    for level in (0.5, 0.9, 0.99):
        assert scores.coverage(true, mean, std, level) == pytest.approx(level, abs=0.015)


positive = st.lists(st.floats(0.01, 1e6), min_size=2, max_size=30)


@given(positive, st.floats(0.5, 2.0), st.floats(0.01, 100.0))
def test_shares_do_not_depend_on_the_unit(values: list[float], factor: float, unit: float) -> None:
    true = np.array(values)
    said = true * factor
    assert scores.rmspe(true, said) == pytest.approx(abs(factor - 1.0), abs=1e-9)
    assert scores.rmspe(unit * true, unit * said) == pytest.approx(scores.rmspe(true, said), abs=1e-9)
    assert scores.mae(unit * true, unit * said) == pytest.approx(unit * scores.mae(true, said))


def test_inputs_are_not_changed() -> None:
    true, said = TRUE.copy(), SAID.copy()
    true.flags.writeable = said.flags.writeable = False
    scores.within(true, said, 0.1)
    scores.coverage(true, said, said)
    for score in (scores.rmspe, scores.mae, scores.spearman, scores.kendall):
        score(true, said)


@pytest.mark.parametrize(
    ("true", "said"), [(TRUE, SAID[:3]), (TRUE[:0], SAID[:0]), (TRUE[:, None], SAID[:, None])]
)
def test_unequal_or_empty_vectors_are_refused(true: np.ndarray, said: np.ndarray) -> None:
    with pytest.raises(ArgumentError, match="two vectors of the same length"):
        scores.mae(true, said)


def test_levels_outside_0_to_1_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"level: .* got 90"):
        scores.coverage(TRUE, SAID, SAID, 90)
