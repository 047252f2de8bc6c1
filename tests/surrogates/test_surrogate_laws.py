"""What every surrogate must satisfy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deployment_like import Rows

from dmo.errors import ArgumentError
from surrogates import (
    Boosting,
    Conformal,
    Fitted,
    Forest,
    GaussianProcess,
    KNearest,
    MLPEnsemble,
    Predictor,
    Ranking,
    Ridge,
    Surrogate,
    load,
    save,
)
from surrogates.scores import coverage, rmspe

SURROGATES = {
    "ridge": Ridge(),
    "mlp": MLPEnsemble(epochs=300),
    "one layer": MLPEnsemble(members=3, hidden=(16,), epochs=200),
    "nearest": KNearest(),
    "forest": Forest(trees=30),
    "boosting": Boosting(trees=40, depth=3, rate=0.2),
    "gaussian process": GaussianProcess(),
    "ranking": Ranking(members=3, epochs=150),
    "conformal": Conformal(Ridge()),
}


LOCAL = KNearest, Forest, Boosting  # averages of rows near by: they know no slopes


@pytest.fixture(scope="module", params=SURROGATES.values(), ids=SURROGATES.keys())
def surrogate(request: pytest.FixtureRequest) -> Surrogate:
    chosen: Surrogate = request.param
    return chosen


@pytest.fixture(scope="module")
def fitted(surrogate: Surrogate, measured: Rows) -> Any:
    return surrogate.fit(measured.x, measured.y, np.random.default_rng(0))


def test_shapes(fitted: Fitted, unseen: Rows) -> None:
    for n in (0, 1, 63, 64, 65, 400):
        mean, std = fitted.predict(unseen.x[:n])
        assert mean.shape == std.shape == (n, 3)
        assert mean.dtype == std.dtype == np.float64


def test_the_same_seed_gives_the_same_bits(
    surrogate: Surrogate, fitted: Fitted, measured: Rows, unseen: Rows
) -> None:
    again = surrogate.fit(measured.x, measured.y, np.random.default_rng(0))
    for a, b in zip(fitted.predict(unseen.x), again.predict(unseen.x), strict=True):
        assert np.array_equal(a, b)


def test_inputs_are_not_changed(surrogate: Surrogate, measured: Rows) -> None:
    x, y = measured.x[:40].copy(), measured.y[:40].copy()
    for a in (x, y):
        a.flags.writeable = False  # a write would raise
    surrogate.fit(x, y, np.random.default_rng(0)).predict(x)
    assert np.array_equal(x, measured.x[:40])
    assert np.array_equal(y, measured.y[:40])


def test_better_than_the_mean(fitted: Fitted, measured: Rows, unseen: Rows) -> None:
    mean, _ = fitted.predict(unseen.x)
    for k in range(3):
        constant = np.full(len(mean), measured.y[:, k].mean())
        assert rmspe(unseen.truth[:, k], mean[:, k]) < 0.7 * rmspe(unseen.truth[:, k], constant)


def test_a_linear_truth_is_found(surrogate: Surrogate) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 4))
    y = np.exp(x @ rng.normal(size=(4, 2)) * 0.3 + 1.0)
    mean, _ = surrogate.fit(x[:200], y[:200], rng).predict(x[200:])
    assert rmspe(y[200:].ravel(), mean.ravel()) < (0.4 if isinstance(surrogate, LOCAL) else 0.05)


def test_deviation_is_finite_and_not_negative(fitted: Fitted, measured: Rows, unseen: Rows) -> None:
    far = unseen.x + 100.0 * measured.x.std(axis=0)
    for x in (measured.x, unseen.x, far):
        _, std = fitted.predict(x)
        assert np.isfinite(std).all()
        assert (std >= 0.0).all()


def test_intervals_cover_about_as_much_as_they_say(fitted: Fitted, unseen: Rows) -> None:
    mean, std = fitted.predict(unseen.x)
    for k in range(3):
        assert 0.82 <= coverage(unseen.y[:, k], mean[:, k], std[:, k], 0.9) <= 0.99


def test_a_row_does_not_depend_on_its_company(fitted: Fitted, unseen: Rows) -> None:
    order = np.random.default_rng(3).permutation(len(unseen.x))
    whole = fitted.predict(unseen.x)
    mixed = fitted.predict(unseen.x[order])
    for a, b in zip(whole, mixed, strict=True):
        np.testing.assert_allclose(a[order], b, rtol=1e-9)
    alone = fitted.predict(unseen.x[7:8])
    for a, b in zip(whole, alone, strict=True):
        np.testing.assert_allclose(a[7:8], b, rtol=1e-9)


def test_order_of_targets_only_renames_them(surrogate: Surrogate, measured: Rows) -> None:
    """Columns come back in the order they were given; each is near its own target's mean."""
    y = measured.y[:, ::-1]
    mean, _ = surrogate.fit(measured.x, y, np.random.default_rng(0)).predict(measured.x)
    np.testing.assert_allclose(np.median(mean / y, axis=0), 1.0, atol=0.05)


def test_plain_targets_may_be_negative(measured: Rows, unseen: Rows) -> None:
    y = np.column_stack([measured.y[:, 0], -measured.y[:, 1]])
    for surrogate in (Ridge(log=(True, False)), MLPEnsemble(log=(True, False), epochs=300)):
        mean, std = surrogate.fit(measured.x, y, np.random.default_rng(0)).predict(unseen.x)
        assert (mean[:, 0] > 0.0).all()
        assert np.corrcoef(mean[:, 1], -unseen.truth[:, 1])[0, 1] > 0.8
        assert (std >= 0.0).all()


def test_a_feature_that_never_varied_does_not_move_the_prediction(
    surrogate: Surrogate, measured: Rows
) -> None:
    x = np.column_stack([measured.x, np.full(len(measured.x), 0.1), np.full(len(measured.x), 1e6)])
    fitted = surrogate.fit(x, measured.y, np.random.default_rng(0))
    moved = x.copy()
    moved[:, -2:] += 7.0
    assert np.array_equal(fitted.predict(x)[0], fitted.predict(moved)[0])


def test_a_target_that_never_varied_is_predicted_as_it_is(surrogate: Surrogate, measured: Rows) -> None:
    y = np.full((len(measured.x), 1), 3.0)
    mean, std = surrogate.fit(measured.x, y, np.random.default_rng(0)).predict(measured.x)
    np.testing.assert_allclose(mean, 3.0, rtol=0.01)
    assert (std < 0.05).all()


def test_two_rows_are_enough(surrogate: Surrogate) -> None:
    x, y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[1.0], [2.0]])
    mean, std = surrogate.fit(x, y, np.random.default_rng(0)).predict(x)
    assert np.isfinite(mean).all()
    assert np.isfinite(std).all()


def test_stored_and_loaded_bit_for_bit(fitted: Any, unseen: Rows, tmp_path: Path) -> None:
    features = tuple(f"f{i}" for i in range(unseen.x.shape[1]))
    save(Predictor(fitted, features, ("a", "b", "c"), {"seed": 0}), tmp_path / "some.npz")
    back = load(tmp_path / "some.npz")
    assert back.features == features
    assert back.targets == ("a", "b", "c")
    assert back.meta == {"seed": 0}
    for a, b in zip(fitted.predict(unseen.x), back.predict(unseen.x), strict=True):
        assert np.array_equal(a, b)


NAN = float("nan")
BAD = [
    (np.zeros((3, 2)), np.ones((4, 1)), r"x, y: .*\(3, 2\) and \(4, 1\)"),
    (np.zeros((3, 2)), np.ones(3), r"y\[:, None\]"),
    (np.zeros((1, 2)), np.ones((1, 1)), r"at least 2 rows, got 1"),
    (np.array([[0.0], [NAN]]), np.ones((2, 1)), r"x: expected finite numbers, got nan in row 1"),
    (np.zeros((2, 1)), np.array([[1.0], [np.inf]]), r"y: expected finite numbers, got inf in row 1"),
    (np.zeros((2, 1)), np.array([[1.0], [0.0]]), r"positive values .* got 0 in column 0; switch log off"),
]


@pytest.mark.parametrize(("x", "y", "message"), BAD)
def test_unusable_rows_are_refused(surrogate: Surrogate, x: Any, y: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        surrogate.fit(x, y, np.random.default_rng(0))


def test_unusable_questions_are_refused(fitted: Fitted, unseen: Rows) -> None:
    with pytest.raises(ArgumentError, match=r"x: expected \(n, 17\) features.* shape \(400, 16\)"):
        fitted.predict(unseen.x[:, 1:])
    x = unseen.x[:5].copy()
    x[2, 1] = NAN
    with pytest.raises(ArgumentError, match="x: expected finite numbers, got nan in row 2, column 1"):
        fitted.predict(x)
