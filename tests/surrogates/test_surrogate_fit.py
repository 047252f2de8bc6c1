"""experiments.fit on a made-up table of a small network's strategies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dmo.errors import ArgumentError, DataError
from experiments import fitting as program
from experiments.fitting import Rows, fit_and_write, split
from problems.deployment.cost import CostTable
from problems.deployment.elastic.shape import Elastic
from problems.deployment.networks.resnet import ResNet
from problems.deployment.problem import TARGETS
from problems.deployment.sampling import sample
from problems.deployment.space import StrategySpace
from problems.deployment.table import COLUMNS, Table
from surrogates import MLPEnsemble, Ridge, load

ROOT = Path(__file__).resolve().parents[2]
ELASTIC = Elastic(((8, 16, 24, 32), (16, 32, 48, 64)), ((1, 2), (1, 2)), (16, 24, 32))


@pytest.fixture(scope="module")
def space() -> StrategySpace:
    return StrategySpace(ELASTIC, 2, CostTable.of(ResNet, ELASTIC))


@pytest.fixture(scope="module")
def table(space: StrategySpace) -> Table:
    """Latency from multiply-adds, threads and graph, with 5 % noise; error from the model alone."""
    rng = np.random.default_rng(0)
    x = sample(space, 240, seed=3)
    f = dict(zip(space.feature_names, space.features(x).T, strict=True))
    # Feature 0 of precision is int8, which pays at the highest level only; 1 of threads is two of them.
    fast = np.where(f["precision"] == 0.0, 3.0, 1.0)
    speed = np.where(f["level=all"] > 0, 5.0 * fast, 3.0 / fast) * (1.0 + 0.6 * f["threads"])
    latency = 0.1 + np.exp(f["log_macs_with_halo"]) / 1e6 / speed
    latency *= np.exp(rng.normal(0.0, 0.05, len(x)))
    load_peak = 5.0 + np.exp(f["log_weight_bytes"]) / 1e5 * (1.0 + f["preoptimised"])
    model = space.features(x)[:, list(program._model_features(space))]
    noise = {row: rng.normal(0.0, 0.02) for row in sorted(set(map(bytes, model)))}
    error = 0.3 * np.exp(-0.08 * f["log_macs"] + np.array([noise[bytes(row)] for row in model]))
    columns = {name: np.zeros(len(x)) for name in COLUMNS}
    columns |= {
        "latency_ms": latency,
        "latency_spread": np.full(len(x), 0.04),
        "load_peak_mib": load_peak,
        "run_peak_mib": 1.0 + np.exp(f["log_activation_bytes"]) / 1e5,
        "accuracy": 1.0 - error,
    }
    meta = {
        "network": "resnet",
        "threads": 2,
        "knobs": [[knob.name, list(knob.levels)] for knob in space.knobs],
    }
    return Table(x.astype(np.int64), columns, ("sample",) * 230 + ("chosen",) * (len(x) - 230), meta)


def test_rows_are_those_of_the_source(table: Table, space: StrategySpace) -> None:
    rows, everything = Rows.of(table, space), Rows.of(table, space, "all")
    assert (len(rows), len(everything), len(Rows.of(table, space, "chosen"))) == (230, 240, 10)
    assert np.array_equal(everything.y[:, 0], table["latency_ms"])
    assert np.array_equal(everything.y[:, 3], 1.0 - table["accuracy"])
    assert everything.x.shape == (240, len(space.feature_names))
    with pytest.raises(ArgumentError, match="rows: expected sample, chosen or all, got 'simple'"):
        Rows.of(table, space, "simple")


def test_a_table_without_such_rows_is_refused(table: Table, space: StrategySpace) -> None:
    only = Table(table.x, table.columns, ("sample",) * len(table), table.meta)
    with pytest.raises(DataError, match=r"no rows of source chosen; .*experiments\.profile"):
        Rows.of(only, space, "chosen")


def test_rows_of_a_variant_share_their_error_and_their_side(table: Table, space: StrategySpace) -> None:
    rows = Rows.of(table, space)
    for variant in np.unique(rows.variant):
        assert len(set(rows.y[rows.variant == variant, 3])) == 1
    for share in (0.1, 0.2, 0.5):
        held = split(rows.variant, share, np.random.default_rng(3))
        assert not set(rows.variant[held]) & set(rows.variant[~held])
        assert len(set(rows.variant[held])) == round(share * len(set(rows.variant)))
    assert len(rows[held]) == held.sum()


@pytest.mark.parametrize("share", [0.0, 1.0, 0.001])
def test_both_sides_of_a_split_need_rows(share: float) -> None:
    with pytest.raises(ArgumentError, match="test_share"):
        split(np.arange(10), share, np.random.default_rng(0))


def test_features_of_the_model(space: StrategySpace) -> None:
    names = {space.feature_names[i] for i in program._model_features(space)}
    assert {"width_1", "depth_2", "resolution", "precision", "log_macs", "log_weight_bytes"} <= names
    assert not names & {"threads", "level=all", "fusion=none", "arena", "patches", "log_macs_with_halo"}


def test_graph_and_memory_knobs_do_not_move_the_predicted_error(table: Table, space: StrategySpace) -> None:
    fitted = program.fit(Ridge(), Rows.of(table, space), np.random.default_rng(0))
    rng = np.random.default_rng(1)
    box = space.space(3)
    x, turned = box.sample(50, rng), box.sample(50, rng)
    model = [k for k, knob in enumerate(space.knobs) if knob.layer == "model"]
    turned[:, model] = x[:, model]
    a, b = (fitted.predict(space.features(rows))[0] for rows in (x, turned))
    assert np.array_equal(a[:, 3], b[:, 3])
    assert (a[:, :3] != b[:, :3]).any(axis=0).all()


def test_fitted_scored_and_written(table: Table, space: StrategySpace, tmp_path: Path) -> None:
    text = fit_and_write(table, space, MLPEnsemble(), tmp_path / "some.npz")
    for target in TARGETS:
        assert f"\n{target} " in text
    stored = load(tmp_path / "some.npz", features=space.feature_names)
    assert stored.targets == TARGETS
    assert stored.meta["table_sha256"] == table.digest("sample")
    assert stored.meta["rows"]["fitted"] == 230
    figures = {
        name: {f["target"]: f for f in found}
        for name, found in stored.meta["scores_on_held_out_variants"].items()
    }
    ensemble, linear = figures["MLPEnsemble"], figures["Ridge"]
    assert ensemble["latency_ms"]["within_10"] > 0.5
    assert ensemble["latency_ms"]["rmspe"] < 0.7 * linear["latency_ms"]["rmspe"]
    assert ensemble["load_peak_mib"]["within_5"] > 0.9
    assert ensemble["error"]["spearman"] > 0.8
    # Refitted to all rows, the held-out ones included.
    mean, _ = stored.predict(space.features(table.x.astype(float)))
    assert np.median(np.abs(mean[:, 0] / table["latency_ms"] - 1.0)) < 0.06

    fit_and_write(table, space, MLPEnsemble(), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "some.npz").read_bytes()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "experiments.fit", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_a_missing_table_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    done = command(f"table={tmp_path / 'none.npz'}", f"out={tmp_path / 'out.npz'}")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no profile table at ")
    assert "python -m experiments.profile network=resnet device=host" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_torch_is_not_imported_for_the_help() -> None:
    code = "import sys, experiments.fit; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
