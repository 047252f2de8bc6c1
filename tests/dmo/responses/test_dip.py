"""DIP: a network trained on known maps, its gradient, and points between here and where it points."""

import numpy as np
import pytest
from histories import batch, box, history

from dmo.errors import ArgumentError
from dmo.responses import DIP
from dmo.responses.dip import gradient, learn, output

RNG = np.random.default_rng(29)


def test_the_gradient_is_that_of_finite_differences():
    parameters = [RNG.normal(size=s) for s in ((3, 4), (4,), (4, 2), (2,))]
    x, y = RNG.normal(size=(10, 3)), RNG.normal(size=(10, 2))

    def loss():
        return 0.5 * ((output(parameters, x) - y) ** 2).sum() / len(x)

    for p, slope in zip(parameters, gradient(parameters, x, y), strict=True):
        for i in np.ndindex(p.shape):
            p[i] += 1e-6
            above = loss()
            p[i] -= 2e-6
            below = loss()
            p[i] += 1e-6
            assert slope[i] == pytest.approx((above - below) / 2e-6, abs=1e-7)


def test_a_smooth_map_is_learnt():
    x = RNG.uniform(-1.0, 1.0, (100, 4))
    y = np.tanh(x @ RNG.normal(size=(4, 6)) * 0.5)
    found = learn(x, y, 5, 400, 0.05, np.random.default_rng(0))(x)
    assert ((found - y) ** 2).mean() < 0.05 * y.var()


def sets(shift, n=40):
    a = np.linspace(0.0, 1.0, n)
    x = np.stack([a, 0.2 + 0.3 * a, np.full(n, 0.5)], axis=1)
    return [batch(x + s, np.stack([a, 1.0 - a], axis=1)) for s in (0.0, shift)]


def test_points_move_on_along_their_last_step():
    before, last = sets(0.1)
    new = DIP().respond(history(before, last), box(3, -9.0, 9.0), 40, np.random.default_rng(0))
    # The third variable never varies, so that its prediction is its value and its step alone moves it.
    assert (new[:, 2] >= 0.6 - 1e-9).all()
    assert (new[:, 2] <= 0.7 + 1e-9).all()
    assert np.ptp(new[:, 2]) > 0.05


def test_a_standing_set_stays_near_itself():
    new = DIP(epochs=400).respond(history(*sets(0.0)), box(3, -9.0, 9.0), 40, np.random.default_rng(0))
    x = sets(0.0)[0].x
    assert np.sqrt(((new[:, None] - x) ** 2).sum(axis=2).min(axis=1)).max() < 0.1


def test_room_is_filled_by_predictions_then_the_set_then_random_points():
    past = history(*sets(0.01, 10))
    new = DIP(random=0.25).respond(past, box(3, 0.0, 2.0), 40, np.random.default_rng(0))
    known = {tuple(p) for p in past.populations[-1].x}
    assert [tuple(p) in known for p in new[:30]] == [False] * 20 + [True] * 10
    assert not any(tuple(p) in known for p in new[30:])


def test_after_the_first_change_the_population_stays():
    past = history(batch(RNG.random((20, 3))))
    new = DIP().respond(past, box(3), 20, np.random.default_rng(0))
    assert {tuple(p) for p in new} == {tuple(p) for p in past.populations[0].x}


def test_bad_settings_are_refused():
    for bad in ({"hidden": 0}, {"epochs": 0}, {"rate": 0.0}, {"random": 1.1}):
        with pytest.raises(ArgumentError):
            DIP(**bad)
