"""The ensemble's own properties, beyond the laws every surrogate obeys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deployment_like import Rows

from dmo.errors import ArgumentError
from surrogates import FittedMLP, MLPEnsemble, Predictor, Ridge, save
from surrogates.dense import dense
from surrogates.scores import rmspe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def fitted(measured: Rows) -> FittedMLP:
    return MLPEnsemble(epochs=400).fit(measured.x, measured.y, np.random.default_rng(0))


def test_better_than_linear_and_than_its_noisy_labels(
    fitted: FittedMLP, measured: Rows, unseen: Rows
) -> None:
    linear, _ = Ridge().fit(measured.x, measured.y, np.random.default_rng(0)).predict(unseen.x)
    mean, _ = fitted.predict(unseen.x)
    latency, said, by_ridge = unseen.truth[:, 0], mean[:, 0], linear[:, 0]
    assert rmspe(latency, said) < 0.5 * rmspe(latency, by_ridge)
    assert rmspe(latency, said) < 0.09  # each measurement it learnt from was off by 10 %


def test_prediction_equals_torch(fitted: FittedMLP, unseen: Rows) -> None:
    import torch

    z = torch.from_numpy(fitted.scaling.features(unseen.x))
    members = []
    for m in range(len(fitted.linear)):
        h = z
        for i, (w, b) in enumerate(zip(fitted.weights, fitted.biases, strict=True)):
            h = torch.relu(h) if i else h
            h = h @ torch.from_numpy(w[m].astype(float)) + torch.from_numpy(b[m].astype(float))
        members.append((h + z @ torch.from_numpy(fitted.linear[m].astype(float))).numpy())
    mean, std = fitted.scaling.unscaled(np.mean(members, 0), np.var(members, 0, ddof=1) + fitted.noise)
    np.testing.assert_allclose(fitted.predict(unseen.x)[0], mean, rtol=1e-4)
    np.testing.assert_allclose(fitted.predict(unseen.x)[1], std, rtol=1e-3)


def test_a_point_asked_again_has_the_very_same_value(fitted: FittedMLP, unseen: Rows) -> None:
    """Bits, not tolerances: a searcher compares them to detect a change."""
    whole = fitted.predict(unseen.x)
    for rows in (slice(3, 4), slice(0, 100), slice(59, 190)):
        for a, b in zip(whole, fitted.predict(unseen.x[rows]), strict=True):
            assert np.array_equal(a[rows], b)


def test_deviation_grows_away_from_the_data(fitted: FittedMLP, measured: Rows) -> None:
    _, near = fitted.predict(measured.x)
    mean, far = fitted.predict(measured.x.mean(axis=0) + 4.0 * (measured.x - measured.x.mean(axis=0)))
    relative = fitted.predict(measured.x)[0]
    assert (np.median(far / mean, axis=0) > 1.5 * np.median(near / relative, axis=0)).all()


def test_another_seed_gives_another_ensemble(measured: Rows) -> None:
    settings = MLPEnsemble(epochs=20)
    a, b = (settings.fit(measured.x, measured.y, np.random.default_rng(s)) for s in (0, 1))
    assert not np.array_equal(a.weights[0], b.weights[0])
    assert not np.array_equal(a.weights[0][0], a.weights[0][1])  # nor are members alike


def test_fit_leaves_torch_as_it_was(measured: Rows) -> None:
    import torch

    threads, state = torch.get_num_threads(), torch.get_rng_state()
    MLPEnsemble(epochs=5).fit(measured.x, measured.y, np.random.default_rng(0))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_torch_is_not_needed_to_predict(fitted: FittedMLP, tmp_path: Path) -> None:
    names = tuple(f"f{i}" for i in range(fitted.scaling.n_features))
    save(Predictor(fitted, names, ("a", "b", "c")), tmp_path / "some.npz")
    code = (
        "import sys, numpy as np; from pathlib import Path; from surrogates import load\n"
        f"load(Path(sys.argv[1])).predict(np.zeros((3, {len(names)})))\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "some.npz")], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"members": 1}, "members: expected a whole number >= 2, got 1"),
        ({"members": True}, "members"),
        ({"hidden": ()}, "at least one layer"),
        ({"hidden": (8, 0)}, "hidden: expected a whole number >= 1, got 0"),
        ({"epochs": 0}, "epochs"),
        ({"patience": 1.5}, "patience"),
        ({"lr": 0.0}, "lr: "),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"lr": float("nan")}, "lr: "),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        MLPEnsemble(**settings)


def test_flags_must_match_the_targets(measured: Rows) -> None:
    with pytest.raises(
        ArgumentError, match="one flag for each of the 3 targets, or one for all, got 2 flags"
    ):
        MLPEnsemble(log=(True, False)).fit(measured.x, measured.y, np.random.default_rng(0))


@pytest.mark.parametrize("inputs", [1, 3, 4, 6, 9])
@pytest.mark.parametrize("shared", [True, False])
def test_a_layer_sums_input_by_input_in_single_precision(inputs, shared):
    rng = np.random.default_rng(inputs)
    x = rng.normal(size=(1 if shared else 2, inputs, 11)).astype(np.float32)
    weight, bias = (rng.normal(size=shape).astype(np.float32) for shape in ((2, inputs, 5), (2, 5)))
    wanted = np.repeat(bias[:, :, None], 11, axis=2)
    for i in range(inputs):
        wanted = wanted + weight[:, i, :, None] * x[:, None, i]
    assert np.array_equal(dense(x, weight, bias, False), wanted)
    assert np.array_equal(dense(x, weight, bias, True), np.maximum(wanted, 0.0))
