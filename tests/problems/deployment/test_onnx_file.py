"""A network that somebody brings as an ONNX file: its space, its rules, profiling it."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from dmo.errors import ArgumentError, DataError
from problems.deployment import engines
from problems.deployment.device import Device
from problems.deployment.gate import Gate
from problems.deployment.graph.export import export
from problems.deployment.graph.optimise import optimise
from problems.deployment.onnx_file import OnnxFile, OnnxWorkshop
from problems.deployment.plan import build
from problems.deployment.profiler import Profiler
from problems.deployment.sampling import landmarks
from problems.deployment.strategy import FUSIONS, LEVELS, Strategy
from problems.deployment.table import Table
from problems.deployment.timing import Timing

SIDE = 20


class Separable(nn.Module):
    """A network that is not in the package: depthwise convolutions, clipped activations, a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 1, 1), nn.BatchNorm2d(12), nn.ReLU6())
        self.depth = nn.Sequential(nn.Conv2d(12, 12, 3, 2, 1, groups=12), nn.BatchNorm2d(12), nn.ReLU6())
        self.point = nn.Conv2d(12, 16, 1)
        self.gate = nn.Sequential(nn.Linear(16, 16), nn.Sigmoid())
        self.head = nn.Linear(16, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.point(self.depth(self.stem(x)))
        x = x * self.gate(x.mean((2, 3)))[:, :, None, None]
        return self.head(torch.relu(x).mean((2, 3)))


@pytest.fixture(scope="module")
def module() -> nn.Module:
    torch.manual_seed(0)
    network = Separable()
    with torch.no_grad():
        network(torch.randn(64, 3, SIDE, SIDE))  # statistics
    return network.eval()


@pytest.fixture(scope="module")
def file(module, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "separable.onnx"
    export(module, SIDE, path, fold=False)
    return path


@pytest.fixture(scope="module")
def network(file: Path) -> OnnxFile:
    return OnnxFile("separable", str(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def space(network: OnnxFile, folder: Path):
    return network.space(folder, threads=2)


def test_its_space_has_no_sizes(space, network) -> None:
    assert [knob.name for knob in space.knobs if knob.layer == "model"] == ["precision"]
    assert space.patches == 3
    row = space.encode(space.full)[None]
    assert np.array_equal(space.canonical(row), row)
    assert space.full.shape.resolution == SIDE
    with pytest.raises(ArgumentError, match="an elastic network"):
        type(space).of(network)


def test_outputs_of_every_kind_of_strategy_are_the_networks(network, folder, module, space) -> None:
    x = network.samples[:16]
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    choices = [{"level": level, "patches": p} for level, p in product(("disabled", "all"), (1, 2, 3))]
    choices += [{"preoptimised": True}, {"fusion": "nchwc", "arena": False}]
    for choice in choices:
        session = engines.load(build(Strategy(space.full.shape, **choice), network.source, x, folder))
        np.testing.assert_allclose(session(x), expected, rtol=1e-4, atol=1e-4)
    whole = engines.load(build(Strategy(space.full.shape, "int8"), network.source, network.samples, folder))
    assert np.sqrt(np.mean((whole(x) - expected) ** 2)) < 0.2 * expected.std()


def test_rows_are_one_where_the_executed_graphs_are_one(space, network, folder, tmp_path) -> None:
    """Against another implementation: the text of the optimised graph."""
    rows, graphs = [], []
    for precision, level, fusion in product(("fp32", "int8"), LEVELS, FUSIONS):
        strategy = Strategy(space.full.shape, precision, level, fusion)
        plan = build(strategy, network.source, network.samples, folder / "models")
        optimise(Path(plan.model), level, strategy.passes_off, tmp_path / "graph.onnx")
        nodes = onnx.load(str(tmp_path / "graph.onnx")).graph.node
        texts = [(n.op_type, n.domain, sorted(map(str, n.attribute))) for n in nodes]
        rows.append(tuple(space.canonical(space.encode(strategy)[None])[0]))
        graphs.append(str(sorted(map(str, texts))))
    for i, j in product(range(len(rows)), repeat=2):
        assert (rows[i] == rows[j]) == (graphs[i] == graphs[j]), (i, j)


def test_profiling_it_in_fresh_processes(space, network, folder) -> None:
    shop = OnnxWorkshop(network, folder)
    rows = landmarks(space)[:4]
    quick = Timing(runs=3, seconds=0.0, most=5.0, warmup=0)
    settings = {"rounds": 1, "repeats": 0, "timing": quick, "gate": Gate(share=1.0, window=0.0)}
    table = Profiler(folder, **settings).profile({"sample": rows}, space, shop, Device(), lambda *_: None)
    assert isinstance(table, Table)
    assert len(table) == len(rows)
    assert (table["latency_ms"] > 0).all()
    assert table.meta["data"] == "agreement with the fp32 file on 64 inputs of noise; no labels"
    fp32 = table.x[:, [k.name for k in space.knobs].index("precision")] == 1
    assert (table["accuracy"][fp32] == 1.0).all()
    assert (table["accuracy"][~fp32] > 0.5).all()
    assert table.meta["disagree"] == 0
    again = Profiler(folder, **settings).profile({"sample": rows}, space, shop, Device(), lambda *_: None)
    assert again.sha256 == table.sha256  # nothing was measured anew
    table.check(network.space(folder, **table.options))


def test_the_command_profiles_a_file(file: Path, tmp_path: Path) -> None:
    fast = ["samples=2", "rounds=1", "space.patches=1", "profiler.repeats=0", "profiler.gate.share=1.0"]
    fast += ["profiler.timing.runs=3", "profiler.timing.seconds=0.0", "threads=1"]
    run = subprocess.run(
        [sys.executable, "-m", "experiments.profile", "network=onnx", f"network.file={file}", *fast],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "agreement" in run.stdout
    assert len(Table.load(tmp_path / "runs/profile/onnx_host.npz")) == 2


def test_files_that_cannot_be_used_are_refused(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ArgumentError, match=r"network\.file=PATH"):
        OnnxFile().source  # noqa: B018
    (tmp_path / "text.onnx").write_text("no model")
    for name in ("text.onnx", "missing.onnx"):
        with pytest.raises(DataError, match="no ONNX model"):
            OnnxFile(file=str(tmp_path / name)).elastic  # noqa: B018
    model = onnx.load(str(file))
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "h"
    onnx.save(model, str(tmp_path / "open.onnx"))
    with pytest.raises(DataError, match="export it with fixed sizes"):
        OnnxFile(file=str(tmp_path / "open.onnx")).elastic  # noqa: B018
    np.save(tmp_path / "odd.npy", np.zeros((3, 3, SIDE, SIDE + 1)))
    with pytest.raises(DataError, match="the network takes"):
        OnnxFile(file=str(file), inputs=str(tmp_path / "odd.npy")).samples  # noqa: B018


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_without_images_has_no_patches(tmp_path: Path) -> None:
    file = tmp_path / "dense.onnx"
    dense = nn.Sequential(nn.Linear(30, 40), nn.ReLU(), nn.Linear(40, 5)).eval()
    x = torch.zeros(1, 30)
    torch.onnx.export(dense, (x,), str(file), dynamo=False, opset_version=17)
    network = OnnxFile(file=str(file))
    space = network.space(tmp_path, threads=1)
    assert space.patches == 1
    session = engines.load(build(space.full, network.source, network.samples, tmp_path))
    with torch.no_grad():
        expected = dense(torch.from_numpy(network.samples[:1])).numpy()
    np.testing.assert_allclose(session(network.samples[:1]), expected, atol=1e-5)
    rules = json.loads(next(tmp_path.glob("inert-*.json")).read_text())
    assert [r["when"]["level"] for r in rules if "preoptimised" in r["then"]] == [["disabled"]]
