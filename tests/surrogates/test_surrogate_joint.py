"""Joint: parts keep to their features and fill their targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from deployment_like import Rows

from dmo.errors import ArgumentError, DataError
from surrogates import Joint, MLPEnsemble, Part, Predictor, Ridge, load, save

NAMES = tuple(f"f{i}" for i in range(17))


@pytest.fixture(scope="module")
def joint(measured: Rows) -> Joint:
    rng = np.random.default_rng(0)
    linear = Ridge().fit(measured.x[:, [3, 0]], measured.y[:, [1]], rng)
    network = MLPEnsemble(epochs=5).fit(measured.x, measured.y[:, [2, 0]], rng)
    return Joint(17, (Part(linear, (3, 0), (1,)), Part(network, tuple(range(17)), (2, 0))))


def test_each_part_fills_its_targets_from_its_features(joint: Joint, unseen: Rows) -> None:
    mean, std = joint.predict(unseen.x)
    linear = joint.parts[0].fitted.predict(unseen.x[:, [3, 0]])
    network = joint.parts[1].fitted.predict(unseen.x)
    for both, one, two in zip((mean, std), linear, network, strict=True):
        assert np.array_equal(both, np.column_stack([two[:, 1], one[:, 0], two[:, 0]]))


def test_features_a_part_does_not_see_do_not_move_its_targets(joint: Joint, unseen: Rows) -> None:
    x = unseen.x.copy()
    x[:, [i for i in range(17) if i not in (0, 3)]] += 1.0
    before, after = joint.predict(unseen.x)[0], joint.predict(x)[0]
    assert np.array_equal(before[:, 1], after[:, 1])
    assert (before[:, 0] != after[:, 0]).any()


def test_stored_and_loaded_bit_for_bit(joint: Joint, unseen: Rows, tmp_path: Path) -> None:
    save(Predictor(joint, NAMES, ("a", "b", "c")), tmp_path / "some.npz")
    back = load(tmp_path / "some.npz", features=NAMES)
    for a, b in zip(joint.predict(unseen.x), back.predict(unseen.x), strict=True):
        assert np.array_equal(a, b)
    assert back.sha256 == Predictor(joint, NAMES, ("a", "b", "c")).sha256


def test_parts_that_see_more_features_than_there_are_are_refused(joint: Joint, tmp_path: Path) -> None:
    save(Predictor(joint, NAMES, ("a", "b", "c")), tmp_path / "some.npz")
    with np.load(tmp_path / "some.npz") as stored:
        arrays = dict(stored)
    arrays["array_0.features"] = np.array([3, 17])
    np.savez(tmp_path / "some.npz", **arrays)
    with pytest.raises(DataError, match=r"experiments\.fit"):
        load(tmp_path / "some.npz")


def test_every_target_has_one_part(joint: Joint) -> None:
    first, second = joint.parts
    for parts in ((), (first,), (first, second, second)):
        with pytest.raises(ArgumentError, match=r"each target .* in one part"):
            Joint(17, parts)


def test_another_number_of_features_is_refused(joint: Joint, unseen: Rows) -> None:
    with pytest.raises(ArgumentError, match=r"\(n, 17\) features.* shape \(400, 16\)"):
        joint.predict(unseen.x[:, 1:])
