"""Families against scikit-learn and against what is known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from deployment_like import Rows
from scipy.optimize import approx_fprime

from dmo.errors import ArgumentError
from dmo.types import Array
from surrogates import (
    Boosting,
    Columns,
    Conformal,
    Forest,
    GaussianProcess,
    KNearest,
    Ranking,
    Ridge,
)
from surrogates.blocks import in_blocks
from surrogates.kernel import JITTER, TILT, Kernel, likeliest, unlikelihood
from surrogates.scaling import Scaling
from surrogates.scores import coverage, spearman
from surrogates.trees import Trees


def scaled(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    scaling = Scaling.of(rows.x, rows.y, np.ones(3, bool))
    return scaling.features(rows.x), scaling.targets(rows.y)


def test_trees_predict_as_scikit_learn(measured: Rows, unseen: Rows) -> None:
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

    z, t = scaled(measured)
    new = np.concatenate([scaled(unseen)[0], z])
    forest = RandomForestRegressor(7, random_state=0).fit(z, t)
    each = Trees.of(forest.estimators_)(new)
    np.testing.assert_allclose(each.mean(axis=0), forest.predict(new), rtol=1e-12)
    boosted = GradientBoostingRegressor(n_estimators=20, random_state=0).fit(z, t[:, 0])
    sums = Trees.of(boosted.estimators_[:, 0])(new)[:, :, 0].sum(axis=0)
    np.testing.assert_allclose(t[:, 0].mean() + 0.1 * sums, boosted.predict(new), rtol=1e-10, atol=1e-12)


def test_a_boosting_of_one_row_a_side() -> None:
    x = np.arange(8.0)[:, None]
    mean, _ = (
        Boosting(trees=50, rows=1.0, features=1.0, rate=0.3)
        .fit(x, np.exp(x), np.random.default_rng(0))
        .predict(x)
    )
    np.testing.assert_allclose(mean, np.exp(x), rtol=0.05)


def same_as(kernel: Kernel) -> Any:
    """Scikit-learn's kernel, without the noise."""
    from sklearn.gaussian_process import kernels as k

    one, two = (
        k.ConstantKernel(variance) * k.Matern(lengths, nu=1.5)
        for variance, lengths in zip(kernel.variances, kernel.lengths, strict=True)
    )
    linear = k.ConstantKernel(kernel.slope) * k.DotProduct(np.sqrt(kernel.offset))
    return one + two + linear


def test_gaussian_process_predicts_as_scikit_learn(measured: Rows, unseen: Rows) -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor

    x, y = measured.x[:60], measured.y[:60, :1]
    fitted = GaussianProcess().fit(x, y, np.random.default_rng(0))
    kernel = fitted.kernels[0]
    z, t = fitted.scaling.features(x), fitted.scaling.targets(y)[:, 0]
    theirs = GaussianProcessRegressor(same_as(kernel), alpha=kernel.noises(z) + 1e-8, optimizer=None).fit(
        z, t
    )
    new = fitted.scaling.features(unseen.x)
    mean, std = theirs.predict(new, return_std=True)
    ours = fitted.predict(unseen.x)
    wanted = fitted.scaling.unscaled(mean[:, None], (std**2 + kernel.noises(new))[:, None])
    for a, b in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_the_evidence_and_its_gradient_are_scikit_learns(measured: Rows) -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process import kernels as k

    z, t = (part[:40] for part in scaled(measured))
    z, t = z[:, z.std(axis=0) > 0.0], t[:, 0]
    q = z.shape[1]
    kernels = [
        Kernel(two_lengths(q), np.array(variances), *rest, np.zeros(q))
        for variances, rest in (((1.5, 0.6), (0.2, 0.7, 0.1)), ((0.4, 0.9), (0.1, 2.0, 0.3)))
    ]
    rigid = 1e6  # a prior that says nothing
    found, theirs = [], []
    for kernel in kernels:
        found.append(unlikelihood(searched(kernel), z, t, rigid, z @ z.T))
        whole = same_as(kernel) + k.WhiteKernel(kernel.noise)
        process = GaussianProcessRegressor(whole, alpha=JITTER, optimizer=None).fit(z, t)
        theirs.append(process.log_marginal_likelihood(whole.theta, eval_gradient=True))
    np.testing.assert_allclose(found[1][0] - found[0][0], theirs[0][0] - theirs[1][0], rtol=1e-6)
    for (_, ours), (_, their) in zip(found, theirs, strict=True):
        # Theirs: variance and lengths of each part, slope, root of the offset, noise, and of the
        # likelihood's logarithm.
        lengths, variances = [*their[1 : q + 1], *their[q + 2 : 2 * q + 2]], [their[0], their[q + 1]]
        turned = [*lengths, *variances, their[-3], 0.5 * their[-2], their[-1]]
        np.testing.assert_allclose(ours[:-q], -np.array(turned), rtol=1e-5, atol=1e-6)


def two_lengths(q: int) -> Array:
    return np.stack([np.linspace(3.0, 9.0, q), np.linspace(20.0, 6.0, q)])


def searched(kernel: Kernel) -> Array:
    """Where the search for hyper-parameters has this kernel."""
    row, q = kernel.to_array(), kernel.lengths.shape[1]
    return np.concatenate([np.log(row[:-q]), row[-q:]])


def test_a_noise_for_each_row_and_its_gradient(measured: Rows) -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor

    z, t = (part[:40] for part in scaled(measured))
    z, t = z[:, z.std(axis=0) > 0.0], t[:, 0]
    q = z.shape[1]
    flat = Kernel(two_lengths(q), np.array([1.5, 0.6]), 0.2, 0.7, 0.1, np.zeros(q))
    tilted = replace(flat, tilt=np.linspace(-0.4, 0.6, q))
    (a, _), (b, gradient) = (unlikelihood(searched(k), z, t, 1.0, z @ z.T) for k in (flat, tilted))
    logs = [
        GaussianProcessRegressor(same_as(k), alpha=k.noises(z) + JITTER, optimizer=None)
        .fit(z, t)
        .log_marginal_likelihood()
        for k in (flat, tilted)
    ]
    prior = 0.5 * (tilted.tilt**2).sum() / TILT**2
    np.testing.assert_allclose(b - a, logs[0] - logs[1] + prior, rtol=1e-6)
    steps = approx_fprime(searched(tilted), lambda theta: unlikelihood(theta, z, t, 1.0, z @ z.T)[0], 1e-6)
    np.testing.assert_allclose(gradient, steps, rtol=1e-3, atol=1e-3)


def test_a_kernel_of_another_version_is_refused() -> None:
    kernel = Kernel(two_lengths(5), np.array([1.5, 0.6]), 0.2, 0.7, 0.1, np.zeros(5))
    again = Kernel.of(kernel.to_array(), 5)
    assert np.array_equal(again.to_array(), kernel.to_array())
    with pytest.raises(ValueError, match="9 numbers are no kernel over 5 features"):
        Kernel.of(np.ones(5 + 4), 5)  # one part, and one noise for all rows


def test_rows_that_are_measured_roughly_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.0, 1.0, (300, 3))
    x[:, 2] = rng.integers(0, 2, 300)  # with it, the noise is ten times as large
    truth = np.exp(np.sin(4.0 * x[:, :1]) + x[:, 1:2])
    y = truth * np.exp(rng.standard_normal((300, 1)) * np.where(x[:, 2:] > 0.0, 0.3, 0.03))
    fitted = GaussianProcess().fit(x[:200], y[:200], rng)
    mean, std = fitted.predict(x[200:])
    ratio = (std / mean)[:, 0]
    rough = x[200:, 2] > 0.0
    assert np.median(ratio[rough]) > 4.0 * np.median(ratio[~rough])
    within = np.abs(mean / truth[200:] - 1.0)[~rough]
    assert np.median(within) < 0.03


def test_a_feature_that_does_not_matter_gets_a_great_length() -> None:
    rng = np.random.default_rng(0)
    z = rng.standard_normal((150, 6))
    t = np.sin(2.0 * z[:, 0]) + 0.05 * rng.standard_normal(150)
    kernel = likeliest(z, t, prior=1.0, steps=100)
    lengths = kernel.lengths[kernel.variances.argmax()]  # of the part that explains it
    assert lengths[0] < 0.5 * lengths[1:].min()


def test_the_nearest_row_is_found_again(measured: Rows) -> None:
    fitted = KNearest(neighbours=1).fit(measured.x, measured.y, np.random.default_rng(0))
    unique = np.unique(measured.x, axis=0, return_index=True)[1]
    mean, _ = fitted.predict(measured.x[unique])
    np.testing.assert_allclose(mean, measured.y[unique])


def test_columns_see_no_other_feature(measured: Rows, unseen: Rows) -> None:
    names = [f"f{i}" for i in range(measured.x.shape[1])]
    flops = Columns(Ridge(), ("f14",))
    with pytest.raises(ArgumentError, match="bound"):
        flops.fit(measured.x, measured.y, np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="macs"):
        Columns(Ridge(), ("macs",)).bound(names)
    fitted = flops.bound(names).fit(measured.x, measured.y, np.random.default_rng(0))
    alone = Ridge().fit(measured.x[:, [14]], measured.y, np.random.default_rng(0))
    for a, b in zip(fitted.predict(unseen.x), alone.predict(unseen.x[:, [14]]), strict=True):
        assert np.array_equal(a, b)


def test_ranking_knows_the_order_alone(measured: Rows, unseen: Rows) -> None:
    """A monotone map of the targets changes neither pairs nor, but for their weights, the order learnt."""
    y = measured.y[:, :1]
    plain, bent = (
        Ranking(members=2, epochs=80, hidden=(16,), pairs=2, log=False).fit(
            measured.x, v, np.random.default_rng(0)
        )
        for v in (y, y**3)
    )
    assert np.array_equal(plain.score(unseen.x), bent.score(unseen.x))
    assert spearman(unseen.truth[:, 0], plain.score(unseen.x)[:, 0]) > 0.95
    # The map from score to value is monotone, beyond the knots too.
    ladder = np.linspace(-6.0, 6.0, 200)[:, None]
    assert (np.diff(plain.valued(ladder), axis=0) >= 0.0).all()


def test_conformal_intervals_cover_what_a_wrong_deviation_does_not() -> None:
    """Heavy tails, and a surrogate sure of itself: covered all the same; the mean is as it was."""

    class Sure:
        """A Ridge that reports a tenth of its deviation."""

        def fit(self, x, y, rng):  # type: ignore[no-untyped-def]
            fitted = Ridge(log=False).fit(x, y, rng)

            class Fitted:
                def predict(self, x):  # type: ignore[no-untyped-def]
                    mean, std = fitted.predict(x)
                    return mean, 0.1 * std

            return Fitted()

    rng = np.random.default_rng(1)
    x = rng.normal(size=(3000, 3))
    y = x @ np.ones((3, 2)) + rng.standard_t(3, size=(3000, 2))
    plain = Sure().fit(x[:400], y[:400], rng)
    mean, std = Conformal(Sure()).fit(x[:400], y[:400], rng).predict(x[400:])  # type: ignore[arg-type]
    assert np.array_equal(mean, plain.predict(x[400:])[0])
    for k in range(2):
        assert coverage(y[400:, k], *(a[:, k] for a in plain.predict(x[400:]))) < 0.3
        assert 0.86 <= coverage(y[400:, k], mean[:, k], std[:, k]) <= 0.94


def test_forest_and_blocks_take_odd_numbers_of_rows(measured: Rows) -> None:
    z = measured.x[:70]
    square = in_blocks(z, 1, lambda b: (b**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(square[:, 0], (z**2).sum(axis=1))
    fitted = Forest(trees=5).fit(measured.x, measured.y, np.random.default_rng(0))
    assert fitted.predict(z[:0])[0].shape == (0, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KNearest(neighbours=0), "neighbours"),
        (lambda: Forest(features=0.0), "features"),
        (lambda: Boosting(rate=1.5), "rate"),
        (lambda: GaussianProcess(rows=1), "rows"),
        (lambda: Ranking(members=1), "members"),
        (lambda: Conformal(Ridge(), level=1.0), "level"),
    ],
)
def test_settings_out_of_range_are_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ArgumentError, match=message):
        make()
