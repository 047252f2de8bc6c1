"""Ridge against the normal equations and against leaving rows out one by one."""

from __future__ import annotations

import numpy as np
import pytest

from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates import Ridge

RNG = np.random.default_rng(0)


def rows(n: int = 30, q: int = 5) -> tuple[Array, Array]:
    rng = np.random.default_rng(4)
    x = rng.normal(2.0, 3.0, (n, q))
    return x, np.column_stack([x @ rng.normal(size=q) + rng.normal(size=n), rng.normal(size=n)])


def standardised(a: Array) -> Array:
    return np.asarray((a - a.mean(axis=0)) / a.std(axis=0))


@pytest.mark.parametrize("penalty", [0.01, 1.0, 50.0])
def test_weights_solve_the_normal_equations(penalty: float) -> None:
    x, y = rows()
    fitted = Ridge(log=False, penalties=(penalty,)).fit(x, y, RNG)
    z = standardised(x)
    wanted = np.linalg.solve(z.T @ z + penalty * np.eye(5), z.T @ standardised(y))
    np.testing.assert_allclose(fitted.weights, wanted, rtol=1e-9)
    np.testing.assert_allclose(fitted.predict(x)[0], z @ wanted * y.std(axis=0) + y.mean(axis=0), rtol=1e-9)


@pytest.mark.parametrize("penalty", [0.01, 1.0, 50.0])
def test_noise_is_the_error_of_rows_left_out(penalty: float) -> None:
    x, y = rows()
    noise = Ridge(log=False, penalties=(penalty,)).fit(x, y, RNG).noise
    # The standardisation stays that of all rows; a row left out changes intercept and weights.
    z, t = standardised(x), standardised(y)
    padded = np.column_stack([np.ones(len(z)), z])
    penalties = np.diag([0.0] + [penalty] * 5)
    error = []
    for i in range(len(z)):
        others = np.arange(len(z)) != i
        a = padded[others]
        error.append(padded[i] @ np.linalg.solve(a.T @ a + penalties, a.T @ t[others]) - t[i])
    np.testing.assert_allclose(noise, (np.array(error) ** 2).mean(axis=0), rtol=1e-8)


def test_each_target_takes_the_penalty_that_predicts_best() -> None:
    x, y = rows()
    choices = (0.01, 1.0, 1000.0)
    chosen = Ridge(log=False, penalties=choices).fit(x, y, RNG)
    alone = [Ridge(log=False, penalties=(p,)).fit(x, y, RNG) for p in choices]
    np.testing.assert_allclose(chosen.noise, np.min([f.noise for f in alone], axis=0))
    best = np.argmin([f.noise for f in alone], axis=0)
    assert best[0] != best[1]  # a linear target and pure noise
    for k in range(2):
        assert np.array_equal(chosen.weights[:, k], alone[best[k]].weights[:, k])


def test_a_power_law_is_linear_in_the_logarithms() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 2))
    y = np.exp(1.0 + x @ [[0.5], [-2.0]])
    mean, std = Ridge(penalties=(1e-8,)).fit(x, y, RNG).predict(x)
    np.testing.assert_allclose(mean, y, rtol=1e-6)
    assert (std < 1e-5 * y).all()


def test_fewer_rows_than_features() -> None:
    x, y = rows(6, 20)
    mean, std = Ridge(log=False).fit(x, y, RNG).predict(x)
    assert np.isfinite(mean).all()
    assert np.isfinite(std).all()


@pytest.mark.parametrize("penalties", [(), (0.0,), (1.0, float("nan")), (-1.0,)])
def test_penalties_must_be_positive(penalties: tuple[float, ...]) -> None:
    with pytest.raises(ArgumentError, match="penalties"):
        Ridge(penalties=penalties)
