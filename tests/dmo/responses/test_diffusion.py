"""Diffusion: the exact score of a mixture, the flow that samples it, and what the past makes believe."""

import numpy as np
import pytest
from histories import batch, box, history
from scipy.stats import multivariate_normal

from dmo.errors import ArgumentError
from dmo.responses import Diffusion
from dmo.responses.diffusion import belief
from dmo.responses.gaussian_mixture import Mixture

RNG = np.random.default_rng(37)
MIXTURE = Mixture(3.0 * RNG.normal(size=(7, 3)), RNG.dirichlet(np.ones(7)))
AT = 3.0 * RNG.normal(size=(20, 3))


def log_density(mixture, x, level):
    """Of the mixture plus noise, as written."""
    parts = [
        w * multivariate_normal(c, (1.0 + level**2) * np.eye(len(c))).pdf(x)
        for c, w in zip(mixture.centres, mixture.weights, strict=True)
    ]
    return np.log(np.sum(parts, axis=0))


@pytest.mark.parametrize("level", [0.1, 1.0, 5.0])
def test_the_score_is_the_gradient_of_the_log_density(level):
    h = 1e-5 * np.eye(3)
    slopes = [(log_density(MIXTURE, AT + e, level) - log_density(MIXTURE, AT - e, level)) / 2e-5 for e in h]
    assert np.allclose(MIXTURE.score(AT, level), np.transpose(slopes), atol=1e-6)


def test_the_score_is_that_of_automatic_differentiation():
    torch = pytest.importorskip("torch")
    x = torch.tensor(AT, requires_grad=True)
    centres, weights = torch.tensor(MIXTURE.centres), torch.tensor(MIXTURE.weights)
    density = torch.logsumexp(torch.log(weights) - torch.cdist(x, centres) ** 2 / (2.0 * 1.25), dim=1)
    density.sum().backward()
    assert np.allclose(MIXTURE.score(AT, 0.5), x.grad.numpy())


def test_the_denoiser_is_the_mean_of_what_was_there_before_the_noise():
    rng = np.random.default_rng(0)
    place = rng.choice(7, size=400_000, p=MIXTURE.weights)
    clean = MIXTURE.centres[place] + rng.normal(size=(len(place), 3))
    noisy = clean + 0.8 * rng.normal(size=clean.shape)
    x = MIXTURE.centres[:1] + 0.5
    near = np.linalg.norm(noisy - x, axis=1) < 0.4
    assert np.allclose(clean[near].mean(axis=0), MIXTURE.denoised(x, 0.8)[0], atol=0.1)


def test_far_from_one_gaussian_the_flow_is_known():
    one, x = Mixture(np.zeros((1, 2)), np.ones(1)), np.array([[3.0, -4.0]])
    levels = 5.0 * np.linspace(1.0, 0.0, 2001) ** 2
    assert np.allclose(one.flow(x, levels), x / np.sqrt(1.0 + 5.0**2), rtol=2e-3)


def test_the_flow_samples_the_mixture():
    # The same moments as direct sampling, from starts that are noise alone.
    rng, n, level = np.random.default_rng(1), 20_000, 60.0
    levels = level * np.linspace(1.0, 0.0, 101) ** 2
    mean = MIXTURE.weights @ MIXTURE.centres
    found = MIXTURE.flow(mean + level * rng.normal(size=(n, 3)), levels)
    centred = MIXTURE.centres - mean
    covariance = np.eye(3) + centred.T @ (MIXTURE.weights[:, None] * centred)
    assert np.allclose(found.mean(axis=0), mean, atol=0.25)
    assert np.allclose(np.cov(found.T), covariance, rtol=0.1, atol=0.4)


def test_belief_follows_what_held_so_far():
    line = np.arange(8.0)[:, None] * [0.1, 0.0]
    weight, covariance = belief(line, 0.01)
    assert weight > 0.99
    assert np.allclose(covariance, 1e-4 * np.eye(2))
    there_and_back = np.array([[0.0, 0.0], [0.1, 0.1]] * 4)
    weight, covariance = belief(there_and_back, 0.01)
    assert weight < 0.25
    assert np.allclose(covariance, 0.01 + 1e-4 * np.eye(2))
    assert belief(np.zeros((5, 2)), 0.01)[0] == 0.5
    assert belief(line[:2], 0.01)[0] == 0.5


def set_at(offset, n=40):
    x = np.full((n, 3), offset)
    x[:, 0] = np.linspace(0.0, 1.0, n)
    return batch(x)


def test_a_moving_set_is_met_where_it_will_be():
    past = history(*[set_at(0.1 * k) for k in range(1, 7)])
    new = Diffusion(random=0.0).respond(past, box(3), 200, np.random.default_rng(0))
    assert np.allclose(new[:, 1:].mean(axis=0), 0.7, atol=0.02)
    assert new[:, 1:].std() < 0.05
    assert np.ptp(new[:, 0]) > 0.8


def test_uncertainty_scatters_along_the_errors():
    # The offsets of all variables err together, hence so does the sample.
    offsets = 0.5 + 0.2 * np.random.default_rng(0).uniform(-1.0, 1.0, 10)
    past = history(*[set_at(offset) for offset in offsets])
    new = Diffusion(random=0.0).respond(past, box(3), 400, np.random.default_rng(0))
    assert np.corrcoef(new[:, 1], new[:, 2])[0, 1] > 0.95
    assert new[:, 1].std() > 0.05


def test_a_share_is_random_and_after_the_first_change_the_rest_is_old():
    past = history(set_at(0.5))
    new = Diffusion(random=0.25).respond(past, box(3), 40, np.random.default_rng(0))
    known = {tuple(p) for p in past.populations[0].x}
    assert [tuple(p) in known for p in new] == [True] * 30 + [False] * 10


def test_bad_settings_are_refused():
    for bad in ({"steps": 0}, {"reach": 0.0}, {"floor": 0.0}, {"window": 0}, {"random": 2.0}):
        with pytest.raises(ArgumentError):
            Diffusion(**bad)
