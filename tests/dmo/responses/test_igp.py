"""Inverse Gaussian process: the same posterior as scikit-learn's, and targets come back as variables."""

import numpy as np
import pytest
from histories import batch, box, history
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

from dmo.distances import squared_distances
from dmo.errors import ArgumentError
from dmo.responses import IGP
from dmo.responses.gaussian_process import Linear, SquaredExponential, fit, most_likely

RNG = np.random.default_rng(5)
X, Y, AT = RNG.random((40, 2)), RNG.normal(size=(40, 3)), RNG.random((15, 2))


@pytest.mark.parametrize(
    ("kernel", "theirs"),
    [(Linear(), DotProduct(0.0, "fixed")), (SquaredExponential(0.4), RBF(0.4))],
    ids=["linear", "squared exponential"],
)
@pytest.mark.parametrize("noise", [0.05, 0.5])
def test_the_posterior_is_that_of_scikit_learn(kernel, theirs, noise):
    y = Y + np.sin(5.0 * X[:, :1])
    ours = fit(X, y, kernel, noise)
    covariance = kernel.matrix(X, X) + noise**2 * np.eye(len(X))
    variance = np.einsum("nd,nd->d", y, np.linalg.solve(covariance, y)) / len(X)
    evidence, means = 0.0, []
    for output, scale in zip(y.T, variance, strict=True):
        whole = ConstantKernel(scale) * theirs + WhiteKernel(scale * noise**2)
        model = GaussianProcessRegressor(whole, alpha=0.0, optimizer=None).fit(X, output)
        means.append(model.predict(AT))
        evidence += model.log_marginal_likelihood()
    assert np.allclose(ours.predict(AT), np.transpose(means))
    assert ours.evidence == pytest.approx(evidence)


def test_each_variance_is_the_most_likely():
    theirs = ConstantKernel(1.0, (1e-6, 1e6)) * (RBF(0.3, "fixed") + WhiteKernel(0.04, "fixed"))
    model = GaussianProcessRegressor(theirs, alpha=0.0).fit(X, Y[:, 0])
    ours = fit(X, Y[:, :1], SquaredExponential(0.3), 0.2)
    assert ours.evidence == pytest.approx(model.log_marginal_likelihood_value_)


def test_evidence_finds_the_length_of_a_function_drawn_with_it():
    x = np.linspace(0.0, 1.0, 60)[:, None]
    for true in (0.05, 0.2, 1.0):
        covariance = np.exp(-squared_distances(x, x) / (2.0 * true**2)) + 1e-6 * np.eye(60)
        y = np.linalg.cholesky(covariance) @ np.random.default_rng(1).normal(size=(60, 5))
        kernels = [SquaredExponential(length) for length in (0.05, 0.2, 1.0)]
        assert most_likely(x, y, kernels, 0.001).kernel == SquaredExponential(true)


def test_a_linear_set_is_found_back_at_its_targets():
    f, matrix = RNG.random((30, 2)) + 0.1, RNG.normal(size=(2, 4)) * 0.1
    found = fit(f, f @ matrix, Linear(), 1e-4).predict(np.array([[0.5, 0.5], [2.0, -1.0]]))
    assert np.allclose(found, np.array([[0.5, 0.5], [2.0, -1.0]]) @ matrix, atol=1e-5)


def test_new_points_lie_on_the_set_and_beyond_its_ends():
    a = np.linspace(0.0, 1.0, 50)
    f, middle = np.stack([a, 1.0 - a], axis=1), np.full(3, 0.5)
    x = middle + f @ np.array([[0.1, 0.05, -0.1], [0.0, 0.05, 0.1]])
    new = IGP(noise=1e-4).respond(history(batch(x, f)), box(3), 50, np.random.default_rng(0))
    plane = np.linalg.svd(x - middle)[2][:2]
    inside = ((new > 0.0) & (new < 1.0)).all(axis=1)
    off = (new - middle) - (new - middle) @ plane.T @ plane
    assert inside.sum() > 40
    assert np.abs(off[inside]).max() < 1e-4
    assert np.ptp(new[:, 0]) > 1.5 * np.ptp(x[:, 0])


def test_units_do_not_matter():
    x, f = RNG.random((20, 3)), RNG.random((20, 2))
    answers = history(batch(x, f)), history(batch(x, f * [1e6, 1e-6]))
    spread = [IGP().respond(past, box(3), 20, np.random.default_rng(0)) for past in answers]
    assert np.allclose(*spread, atol=1e-6)


def test_random_points_fill_up():
    past = history(batch(RNG.random((5, 3)), RNG.random((5, 2)) + [[0.0, 9.0]] * 5))
    assert IGP().respond(past, box(3), 40, np.random.default_rng(0)).shape == (40, 3)


def test_bad_settings_are_refused():
    with pytest.raises(ArgumentError):
        IGP(noise=-1.0)
    with pytest.raises(ArgumentError):
        IGP(kernel="linear")
    with pytest.raises(ArgumentError):
        SquaredExponential(0.0)
