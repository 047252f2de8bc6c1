"""VARE: the forecast of a vector autoregression, and the choice between it and mutation."""

import numpy as np
import pytest
from histories import batch, box, history, restart

from dmo.errors import ArgumentError
from dmo.optimisers.weights import weights
from dmo.responses import VARE
from dmo.responses.vare import nearest
from dmo.responses.vector_autoregression import forecast

RNG = np.random.default_rng(17)


def plain_forecast(x, lag, explained):
    """One series, (T, d), step by step: principal components by SVD, least squares, back."""
    mean = x.mean(axis=0)
    values, axes = np.linalg.svd(x - mean)[1:]
    k = int(np.searchsorted(np.cumsum(values**2) / (values**2).sum(), explained)) + 1
    z = (x - mean) @ axes[:k].T
    rows = [np.r_[*[z[t - j] for j in range(1, lag + 1)], 1.0] for t in range(lag, len(z) + 1)]
    coefficients = np.linalg.lstsq(np.array(rows[:-1]), z[lag:], rcond=None)[0]
    return mean + rows[-1] @ coefficients @ axes[:k]


@pytest.mark.parametrize(("lag", "explained"), [(1, 0.8), (2, 0.5), (3, 0.8), (5, 0.3)])
def test_the_forecast_is_that_of_each_series_alone(lag, explained):
    series = np.cumsum(RNG.normal(size=(20, 30, 4)), axis=1)
    plain = [plain_forecast(x, lag, explained) for x in series]
    assert np.allclose(forecast(series, lag, explained), plain, atol=1e-4)


@pytest.mark.parametrize("explained", [0.5, 1.0])
def test_a_translation_is_continued(explained):
    start, step = RNG.random((10, 1, 3)), RNG.normal(size=(10, 1, 3))
    series = start + step * np.arange(22)[None, :, None]
    assert np.allclose(forecast(series, 5, explained), (start + 22 * step)[:, 0], atol=1e-4)


def test_a_process_is_continued_by_its_own_law():
    # x_t = A x_{t-1} + B x_{t-2} + c, which turns, so that no straight line fits.
    a, b = np.array([[1.2, -0.4], [0.4, 1.2]]), np.array([[-0.64, 0.0], [0.0, -0.64]])
    path = [np.array([1.0, 0.0]), np.array([0.8, 0.5])]
    for _ in range(24):
        path.append(a @ path[-1] + b @ path[-2] + [0.02, 0.01])
    series = np.array(path)[None] @ np.linalg.qr(RNG.normal(size=(6, 6)))[0][:2]
    assert np.allclose(forecast(series[:, :-1], 2, 1.0), series[:, -1], atol=1e-4)
    step = series[:, -2] - series[:, -3]
    assert np.abs(series[:, -2] + step - series[:, -1]).max() > 0.01


def test_more_coefficients_than_values_are_no_trouble():
    for series in (RNG.random((5, 7, 10)), np.full((5, 7, 10), 0.3), np.zeros((5, 7, 10))):
        assert np.isfinite(forecast(series, 5, 1.0)).all()
    assert np.allclose(forecast(np.full((5, 7, 10), 0.3), 5, 0.8), 0.3)


def test_each_direction_has_the_member_at_the_smallest_angle():
    f, directions = RNG.random((40, 3)) * [1.0, 50.0, 1e-3] + 7.0, weights(91, 3)
    scaled = (f - f.min(axis=0)) / np.ptp(f, axis=0)
    cosine = (directions @ scaled.T) / np.outer(
        np.linalg.norm(directions, axis=1), np.linalg.norm(scaled, axis=1)
    )
    found = nearest(f, directions)
    assert np.array_equal(np.arccos(cosine).argmin(axis=1), found)


def moving(step, count, n=20):
    """Sets along the first variable whose other variables move on by `step` each environment."""
    a = np.linspace(0.0, 1.0, n)
    x = [np.stack([a, np.full(n, 0.1 + k * step), np.full(n, 0.1 + k * step)], axis=1) for k in range(count)]
    return [batch(p, np.stack([a, 1.0 - a], axis=1)) for p in x]


@pytest.mark.parametrize("count", [3, 10, 24])
def test_what_succeeded_is_chosen_mostly(count):
    past = moving(0.02, count)
    new = restart(VARE(), history(*past), box(3), 20, 1, lambda x: batch(x, np.c_[x[:, 0], 1.0 - x[:, 0]]))
    offspring, next_one = new[20:], 0.1 + 0.02 * count
    close = np.abs(offspring[:, 1] - next_one) < 0.5 * 0.02
    assert close.mean() > (0.2 if count < 7 else 0.6)


def test_a_set_that_stands_still_is_not_predicted_for_long():
    # A prediction cannot come nearer than the point before, which was right.
    still = moving(0.0, 12)
    chosen = VARE()._chosen(np.stack([p.x for p in still], axis=1), np.random.default_rng(0))
    assert chosen.mean() < 0.4


def test_the_last_points_are_evaluated_first():
    past = history(*moving(0.02, 3))
    probed = VARE().probe(past, box(3), RNG)
    assert {tuple(p) for p in probed} <= {tuple(p) for p in past.populations[-1].x}
    assert len(probed) == 20


def test_bad_settings_are_refused():
    for bad in ({"lag": 0}, {"lag": 20}, {"explained": 1.5}, {"eta": -1.0}, {"fewest": 1}):
        with pytest.raises(ArgumentError):
            VARE(**bad)
