"""PPS and FPS: what follows an autoregression is predicted, with noise as wide as the model is wrong."""

import numpy as np
import pytest
from histories import batch, box, history, segment

from dmo.errors import ArgumentError
from dmo.responses import FPS, PPS
from dmo.responses.autoregression import forecast
from dmo.responses.pps import halfway, set_distance

RNG = np.random.default_rng(0)


def test_forecast_continues_a_line_a_wave_and_a_constant():
    t = np.arange(12.0)
    series = np.stack([0.1 + 0.03 * t, np.sin(0.3 * t), np.full(12, 0.7), np.zeros(12)], axis=1)
    value, deviation = forecast(series, 3)
    assert np.allclose(value, [0.1 + 0.36, np.sin(3.6), 0.7, 0.0], atol=1e-8)
    assert np.allclose(deviation, 0.0, atol=1e-8)


@pytest.mark.parametrize("constant", [False, True])
def test_forecast_is_least_squares_of_each_column(constant):
    series = RNG.normal(size=(15, 3)).cumsum(axis=0)
    value, deviation = forecast(series, 2, constant)
    for j in range(3):
        s = series[:, j]
        lagged = np.stack([s[1:-1], s[:-2], np.full(13, float(constant))], axis=1)
        weights, *_ = np.linalg.lstsq(lagged, s[2:], rcond=None)
        assert np.isclose(value[j], weights @ [s[-1], s[-2], float(constant)])
        assert np.isclose(deviation[j], np.sqrt(np.mean((s[2:] - lagged @ weights) ** 2)))


def test_a_moving_set_is_met_where_it_will_be():
    past = [batch(segment(40, 5, 0.1 + 0.05 * k, RNG)) for k in range(10)]
    x = PPS().respond(history(*past), box(5), 40, np.random.default_rng(1))
    assert np.allclose(x[:, 1:], 0.6, atol=1e-6)
    assert np.allclose(np.sort(x[:, 0]), np.linspace(0, 1, 40), atol=1e-6)


def test_noise_has_the_variance_of_the_model_and_of_the_manifold():
    shapes = [RNG.normal(0.0, 0.05, (300, 4)) for _ in range(8)]
    past = [batch(0.5 + s - s.mean(axis=0)) for s in shapes]
    x = PPS().respond(history(*past), box(4), 300, np.random.default_rng(1))
    noise = x - past[-1].x
    change = set_distance(past[-1].x, past[-2].x)
    assert np.allclose(noise.mean(axis=0), 0.0, atol=4 * change / np.sqrt(300))
    assert np.allclose(noise.var(axis=0), change**2 / 4, rtol=0.3)


def test_only_the_last_centres_count():
    old = [batch(RNG.random((20, 3))) for _ in range(5)]
    new = [batch(segment(20, 3, 0.2 + 0.05 * k)) for k in range(8)]
    args = box(3), 20
    with_old = PPS(length=8).respond(history(*old, *new), *args, np.random.default_rng(1))
    assert np.array_equal(with_old, PPS().respond(history(*new), *args, np.random.default_rng(1)))


@pytest.mark.parametrize("response", [PPS(), FPS()])
def test_without_enough_history_half_is_random(response):
    past = history(*[batch(segment(20, 3, 0.5))] * 5)
    x = response.respond(past, box(3), 20, np.random.default_rng(0))
    assert (x[:, 1] == 0.5).sum() == 10


def test_a_centre_predicted_outside_is_the_last_one():
    past = [batch(segment(30, 3, 0.05 + 0.13 * k)) for k in range(8)]  # 0.05 to 0.96, then 1.09
    x = PPS().respond(history(*past), box(3), 30, np.random.default_rng(1))
    assert np.allclose(x[:, 1:], 0.96, atol=1e-6)


def test_values_outside_are_put_halfway_to_their_parent():
    x = np.array([[-1.0, 0.5, 3.0]])
    assert np.allclose(halfway(x, np.array([[0.4, 0.1, 0.6]]), box(3)), [[0.2, 0.5, 0.8]])


def test_set_distance():
    assert set_distance(np.array([[0.0], [1.0]]), np.array([[0.0], [3.0]])) == 0.5


def test_fps_predicts_the_extremes_and_the_knee():
    def front(k):
        a = np.linspace(0.0, 0.5 * np.pi, 21)
        f = np.stack([1 - np.cos(a), 1 - np.sin(a)], axis=1)  # nearest to the ideal: the middle
        return batch(np.stack([np.linspace(0.1, 0.9, 21), np.full(21, 0.1 + 0.04 * k)], axis=1), f)

    x = FPS(share=0.0).respond(history(*[front(k) for k in range(10)]), box(2), 30, np.random.default_rng(0))
    wanted = np.array([[0.1, 0.5], [0.9, 0.5], [0.5, 0.5]])
    for key in wanted:
        assert (np.abs(x[:9] - key).max(axis=1) < 1e-6).sum() == 3
    assert np.allclose(x[9:, 1], 0.46)


@pytest.mark.parametrize("cls", [PPS, FPS])
@pytest.mark.parametrize("options", [{"order": 0}, {"length": 5}, {"order": 2.5}, {"order": 12}])
def test_bad_settings_are_refused(cls, options):
    with pytest.raises(ArgumentError):
        cls(**options)
