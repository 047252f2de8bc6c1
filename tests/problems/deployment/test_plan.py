"""Plans: files made once, named after their content; JSON; nothing heavy imported by a worker."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from dmo.errors import ArgumentError, DataError
from problems.deployment.elastic.shape import Shape
from problems.deployment.engines import load
from problems.deployment.images import shipped_slice, to_input
from problems.deployment.networks.resnet import ResNet
from problems.deployment.plan import Plan, build
from problems.deployment.strategy import Strategy

SHAPE = Shape((8, 16, 32), (1, 1, 1), 16)


@pytest.fixture(scope="module")
def module() -> torch.nn.Module:
    torch.manual_seed(0)
    return ResNet(SHAPE.width, SHAPE.depth).eval()


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return to_input(shipped_slice().pixels[::10], SHAPE.resolution)


def test_a_plan_survives_json(module, images, tmp_path) -> None:
    plan = build(Strategy(SHAPE, level="all", fusion="both", arena=False), module, images, tmp_path)
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert again.passes_off == ("NchwcTransformer", "ConvActivationFusion")
    np.testing.assert_array_equal(load(again)(images), load(plan)(images))


def test_equal_parts_of_strategies_are_made_once(module, images, tmp_path) -> None:
    first = Strategy(SHAPE, precision="int8", patches=2)
    plan = build(first, module, images, tmp_path)
    made = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert len(made) == 2  # the whole int8 graph, and its patches
    assert not [file for file in made if file.name.startswith(".")]
    for other in (replace(first, threads=2), replace(first, level="basic", arena=False), first):
        assert build(other, module, images, tmp_path).model == plan.model
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == made
    build(replace(first, preoptimised=True), module, images, tmp_path)
    build(replace(first, patches=1), module, images, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_other_content_is_another_file(module, images, tmp_path) -> None:
    fp32, int8 = Strategy(SHAPE), Strategy(SHAPE, precision="int8")
    torch.manual_seed(1)
    other = ResNet(SHAPE.width, SHAPE.depth).eval()
    files = {
        build(fp32, module, images, tmp_path).model,
        build(fp32, other, images, tmp_path).model,
        build(int8, module, images, tmp_path).model,
        build(int8, module, images[:5], tmp_path).model,
    }
    assert len(files) == 4


def test_a_failure_leaves_nothing_behind(module, images, tmp_path) -> None:
    with pytest.raises(ArgumentError, match="use fewer patches"):
        build(Strategy(SHAPE, patches=17), module, images, tmp_path)
    (whole,) = tmp_path.iterdir()  # the graph without patches is sound
    assert not whole.name.startswith(".")


def test_a_preoptimised_plan_loads_as_it_stands(module, images, tmp_path) -> None:
    plan = build(Strategy(SHAPE, fusion="nchwc", preoptimised=True), module, images, tmp_path)
    assert (plan.level, plan.passes_off) == ("disabled", ())
    kinds = {node.op_type for node in onnx.load(plan.model).graph.node}
    assert "FusedConv" in kinds
    assert "BatchNormalization" not in kinds


def test_the_module_is_left_as_it_was(module, images, tmp_path) -> None:
    module.train()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    build(Strategy(SHAPE, precision="int8"), module, images, tmp_path)
    assert module.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    module.eval()


def test_errors_name_the_remedy(module, images, tmp_path) -> None:
    wrong = Shape(SHAPE.width, SHAPE.depth, 20)
    with pytest.raises(ArgumentError, match=r"\(20, 20\), got shape \(20, 1, 16, 16\); resize"):
        build(Strategy(wrong, precision="int8"), module, images, tmp_path)
    with pytest.raises(ArgumentError, match="k >= 1"):
        build(Strategy(SHAPE, precision="int8"), module, images[:0], tmp_path)
    with pytest.raises(DataError, match="build it again"):
        Plan.from_json('{"model": "x"}')
    plan = build(Strategy(SHAPE), module, images, tmp_path)
    with pytest.raises(ArgumentError, match="use `onnxruntime`"):
        load(replace(plan, engine="openvina"))
    with pytest.raises(DataError, match="build the plan again"):
        load(replace(plan, model=str(tmp_path / "gone.onnx")))


def test_a_worker_imports_neither_torch_nor_onnx(module, images, tmp_path) -> None:
    plan = build(Strategy(SHAPE), module, images, tmp_path)
    script = (
        "import sys, numpy as np\n"
        "from problems.deployment.plan import Plan\n"
        "from problems.deployment.engines import load\n"
        "load(Plan.from_json(sys.argv[1]))(np.zeros((1, 1, 16, 16), np.float32))\n"
        "heavy = {'torch', 'onnx', 'pymoo', 'scipy', 'matplotlib', 'hydra'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script, plan.to_json()], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
