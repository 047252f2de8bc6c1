"""Transfer components: the eigenproblem of the paper, and the search for where old points lie now."""

import numpy as np
import pytest
from histories import batch, box, history
from scipy.linalg import eig, eigh

from dmo.errors import ArgumentError
from dmo.responses import TrDMOEA
from dmo.responses.transfer_components import fit, kernel

RNG = np.random.default_rng(23)
SOURCE, TARGET = RNG.random((12, 2)), 0.5 + RNG.random((9, 2)) ** 2


def matrices(trade_off, gamma):
    """K L K + mu I and K H K as written."""
    x = np.concatenate([SOURCE, TARGET])
    n, s, t = len(x), len(SOURCE), len(TARGET)
    k = np.array([[np.exp(-gamma * ((a - b) ** 2).sum()) for b in x] for a in x])
    gap = np.zeros((n, n))
    gap[:s, :s], gap[s:, s:], gap[:s, s:], gap[s:, :s] = 1 / s**2, 1 / t**2, -1 / (s * t), -1 / (s * t)
    centring = np.eye(n) - np.ones((n, n)) / n
    return k, k @ gap @ k + trade_off * np.eye(n), k @ centring @ k


@pytest.mark.parametrize(("trade_off", "gamma"), [(0.5, 1.0), (0.01, 5.0), (10.0, 0.3)])
def test_the_components_solve_the_generalised_eigenproblem(trade_off, gamma):
    _, cost, spread = matrices(trade_off, gamma)
    found = fit(SOURCE, TARGET, 4, trade_off, gamma).weights
    values, vectors = eigh(spread, cost)
    assert found.shape == (21, 4)
    for mine, value, theirs in zip(found.T, values[::-1], vectors[:, ::-1].T, strict=False):
        assert np.allclose(spread @ mine, value * (cost @ mine), atol=1e-8)
        assert abs(mine @ theirs) / np.linalg.norm(theirs) == pytest.approx(1.0, abs=1e-6)


def test_the_components_are_those_of_the_matrix_in_the_paper():
    _, cost, spread = matrices(0.5, 1.0)
    values, vectors = eig(np.linalg.inv(cost) @ spread)
    order = np.argsort(-values.real)[:3]
    found = fit(SOURCE, TARGET, 3, 0.5, 1.0).weights
    assert np.allclose(np.abs((found * vectors[:, order].real).sum(axis=0)), 1.0)


def test_the_transformation_is_the_kernel_times_the_weights():
    k, _, _ = matrices(0.5, 1.0)
    latent = fit(SOURCE, TARGET, 5, 0.5, 1.0)
    assert np.allclose(latent.transform(SOURCE), k[:12] @ latent.weights)


def test_samples_are_nearer_in_the_latent_space_than_a_plain_principal_component_puts_them():
    def gap(weights):
        z = kernel(np.concatenate([SOURCE, TARGET]), np.concatenate([SOURCE, TARGET]), 1.0) @ weights
        return np.linalg.norm(z[:12].mean(axis=0) - z[12:].mean(axis=0)) / z.std()

    _, _, spread = matrices(0.5, 1.0)
    assert gap(fit(SOURCE, TARGET, 1, 1e-3, 1.0).weights) < 0.1 * gap(eigh(spread)[1][:, -1:])


@pytest.mark.parametrize(
    "samples", [(SOURCE, SOURCE), (SOURCE[:1], TARGET[:1]), (SOURCE * 0.0, TARGET * 0.0)]
)
def test_samples_without_difference_or_spread_are_no_trouble(samples):
    assert np.isfinite(fit(*samples, 20, 0.5, 1.0).transform(SOURCE)).all()


def evaluate(x, shift):
    """Objectives whose optimal set is the diagonal segment x = a + shift, a in [0, 0.5]."""
    a = x[:, :1] - shift
    g = ((x - x[:, :1]) ** 2).sum(axis=1) * 10.0
    return batch(x, np.c_[a[:, 0] + g, 0.5 - a[:, 0] + g])


def test_the_old_front_is_found_where_it_is_now():
    a = np.linspace(0.0, 0.5, 30)[:, None]
    past = history(evaluate(np.repeat(a + 0.1, 3, axis=1), 0.1))
    response = TrDMOEA(random=0.5, old=1.0)
    probes = evaluate(response.probe(past, box(3), np.random.default_rng(0)), 0.3)
    past = history(evaluate(np.repeat(a + 0.1, 3, axis=1), 0.1), probes=probes)
    new = evaluate(response.respond(past, box(3), 75, np.random.default_rng(0))[:30], 0.3)
    best = past.answers[-1].f
    nearest = np.sqrt(((new.f[:, None] - best) ** 2).sum(axis=2).min(axis=1))
    before = np.sqrt(((probes.f[:, None] - best) ** 2).sum(axis=2).min(axis=1))
    assert np.median(nearest) < 0.5 * np.median(before)


def test_nothing_but_what_is_asked_is_probed():
    past = history(batch(RNG.random((40, 3))))
    for random, old, count in ((0.5, 0.25, 30), (0.0, 0.0, 1), (1.0, 0.0, 40), (0.0, 1.0, 40)):
        assert len(TrDMOEA(random, old).probe(past, box(3), RNG)) == count


def test_bad_settings_are_refused():
    for bad in ({"random": 1.5}, {"old": -0.1}, {"dimensions": 0}, {"trade_off": 0.0}, {"rounds": -1}):
        with pytest.raises(ArgumentError):
            TrDMOEA(**bad)
