"""Files that cannot be used end in one line with the remedy."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dmo.errors import ArgumentError, DataError
from surrogates import FittedRidge, Predictor, Ridge, load, save


@pytest.fixture
def fitted() -> FittedRidge:
    rng = np.random.default_rng(0)
    return Ridge().fit(rng.normal(size=(20, 3)), rng.uniform(1.0, 2.0, (20, 2)), rng)


@pytest.fixture
def file(fitted: FittedRidge, tmp_path: Path) -> Path:
    save(Predictor(fitted, ("a", "b", "c"), ("ms", "mib")), tmp_path / "some.npz")
    return tmp_path / "some.npz"


def rewritten(file: Path, change: Any) -> None:
    """Write the file again with `change` applied to its head and its arrays."""
    with np.load(file) as stored:
        head, arrays = json.loads(str(stored["head"])), {n: stored[n] for n in stored.files if n != "head"}
    change(head, arrays)
    np.savez(file, head=np.array(json.dumps(head)), **arrays)


DAMAGE = {
    "other schema": lambda head, arrays: head.update(schema=99),
    "no schema": lambda head, arrays: head.pop("schema"),
    "unknown kind": lambda head, arrays: head.update(kind="surrogates.ridge.Missing"),
    "unknown module": lambda head, arrays: head.update(kind="no_such_module.Kind"),
    "no kind": lambda head, arrays: head.update(kind="json.dumps"),
    "array missing": lambda head, arrays: arrays.pop("array_noise"),
    "array of another shape": lambda head, arrays: arrays.update(array_weights=np.zeros((2, 2))),
    "feature missing": lambda head, arrays: head.update(features=["a", "b"]),
    "target missing": lambda head, arrays: head.update(targets=["ms"]),
    "head of another type": lambda head, arrays: head.update(features=3),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_another_content_is_refused(file: Path, damage: Any) -> None:
    rewritten(file, damage)
    with pytest.raises(DataError) as caught:
        load(file)
    text = str(caught.value)
    assert str(file) in text
    assert text.endswith("python -m experiments.fit network=... device=...")
    assert "\n" not in text


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused(file: Path, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    with pytest.raises(DataError, match=r"experiments\.fit"):
        load(file)


def test_a_flipped_bit_is_refused(file: Path) -> None:
    data = bytearray(file.read_bytes())
    with np.load(file) as stored:
        place = bytes(data).index(stored["array_weights"].tobytes())
    data[place] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"experiments\.fit"):
        load(file)


def test_a_missing_file_tells_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no fitted surrogate at .*; run this"):
        load(tmp_path / "none.npz", "run this")


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "bad.npz", head=np.array([{"schema": 1}], dtype=object))
    with pytest.raises(DataError):
        load(tmp_path / "bad.npz")


def test_a_failed_save_leaves_the_old_file(fitted: FittedRidge, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(ArgumentError, match="meta"):
        save(Predictor(fitted, ("a", "b", "c"), ("ms", "mib"), {"bad": {1, 2}}), file)
    with pytest.raises(ArgumentError, match="targets: expected 2 names, got 1"):
        save(Predictor(fitted, ("a", "b", "c"), ("ms",)), file)
    with pytest.raises(ArgumentError, match="features"):
        save(Predictor(fitted, ("a", "b"), ("ms", "mib")), file)
    assert file.read_bytes() == before
    assert [f.name for f in file.parent.iterdir()] == [file.name]


def test_the_same_content_is_the_same_file(fitted: FittedRidge, file: Path) -> None:
    before = file.read_bytes()
    save(load(file), file)
    assert file.read_bytes() == before


def test_the_digest_is_of_what_decides_a_prediction(fitted: FittedRidge, file: Path) -> None:
    stored = load(file)
    names = stored.features, stored.targets
    assert stored.sha256 == Predictor(fitted, *names, {"note": "another"}).sha256
    moved = replace(fitted, noise=np.nextafter(fitted.noise, 9.0))
    others = [Predictor(moved, *names), Predictor(fitted, ("a", "c", "b"), names[1])]
    assert len({stored.sha256, *(p.sha256 for p in others)}) == 3


def test_columns_by_name(file: Path) -> None:
    predictor = load(file)
    assert predictor.column("mib") == 1
    with pytest.raises(ArgumentError, match="one of ms, mib, got 'joules'"):
        predictor.column("joules")
