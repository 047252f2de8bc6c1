"""Readers of files from elsewhere: whatever the bytes are, an answer or one clear error of ours."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import surrogates
from dmo import Evolve, fixed
from dmo.errors import DataError, RecordError
from dmo.optimisers import NSGA2
from dmo.record import load
from experiments import frames
from experiments.cell import Cell, run_cell
from experiments.collect import collect
from experiments.grid import points
from experiments.study import run_study
from problems.deployment.table import Table
from problems.synthetic import DF1

DATA = Path(__file__).parents[1] / "problems" / "deployment" / "data"
EXPERIMENTS = Path(__file__).parents[1] / "experiments"
damages = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.integers(0, 255)),
    st.tuples(st.just("alter"), st.floats(0, 1), st.integers(0, 255)),
    st.tuples(st.just("insert"), st.floats(0, 1), st.integers(0, 255)),
)
quickly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def damaged(blob: bytes, damage: tuple[str, float, int]) -> bytes:
    kind, where, byte = damage
    at = min(int(where * len(blob)), len(blob) - 1)
    if kind == "cut":
        return blob[:at]
    return blob[:at] + bytes([byte]) + blob[at + (kind == "alter") :]


def refusal(read: Callable[[Path], object], file: Path) -> str | None:
    """The message of our error, or None where the file was read after all; any other error is raised."""
    try:
        read(file)
    except (DataError, RecordError) as error:
        return str(error)
    return None


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    (made,) = run_cell(Cell(DF1(), fixed(20, 2), Evolve(NSGA2(10))), tmp_path_factory.mktemp("runs"))
    return made.folder


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of one cell: its points, and the folder of its record."""
    small = [
        "problem=df1",
        "searcher=dnsga2_a",
        "schedule=cec2018",
        "schedule.n_env=2",
        "pop_size=8",
        "seeds=1",
    ]
    found, runs = (
        points("cec2018", [*small, "schedule.opening=2", "front_points=20"]),
        tmp_path_factory.mktemp("s"),
    )
    assert run_study(found, str(runs), 1) == 0
    return found, runs


@quickly
@given(name=st.sampled_from(["run.json", "answers.npz", "metrics.csv"]), damage=damages, signed=st.booleans())
def test_a_damaged_record_is_refused_or_whole(record, tmp_path, name, damage, signed):
    folder = tmp_path / record.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(record, folder)
    blob = damaged((folder / name).read_bytes(), damage)
    (folder / name).write_bytes(blob)
    if signed and name != "run.json":  # one who means harm makes the checksum fit
        info = json.loads((folder / "run.json").read_text())
        info["sha256"][name] = hashlib.sha256(blob).hexdigest()
        (folder / "run.json").write_text(json.dumps(info))
    assert "\n" not in (refusal(load, folder) or "")


def test_a_record_reads_no_file_outside_its_folder(record, tmp_path):
    folder = tmp_path / record.name
    shutil.copytree(record, folder)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    info = json.loads((folder / "run.json").read_text())
    info["sha256"]["../secret"] = hashlib.sha256(b"wrong").hexdigest()
    (folder / "run.json").write_text(json.dumps(info))
    load(folder)  # a name that no record has is not looked at


@quickly
@given(damage=damages)
def test_a_damaged_table_is_refused_or_whole(tmp_path, damage):
    file = tmp_path / "table.npz"
    file.write_bytes(damaged((DATA / "resnet_host.npz").read_bytes(), damage))
    said = refusal(Table.load, file)
    assert said is None or "python -m experiments.profile" in said


@quickly
@given(damage=damages)
def test_a_damaged_surrogate_is_refused_or_whole(tmp_path, damage):
    file = tmp_path / "surrogate.npz"
    file.write_bytes(damaged((DATA / "resnet_host_surrogate.npz").read_bytes(), damage))
    said = refusal(surrogates.load, file)
    assert said is None or "cannot be read" in said or "schema" in said


@quickly
@given(name=st.sampled_from(["expected/smoke/box_plots", "published/cec2018"]), damage=damages)
def test_a_damaged_csv_is_refused_or_whole(tmp_path, name, damage):
    good = EXPERIMENTS / f"{name}.csv"
    columns = list(pd.read_csv(good, comment="#").columns)
    numbers = ["migd"] if "migd" in columns else ["mean"]
    file = tmp_path / "some.csv"
    file.write_bytes(damaged(good.read_bytes(), damage))
    said = refusal(lambda f: frames.read(f, columns, "make it again", numbers=numbers), file)
    assert said is None or said.endswith("make it again")
    assert "\n" not in (said or "")


@quickly
@given(name=st.sampled_from(["run.json", "answers.npz", "metrics.csv"]), damage=damages)
def test_collect_refuses_a_damaged_record_or_reads_it_whole(study, tmp_path, name, damage):
    found, runs = study
    copy = tmp_path / "runs"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(runs, copy)
    (file,) = copy.glob(f"*/{name}")
    file.write_bytes(damaged(file.read_bytes(), damage))
    assert "\n" not in (refusal(lambda folder: collect(found, folder, "answer"), copy) or "")


def test_no_reader_unpickles(tmp_path):
    """An object array would run code as it is read; every reader refuses it."""

    class Harm:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "harmed",))

    buffer = io.BytesIO()
    np.savez(buffer, head=np.array([Harm()], dtype=object), allow_pickle=True)
    file = tmp_path / "harm.npz"
    file.write_bytes(buffer.getvalue())
    for read in (Table.load, surrogates.load):
        with pytest.raises(DataError):
            read(file)
    assert not (tmp_path / "harmed").exists()
