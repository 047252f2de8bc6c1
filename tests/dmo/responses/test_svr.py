"""Support vector regression: the same machines as scikit-learn's, all at once; and what they predict."""

import numpy as np
import pytest
import sklearn.svm
from histories import batch, box, history, segment

from dmo.errors import ArgumentError
from dmo.responses import SVR
from dmo.responses.support_vectors import fit, predict

RNG = np.random.default_rng(5)


def series(kind, n, length):
    t = np.arange(length)
    if kind == "wave":
        return np.abs(np.sin(0.157 * t + RNG.random((n, 1)))) + RNG.normal(0.0, 0.03, (n, length))
    if kind == "noise":
        return RNG.random((n, length))
    return np.repeat(RNG.random((n, 1)), length, axis=1) + RNG.normal(0.0, 0.01, (n, length))


def theirs(s, order, penalty, tube, gamma):
    windows = np.lib.stride_tricks.sliding_window_view(s, order)
    machine = sklearn.svm.SVR(C=penalty, epsilon=tube, gamma=gamma, tol=1e-9)
    return machine.fit(windows[:-1], s[order:]).predict(windows[-1:])[0]


@pytest.mark.parametrize("kind", ["wave", "noise", "flat"])
@pytest.mark.parametrize(
    ("length", "penalty", "gamma"), [(5, 1000.0, 0.1), (9, 1000.0, 0.1), (20, 10.0, 2.0)]
)
def test_predictions_are_those_of_scikit_learn(kind, length, penalty, gamma):
    s = series(kind, 25, length)
    ours = predict(s, 4, penalty, 0.05, gamma)
    assert np.allclose(ours, [theirs(row, 4, penalty, 0.05, gamma) for row in s], atol=1e-3)


@pytest.mark.parametrize(
    ("n", "gamma", "penalty", "tube"),
    [
        (12, 1.0, 5.0, 0.1),
        (26, 0.1, 1000.0, 0.05),
        (26, 0.1, 1000.0, 1e-3),
        (26, 1e-4, 1e3, 0.01),
        (9, 0.0, 1, 0.1),
    ],
)
def test_weights_are_optimal(n, gamma, penalty, tube):
    rng = np.random.default_rng(n)
    for _ in range(200):
        x = rng.random((n, 3)).round(1)  # some inputs are equal
        kernel = np.exp(-gamma * np.square(x[:, None] - x).sum(axis=2))
        y = rng.random(n)
        weights, constant = fit(kernel, y, penalty, tube)
        error = kernel @ weights + constant - y
        assert abs(weights.sum()) <= 1e-9
        assert (np.abs(weights) <= penalty).all()
        pull = -np.sign(weights) * error  # of the error against the weight
        free = (weights != 0.0) & (np.abs(weights) < penalty)
        assert (np.abs(error[weights == 0.0]) <= tube + 1e-7).all()
        assert (pull[np.abs(weights) == penalty] >= tube - 1e-7).all()
        assert np.allclose(pull[free], tube, atol=1e-7)


def test_what_the_tube_holds_needs_no_weight():
    weights, constant = fit(np.ones((3, 3)), np.array([0.1, 0.15, 0.19]), 1000.0, 0.05)
    assert (weights == 0.0).all()
    assert np.isclose(constant, 0.145)


def test_equal_inputs_with_different_targets():
    s = np.array([[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    assert np.isclose(predict(s, 2, 1000.0, 0.05, 1.0)[0], theirs(s[0], 2, 1000.0, 0.05, 1.0), atol=1e-3)


def test_a_moving_set_is_met_where_it_will_be():
    places = 0.5 + 0.3 * np.sin(0.3 * np.arange(20))
    past = [batch(segment(15, 3, place, RNG)) for place in places]
    x = SVR(tube=0.01).respond(history(*past), box(3), 15, np.random.default_rng(0))
    assert np.allclose(x[:, 1:], 0.5 + 0.3 * np.sin(0.3 * 20), atol=0.03)
    assert np.allclose(np.sort(x[:, 0]), np.linspace(0.0, 1.0, 15), atol=0.03)


def test_the_range_of_a_variable_does_not_matter():
    past = [batch(segment(15, 3, place)) for place in 0.5 + 0.3 * np.sin(0.3 * np.arange(12))]
    wide = [batch(1000.0 * p.x - 500.0, p.f) for p in past]
    args = 15, np.random.default_rng(0)
    small = SVR().respond(history(*past), box(3), *args)
    large = SVR().respond(history(*wide), box(3, -500.0, 500.0), *args)
    assert np.allclose(1000.0 * small - 500.0, large, atol=1e-3)


def test_without_enough_history_the_population_stays():
    past = history(*[batch(segment(15, 3, 0.1 * k)) for k in range(5)])
    x = SVR().respond(past, box(3), 15, np.random.default_rng(0))
    assert np.array_equal(x, past.populations[-1].x)


@pytest.mark.parametrize("options", [{"order": 0}, {"penalty": 0.0}, {"tube": 0.0}, {"gamma": -1.0}])
def test_bad_settings_are_refused(options):
    with pytest.raises(ArgumentError):
        SVR(**options)
