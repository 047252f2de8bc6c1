"""Few measurements of a new device, which to take, and drift while a controller runs."""

from __future__ import annotations

import numpy as np
import pytest
from deployment_like import Rows

from dmo.errors import ArgumentError
from surrogates import AtRandom, NearFront, Predictor, Residual, Ridge, SlowDown, Transfer, load, save
from surrogates.scores import rmspe, spearman


def test_a_device_that_is_an_affine_map_away_needs_few_rows(measured: Rows, unseen: Rows) -> None:
    rng = np.random.default_rng(0)
    near, far = (
        Ridge().fit(measured.x, y, rng) for y in (measured.y, measured.y * np.exp(rng.normal(0, 1, (450, 3))))
    )
    y = 2.5 * unseen.truth**1.1
    for n, most in ((2, 0.3), (10, 0.2), (60, 0.1)):
        fitted = Transfer((far, near)).fit(unseen.x[:n], y[:n], np.random.default_rng(1))
        mean, std = fitted.predict(unseen.x[n:])
        assert rmspe(y[n:].ravel(), mean.ravel()) < 0.2 + most
        assert spearman(y[n:, 0], mean[:, 0]) > 0.9
        assert np.isfinite(std).all()
    assert fitted.known is near


def test_a_transferred_predictor_is_stored(measured: Rows, unseen: Rows, tmp_path) -> None:  # type: ignore[no-untyped-def]
    known = Ridge().fit(measured.x, measured.y, np.random.default_rng(0))
    names = tuple(f"f{i}" for i in range(measured.x.shape[1]))
    for n in (5, 40):
        fitted = Transfer((known,)).fit(unseen.x[:n], unseen.y[:n], np.random.default_rng(1))
        assert (fitted.process is None) == (n == 5)
        save(Predictor(fitted, names, ("a", "b", "c")), tmp_path / "t.npz")
        for a, b in zip(fitted.predict(unseen.x), load(tmp_path / "t.npz").predict(unseen.x), strict=True):
            assert np.array_equal(a, b)


def test_worth_is_greatest_where_the_front_is_unsure() -> None:
    mean = np.array([[1.0, 2.0], [2.0, 1.0], [1.5, 1.5], [5.0, 5.0], [2.1, 2.1]])
    std = np.array([[0.1, 0.1], [0.1, 0.1], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]])
    worth = NearFront().worth(mean, std)
    assert worth.argmax() == 2  # on the front and unsure
    assert worth[3] < worth[4] < worth[2]  # the farther behind, the less
    assert worth[3] < worth[0]  # sure, but on the front


@pytest.mark.parametrize("choice", [NearFront(), AtRandom()])
def test_chosen_rows_are_different_and_few_enough(choice, measured: Rows) -> None:  # type: ignore[no-untyped-def]
    fitted = Ridge().fit(measured.x[:50], measured.y[:50], np.random.default_rng(0))
    rows = choice.choose(fitted, measured.x, np.array([0, 1]), 30, np.random.default_rng(2))
    assert len(set(rows.tolist())) == 30
    with pytest.raises(ArgumentError, match="450 candidates"):
        choice.choose(fitted, measured.x, np.array([0, 1]), 451, np.random.default_rng(2))


def test_equal_candidates_are_not_measured_twice_in_a_batch(measured: Rows) -> None:
    fitted = Ridge().fit(measured.x[:50], measured.y[:50], np.random.default_rng(0))
    doubled = np.concatenate([measured.x, measured.x])
    rows = NearFront().choose(fitted, doubled, np.array([0, 1]), 40, np.random.default_rng(2))
    assert len(np.unique(doubled[rows], axis=0)) == len(np.unique(rows % 450)) == 40


def test_a_steady_slow_down_is_found() -> None:
    rng, tracker = np.random.default_rng(0), SlowDown().start()
    for _ in range(60):
        tracker.observe(2.0, 2.0 * 1.7 * np.exp(rng.normal(0.0, 0.1)))
    assert tracker.value == pytest.approx(1.7, rel=0.06)
    mean, std = tracker.correct(np.array([1.0, 3.0]), np.array([0.1, 0.0]))
    np.testing.assert_allclose(mean, tracker.value * np.array([1.0, 3.0]))
    assert (std > tracker.value * np.array([0.1, 0.0])).all()


def test_a_jump_is_followed_within_a_few_measurements() -> None:
    tracker = SlowDown().start()
    for _ in range(50):
        tracker.observe(1.0, 1.0)
    for _ in range(5):
        tracker.observe(1.0, 3.0)
    assert tracker.value == pytest.approx(3.0, rel=0.15)


def test_without_drift_the_filter_is_the_mean_of_the_logarithms() -> None:
    """The closed form: a Gaussian prior of variance 1 and n measurements."""
    ratios = np.array([1.2, 0.9, 1.4, 1.1])
    tracker = SlowDown(drift=1e-6, memory=1.0).start()
    for r in ratios:
        tracker.observe(1.0, float(r))
    assert tracker.log == pytest.approx(np.log(ratios).sum() / (len(ratios) + 0.1**2), rel=1e-6)
    assert tracker.variance == pytest.approx(0.1**2 / (len(ratios) + 0.1**2), rel=1e-6)


def test_residual_is_weighted_least_squares() -> None:
    rng = np.random.default_rng(3)
    rows, s = rng.uniform(size=(40, 2)), Residual(forgetting=0.999999, prior=0.3, noise=0.05)
    ratios = np.exp(0.4 * rows[:, 0] - 0.1 + rng.normal(0.0, 0.05, 40))
    state = s.start()
    for row, r in zip(rows, ratios, strict=True):
        state.observe(1.0, float(r), row)
    phi = np.column_stack([rows, np.ones(40)])
    precision = phi.T @ phi / s.noise**2 + np.eye(3) / s.prior**2
    np.testing.assert_allclose(
        state.weights, np.linalg.solve(precision, phi.T @ np.log(ratios) / s.noise**2), rtol=1e-3
    )


def test_residual_corrects_what_one_factor_cannot() -> None:
    """Contention that slows two threads only."""
    rng = np.random.default_rng(4)
    factor, residual = SlowDown().start(), Residual().start()
    slow = np.array([1.0, 2.0])
    for i in range(80):
        two = i % 2
        measured = 1.0 * slow[two] * np.exp(rng.normal(0.0, 0.05))
        for tracker in (factor, residual):
            tracker.observe(1.0, float(measured), np.array([float(two)]))
    ask = np.ones(2), np.zeros(2), np.array([[0.0], [1.0]])
    errors = [np.abs(t.correct(*ask)[0] / slow - 1.0).max() for t in (factor, residual)]
    assert errors[1] < 0.1 < 0.25 < errors[0]


def test_what_was_never_measured_does_not_become_certain_nor_boundless() -> None:
    state = Residual().start()
    for _ in range(300):
        state.observe(1.0, 1.5, np.array([1.0, 0.0]))
    _, std = state.correct(np.ones(2), np.zeros(2), np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert std[0] < 0.1
    assert 0.2 < std[1] < 1.0


def test_failed_measurements_are_refused() -> None:
    for tracker in (SlowDown().start(), Residual().start()):
        with pytest.raises(ArgumentError, match="measured"):
            tracker.observe(1.0, float("nan"), np.zeros(1))
    with pytest.raises(ArgumentError, match="features"):
        Residual().start().observe(1.0, 1.0)
