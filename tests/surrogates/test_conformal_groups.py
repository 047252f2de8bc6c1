"""Intervals for models never seen: rows of one model are held out together."""

from __future__ import annotations

import numpy as np
import pytest

from surrogates import Conformal, KNearest, Ridge, scores


def models(rng: np.random.Generator, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Each model four times; its value has a part that no feature tells, the same in all four."""
    own = rng.uniform(size=(groups, 2))
    hidden = rng.normal(0.0, 0.3, groups)
    x = np.repeat(own, 4, axis=0)
    y = np.exp(x.sum(axis=1) + np.repeat(hidden, 4) + rng.normal(0.0, 0.01, 4 * groups))
    return x, y[:, None]


def test_rows_of_one_model_together_cover_models_never_seen() -> None:
    """Held out row by row, the other three rows of a model give its value away."""
    rng = np.random.default_rng(0)
    (x, y), (new, true) = models(rng, 150), models(rng, 400)
    covered = {}
    for together in ((), (0, 1)):
        fitted = Conformal(KNearest(neighbours=3), together=together).fit(x, y, np.random.default_rng(1))
        mean, std = fitted.predict(new)
        covered[together] = scores.coverage(true[:, 0], mean[:, 0], std[:, 0])
    assert covered[()] < 0.7
    assert covered[0, 1] == pytest.approx(0.9, abs=0.06)


def test_rows_that_differ_are_groups_of_their_own() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(size=(40, 2))
    y = np.exp(x[:, :1] + rng.normal(0.0, 0.1, (40, 1)))
    x = x[np.argsort(x[:, 0])]  # groups are numbered in this order
    plain, grouped = (
        Conformal(Ridge(), together=t).fit(x, y, np.random.default_rng(3)).factor for t in ((), (0, 1))
    )
    assert np.array_equal(plain, grouped)


def test_too_few_groups_leave_deviations_as_they_are() -> None:
    x = np.repeat([[0.0], [1.0], [2.0]], 5, axis=0)
    y = np.exp(x + np.linspace(0.0, 0.1, 15)[:, None])
    assert Conformal(Ridge(), together=(0,)).fit(x, y, np.random.default_rng(0)).factor.tolist() == [1.0]
