"""A table comes back as it was written, finds its rows, and refuses what is not a table of this space."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo.errors import ArgumentError, DataError
from problems.deployment.elastic.shape import Elastic
from problems.deployment.space import StrategySpace
from problems.deployment.table import COLUMNS, Table
from problems.deployment.visits import FIGURES, Visits

SPACE = StrategySpace(Elastic(((4, 8),), ((1, 2),), (12, 16)), threads=2)


def table(n: int = 40, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    x = np.unique(rng.integers(SPACE.sizes, size=(n, SPACE.dim)), axis=0)
    rng.shuffle(x)
    meta = {
        "network": "tiny",
        "threads": 2,
        "device": {"name": "host"},
        "knobs": [[knob.name, list(knob.levels)] for knob in SPACE.knobs],
    }
    columns = {name: rng.random(len(x)) for name in COLUMNS}
    single = [
        [dict(zip(FIGURES, 0.1 + rng.random(2), strict=True)) for _ in range(i % 4)] for i in range(len(x))
    ]
    return Table(x, columns, ("sample",) * len(x), meta, visits=Visits.of(single))


def test_what_is_saved_is_loaded(tmp_path):
    file = tmp_path / "new" / "t.npz"
    written = table()
    written.save(file)
    read = Table.load(file)
    np.testing.assert_array_equal(read.x, written.x)
    for name in COLUMNS:
        np.testing.assert_array_equal(read[name], written[name])
    np.testing.assert_array_equal(read.visits.row, written.visits.row)
    for name, values in written.visits.figures().items():
        np.testing.assert_array_equal(read.visits.figures()[name], values)
    assert (read.source, read.meta, read.sha256) == (written.source, written.meta, written.sha256)
    assert len(read) == len(written)
    assert read.threads == 2
    assert [f.name for f in file.parent.iterdir()] == ["t.npz"]


@given(st.integers(0, 2**32 - 1))
def test_find_agrees_with_a_loop(seed):
    rng = np.random.default_rng(seed)
    t = table(int(rng.integers(1, 60)), seed)
    rows = np.concatenate([t.x, rng.integers(-1, SPACE.sizes + 1, size=(50, SPACE.dim))]).astype(float)
    rng.shuffle(rows)
    rows[::9, 0] += 0.5
    kept = rows.copy()
    naive = [next((i for i, row in enumerate(t.x) if (row == wanted).all()), -1) for wanted in rows]
    assert t.find(rows).tolist() == naive
    np.testing.assert_array_equal(rows, kept)


def test_find_takes_any_number_of_rows_but_only_of_its_knobs():
    t = table()
    assert t.find(np.empty((0, SPACE.dim))).shape == (0,)
    with pytest.raises(ArgumentError, match=rf"shape \(k, {SPACE.dim}\)"):
        t.find(np.zeros((2, SPACE.dim - 1)))


def test_the_digest_is_of_what_was_measured():
    t = table()
    assert replace(t, meta={**t.meta, "command": "another"}).sha256 == t.sha256
    other = {**t.columns, "latency_ms": t["latency_ms"] + 1e-9}
    assert replace(t, columns=other).sha256 != t.sha256


def test_its_own_space_is_accepted_and_others_are_named():
    t = table()
    t.check(SPACE)
    with pytest.raises(DataError, match=r"resolution has levels \[12, 16\].*network=tiny device=host"):
        t.check(StrategySpace(Elastic(((4, 8),), ((1, 2),), (12, 20)), threads=2))
    with pytest.raises(DataError, match=r"knobs width_1, depth_1.*the space width_1, width_2"):
        t.check(StrategySpace(Elastic(((4, 8),) * 2, ((1, 2),) * 2, (12, 16)), threads=2))


def test_a_missing_file_names_the_remedy(tmp_path):
    with pytest.raises(DataError, match=r"none\.npz; do this"):
        Table.load(tmp_path / "none.npz", remedy="do this")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_one_line(tmp_path, share):
    file = tmp_path / "t.npz"
    table().save(file)
    blob = file.read_bytes()
    file.write_bytes(blob[: int(share * len(blob))])
    with pytest.raises(DataError, match="cannot be read") as caught:
        Table.load(file)
    assert "\n" not in str(caught.value)


def test_an_altered_file_is_refused_or_says_the_same(tmp_path):
    """A flipped byte is seen by the checksums, or lies where nothing is read from."""
    file = tmp_path / "t.npz"
    table().save(file)
    blob, digest = file.read_bytes(), table().sha256
    refused = 0
    for at in np.random.default_rng(0).integers(0, len(blob), 150):
        file.write_bytes(blob[:at] + bytes([blob[at] ^ 0x55]) + blob[at + 1 :])
        try:
            assert Table.load(file).sha256 == digest
        except DataError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("schema", [1, 2])
def test_a_table_of_an_older_schema_has_no_single_visits(tmp_path, schema):
    file = tmp_path / "t.npz"
    table().save(file)
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in stored.files if not name.startswith("visit_")}
    arrays["head"] = np.array(json.dumps({**json.loads(str(arrays["head"])), "schema": schema}))
    np.savez(file, **arrays)
    read = Table.load(file)
    assert len(read.visits) == 0
    assert read.sha256 == table().sha256
    read.save(file)
    assert len(Table.load(file).visits) == 0


def test_visits_go_to_their_rows_and_back():
    visits = table().visits
    again = Visits.of(visits.by_row(len(table())))
    np.testing.assert_array_equal(again.row, visits.row)
    np.testing.assert_array_equal(again.latency_ms, visits.latency_ms)
    np.testing.assert_array_equal(again.p95_ms, visits.p95_ms)
    assert np.bincount(visits.row, minlength=len(table()))[:4].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"row": np.array([1, 0])}, "not ascending"),
        ({"row": np.array([0, 10**6])}, "not ascending"),
        ({"row": np.array([0.0, 1.0])}, "rows of visits float64"),
        ({"p95_ms": np.ones(3)}, "one p95_ms each"),
        ({"latency_ms": np.array([1.0, np.nan])}, "latency_ms is no positive number"),
    ],
)
def test_visits_that_do_not_fit_are_named(change, told):
    two = Visits(np.array([0, 1]), np.ones(2), np.ones(2))
    with pytest.raises(ArgumentError, match=told):
        replace(table(), visits=replace(two, **change))


def test_another_schema_is_named(tmp_path):
    file = tmp_path / "t.npz"
    table().save(file)
    with np.load(file) as stored:
        arrays = dict(stored)
    arrays["head"] = np.array(json.dumps({**json.loads(str(arrays["head"])), "schema": 99}))
    np.savez(file, **arrays)
    with pytest.raises(DataError, match="schema 99"):
        Table.load(file)


def _without(t: Table) -> dict[str, np.ndarray]:
    return {k: a for k, a in t.columns.items() if k != "latency_ms"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: {"columns": _without(t)}, "no column latency_ms"),
        (lambda t: {"columns": {**t.columns, "accuracy": np.ones(3)}}, "accuracy does not have one value"),
        (lambda t: {"columns": {**t.columns, "visits": np.full(len(t), np.nan)}}, "visits not finite"),
        (lambda t: {"source": ("sample",)}, "source does not have"),
        (lambda t: {"x": t.x[:, :-1]}, "shape"),
        (lambda t: {"x": t.x.astype(float)}, "float64"),
        (lambda t: {"x": t.x + 9}, "out of their knobs' levels"),
        (lambda t: {"x": np.repeat(t.x[:1], len(t), axis=0)}, "a strategy twice"),
    ],
)
def test_contents_that_do_not_fit_are_named(change, told):
    t = table()
    with pytest.raises(ArgumentError, match=told):
        replace(t, **change(t))
