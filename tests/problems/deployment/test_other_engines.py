"""OpenVINO and ExecuTorch: outputs are torch's, and what they honour is what changes the execution."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from dmo.errors import ArgumentError, DataError
from problems.deployment import engines
from problems.deployment.device import Device
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.graph.export import export
from problems.deployment.graph.source import OnnxSource
from problems.deployment.knobs import honoured
from problems.deployment.measure import measure
from problems.deployment.memory.buffers import Buffers
from problems.deployment.plan import build
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing

SHAPE = Shape((8, 12, 16), (1, 1, 1), 16)
ELASTIC = Elastic(((8,), (12,), (16,)), ((1,), (1,), (1,)), (16,))
QUICK = Timing(runs=3, seconds=0.0, most=30.0, warmup=0)

needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="dmo-lab[engines]: no openvino")
needs_executorch = pytest.mark.skipif(
    find_spec("executorch") is None, reason="dmo-lab[engines]: no executorch"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries


@pytest.fixture(scope="module")
def plan(module, images, folder):
    return lambda engine, **choices: build(
        Strategy(SHAPE, engine=engine, **choices), module, images[:64], folder
    )


def equal(plan, images: np.ndarray, expected: np.ndarray, precision: str) -> None:
    """fp32: to 1e-4; int8: to a seventh of the logits' spread, and nine decisions in ten."""
    y = engines.load(plan)(images[:100])
    expected = expected[:100]
    if precision == "fp32":
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
    else:
        assert np.sqrt(np.mean((y - expected) ** 2)) < 0.15 * expected.std()
        assert np.mean(y.argmax(axis=1) == expected.argmax(axis=1)) >= 0.9


@needs_openvino
@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("choice", [{}, {"preoptimised": True}, {"patches": 2}, {"threads": 2}], ids=str)
def test_openvinos_output_is_torchs(plan, images, expected, precision, choice) -> None:
    equal(plan("openvino", precision=precision, **choice), images, expected, precision)


@needs_openvino
def test_openvinos_knobs_change_what_it_executes(plan) -> None:
    plain = plan("openvino")
    compiled = {name: engines.load(plan("openvino", **{name: v})).raw.get_compiled_model()
                for name, v in {"threads": 2, "patches": 2}.items()}  # fmt: skip
    base = engines.load(plain).raw.get_compiled_model()
    threads = [m.get_property("INFERENCE_NUM_THREADS") for m in (base, compiled["threads"])]
    assert threads == [1, 2]
    nodes = [len(m.get_runtime_model().get_ops()) for m in (base, compiled["patches"])]
    assert nodes[1] > nodes[0] + 4
    assert Path(plan("openvino", preoptimised=True).model).suffix == ".blob"
    # What it ignores leaves the very same plan's file.
    for name, value in {"level": "basic", "fusion": "both", "arena": False, "prepacking": False}.items():
        assert plan("openvino", **{name: value}).model == plain.model


@needs_openvino
def test_a_measured_process_imports_the_engine_it_measures_only(plan) -> None:
    text = (
        "import sys; from problems.deployment import engines, worker\n"
        "from problems.deployment.plan import Plan\n"
        "plan = Plan.from_json(sys.argv[1]); worker._start(plan); engines.load(plan)\n"
        "print(sorted({'torch', 'onnx', 'onnxruntime', 'openvino', 'executorch'} & set(sys.modules)))"
    )
    made = {name: plan(name) for name in ("openvino", "onnxruntime")}
    for name, ready in made.items():
        run = subprocess.run([sys.executable, "-c", text, ready.to_json()], capture_output=True, text=True)
        assert run.stdout.strip() == str([name]), run.stderr


@needs_openvino
def test_openvino_reports_peaks_as_onnx_runtime_does(plan) -> None:
    found = measure(plan("openvino"), Device(), QUICK)
    assert 0 < found["rest_mib"] <= found["load_peak_mib"] < 100
    assert 0 < found["run_peak_mib"] < 100


@needs_executorch
@pytest.mark.parametrize(
    "choice",
    [{}, {"precision": "int8"}, {"delegate": False}, {"delegate": False, "planner": "ours"}, {"threads": 2}],
    ids=str,
)
def test_executorchs_output_is_torchs(plan, images, expected, choice) -> None:
    equal(plan("executorch", **choice), images[:40], expected[:40], choice.get("precision", "fp32"))


@needs_executorch
def test_our_planner_lays_out_executorchs_arena(module) -> None:
    """Against ExecuTorch's own greedy and naive, on the tensors of its own graph, and a validity check."""
    import executorch.exir.memory_planning as theirs
    from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
    from executorch.exir.passes import MemoryPlanningPass

    from problems.deployment.graph.executorch import ours
    from problems.deployment.memory.planner import greedy

    sizes = {}

    def watched(alignment, specs, graph, signature, extra_padding=0):
        result = ours(alignment, specs, graph, signature, extra_padding)
        # Theirs takes equal sizes in the order of a set, backwards; ours in the order given.
        ordered = sorted(specs, key=lambda s: s.allocated_memory)[::-1]
        rows = [(s.allocated_memory, *s.lifetime) for s in ordered]
        buffers = Buffers(*np.array(rows).T)
        offsets = np.array([result.spec_dict[s].mem_offset for s in ordered])
        assert not buffers.clashes(offsets).any()
        sizes["ours"] = result.bufsizes[1]
        sizes["greedy"] = theirs.greedy(alignment, specs, graph, signature, extra_padding).bufsizes[1]
        sizes["naive"] = theirs.naive(alignment, specs, graph, signature, extra_padding).bufsizes[1]
        sizes["greedy, as we have it"] = greedy(buffers).size
        sizes["bound"] = buffers.lower_bound
        return result

    image = (torch.zeros(1, 1, SHAPE.resolution, SHAPE.resolution),)
    suite = theirs.MemoryPlanningAlgorithmSuite(algo_list=[watched])
    settings = ExecutorchBackendConfig(memory_planning_pass=MemoryPlanningPass(memory_planning_algo=suite))
    to_edge_transform_and_lower(torch.export.export(module, image)).to_executorch(settings)
    assert sizes["bound"] <= sizes["ours"] <= sizes["greedy"] < sizes["naive"]
    assert sizes["greedy, as we have it"] == sizes["greedy"]


@needs_executorch
def test_what_executorch_cannot_do_is_refused(images, folder) -> None:
    for choice, source, text in (
        ({"precision": "int8", "delegate": False}, torch.nn.Identity(), "compute in fp32"),
        ({}, OnnxSource(folder / "x.onnx"), "reads ONNX files"),
    ):
        if isinstance(source, OnnxSource):
            export(torch.nn.Conv2d(1, 1, 1), SHAPE.resolution, source.file, fold=False)
        with pytest.raises(ArgumentError, match=text):
            build(Strategy(SHAPE, engine="executorch", **choice), source, images[:4], folder)


@pytest.mark.parametrize("engine", ["openvino", "executorch"])
def test_a_missing_engine_is_one_line(engine, module, images, folder, monkeypatch) -> None:
    ready = build(Strategy(SHAPE), module, images[:4], folder)
    for name in list(sys.modules):
        if name.partition(".")[0] == engine:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(ArgumentError, match=r"pip install 'dmo-lab\[engines\]'"):
        engines.load(replace(ready, engine=engine))


@needs_openvino
def test_a_damaged_file_names_the_remedy(plan, tmp_path) -> None:
    for name in ("bad.onnx", "bad.blob", "missing.onnx"):
        if not name.startswith("missing"):
            (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(DataError, match="build the plan again"):
            engines.load(replace(plan("openvino"), model=str(tmp_path / name)))


def test_the_space_of_three_engines_offers_each_what_it_honours() -> None:
    space = StrategySpace(ELASTIC, threads=2, engines=("openvino", "executorch", "onnxruntime"))
    default = StrategySpace(ELASTIC, threads=2)
    # OpenVINO: precision, threads, preoptimised, patches; ExecuTorch: precision x threads with XNNPACK,
    # and three planners x threads of the portable kernels, which have no integers.
    assert space.count() == default.count() + 2 * 2 * 2 * 3 + (2 * 2 + 3 * 2)
    rows = space.canonical(space.space(2).sample(400, np.random.default_rng(0)))
    for row in np.unique(rows, axis=0):
        strategy = space.decode(row)
        ignored = {"level", "fusion", "preoptimised", "arena", "pattern", "prepacking", "delegate", "planner"}
        plain = Strategy(strategy.shape, strategy.precision, engine=strategy.engine)
        for name in ignored - engines.honours(strategy.engine):
            assert getattr(strategy, name) == getattr(plain, name)


def test_the_documented_table_is_that_of_the_space() -> None:
    names = ("openvino", "executorch", "onnxruntime")
    space = StrategySpace(
        Elastic((), (), (32,)), threads=2, engines=names, segments=4, ranks=(50, 75, 100), branches=2
    )
    knobs = [knob for knob in space.knobs if knob.name != "engine"]
    page = (Path(__file__).parents[3] / "docs" / "engines.md").read_text()
    assert honoured(knobs, names) in page
