"""Records: identical for identical runs, whole or absent, and checked when read."""

import json
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from dmo import Evolve, Schedule, measure, run
from dmo.errors import ArgumentError, RecordError
from dmo.identity import describe, run_key
from dmo.record import Store
from dmo.responses import Immigrants
from problems.synthetic import DF1, DF2

SCHEDULE = Schedule(evals=200, n_env=3)
CONFIG = {"problem": describe(DF1()), "schedule": describe(SCHEDULE), "searcher": describe(Evolve())}


def write(folder, seed=0, evals=True):
    result = run(DF1(), SCHEDULE, Evolve(), seed, evals=evals)
    return Store(Path(folder)).save(CONFIG, seed, result, measure(DF1(), result.answers, result.times))


def test_what_is_read_is_what_was_found(tmp_path):
    result = run(DF1(), SCHEDULE, Evolve(), 3, evals=True)
    metrics = measure(DF1(), result.answers, result.times)
    record = Store(tmp_path).save(CONFIG, 3, result, metrics)
    assert record.key == run_key(CONFIG, 3)
    assert record.info["evaluations"] == SCHEDULE.total
    for a, b in zip((*record.answers, record.told), (*result.answers, result.told), strict=True):
        assert all(np.array_equal(getattr(a, n), getattr(b, n)) for n in "xfg")
    for name, values in metrics.values.items():
        assert np.array_equal(record.metrics.values[name], values)
    assert record.metrics.front_points == metrics.front_points


def test_the_same_seed_twice_in_one_process_gives_identical_files(tmp_path):
    a, b = write(tmp_path / "a"), write(tmp_path / "b")
    for name in ("answers.npz", "metrics.csv", "evals.npz"):
        assert (a.folder / name).read_bytes() == (b.folder / name).read_bytes()
    other = write(tmp_path / "a", seed=1)
    assert other.key != a.key
    assert (other.folder / "answers.npz").read_bytes() != (a.folder / "answers.npz").read_bytes()


def test_keys_tell_every_part_apart():
    parts = [
        (DF1(), SCHEDULE, Evolve(), 0),
        (DF2(), SCHEDULE, Evolve(), 0),
        (DF1(dim=5), SCHEDULE, Evolve(), 0),
        (DF1(), replace(SCHEDULE, announced=False), Evolve(), 0),
        (DF1(), SCHEDULE, Evolve(response=Immigrants()), 0),
        (DF1(), SCHEDULE, Evolve(response=Immigrants(0.2)), 0),
        (DF1(), SCHEDULE, Evolve(), 1),
    ]
    keys = {
        run_key({"problem": describe(p), "schedule": describe(s), "searcher": describe(e)}, seed)
        for p, s, e, seed in parts
    }
    assert len(keys) == len(parts)


def test_describe_is_canonical_and_refuses_what_it_cannot_tell_apart():
    @dataclass(frozen=True)
    class Part:
        a: np.ndarray
        b: tuple = (1, 2.5, None, "x")

    assert describe(Part(np.arange(3)))["a"] == [0, 1, 2]
    long = np.arange(1000.0)
    assert describe(Part(long)) == describe(Part(long.copy()))
    assert describe(Part(long)) != describe(Part(long + 1))
    json.dumps(describe(Part(long)))
    assert describe(10.0) == describe(10)
    with pytest.raises(ArgumentError, match="frozen dataclass"):
        describe(object())
    with pytest.raises(ArgumentError, match="finite"):
        describe(float("nan"))


def test_an_altered_incomplete_or_foreign_record_is_refused_with_the_remedy(tmp_path):
    store = Store(tmp_path)
    record = write(tmp_path)
    cases = {
        "answers.npz": lambda b: b[:-5],
        "metrics.csv": lambda b: b.replace(b"0,0.0", b"0,0.1", 1),
        "run.json": lambda b: b[: len(b) // 2],
    }
    for name, damage in cases.items():
        file = record.folder / name
        whole = file.read_bytes()
        assert damage(whole) != whole
        file.write_bytes(damage(whole))
        with pytest.raises(RecordError, match=r"delete the folder .* and run again"):
            store.load(record.key)
        file.unlink()
        with pytest.raises(RecordError, match="delete the folder"):
            store.load(record.key)
        file.write_bytes(whole)
    edited = json.loads((record.folder / "run.json").read_text())
    edited["seed"] = 99
    whole = (record.folder / "run.json").read_bytes()
    (record.folder / "run.json").write_text(json.dumps(edited))
    with pytest.raises(RecordError, match="another run than its name says"):
        store.load(record.key)
    (record.folder / "run.json").write_bytes(whole)
    text = (record.folder / "run.json").read_text()
    (record.folder / "run.json").write_text(text.replace('"schema": 1', '"schema": 99'))
    with pytest.raises(RecordError, match="schema 99"):
        store.load(record.key)


def test_nothing_unfinished_is_left_or_found(tmp_path, monkeypatch):
    def full_disk(*args):
        raise OSError("disk full")

    monkeypatch.setattr("dmo.record._write", full_disk)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_finish_the_same_run_share_one_record(tmp_path):
    with get_context("spawn").Pool(4) as pool:
        records = pool.map(_write_seed, [(tmp_path, i % 2) for i in range(8)])
    assert len(set(records)) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({key[:16] for key in records})


def _write_seed(job):
    folder, seed = job
    return write(folder, seed).key
