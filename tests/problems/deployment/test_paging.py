"""Weight paging: segments compute what the network does and hold its weights in turn."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from dmo.errors import ArgumentError
from problems.deployment import engines
from problems.deployment.device import Device
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.measure import measure
from problems.deployment.memory.paging import split
from problems.deployment.networks.resnet import ResNet
from problems.deployment.plan import Plan, build
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing

SHAPE = Shape((16, 32, 64), (1, 2, 1), 16)


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(24, 1, 16, 16)).astype(np.float32)


@pytest.fixture(scope="module")
def plan(inputs, tmp_path_factory):
    torch.manual_seed(0)
    network = ResNet(SHAPE.width, SHAPE.depth)
    with torch.no_grad():
        network(torch.from_numpy(inputs))
    network.eval()
    folder = tmp_path_factory.mktemp("plans")
    return lambda **choices: build(Strategy(SHAPE, **choices), network, inputs, folder)


@pytest.mark.parametrize("segments", [2, 3, 4])
@pytest.mark.parametrize(
    "choice", [{}, {"precision": "int8"}, {"preoptimised": True}, {"patches": 2}], ids=str
)
def test_segments_compute_the_network(plan, inputs, choice, segments) -> None:
    whole = engines.load(plan(**choice))(inputs)
    paged = plan(**choice, segments=segments)
    assert len(paged.parts) == segments
    assert Plan.from_json(paged.to_json()) == paged
    np.testing.assert_allclose(engines.load(paged)(inputs), whole, rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(find_spec("openvino") is None, reason="dmo-lab[engines]: no openvino")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_openvino_runs_them_too(plan, inputs, precision) -> None:
    whole, paged = (plan(engine="openvino", precision=precision, segments=s) for s in (1, 2))
    np.testing.assert_allclose(engines.load(paged)(inputs), engines.load(whole)(inputs), rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_every_weight_is_in_one_segment_and_the_largest_is_small(plan, precision) -> None:
    model = onnx.load(plan(precision=precision).model)
    big = {w.name: w.ByteSize() for w in model.graph.initializer if w.ByteSize() > 500}
    parts = split(model, 3)
    held = [{w.name for w in part.graph.initializer} & big.keys() for part in parts]
    assert sum(map(len, held)) == len(big)
    assert set().union(*held) == big.keys()
    sizes = [sum(big[name] for name in names) for names in held]
    assert max(sizes) < 0.7 * sum(big.values())
    if precision == "int8":  # kernels stay integer: cuts lie behind quantisers
        assert [p.graph.output[0].type.tensor_type.elem_type for p in parts] == [2, 2, 1]


def test_a_fresh_process_holds_less_at_a_time_and_runs_longer(plan) -> None:
    quick = Timing(runs=3, seconds=0.0, most=9.0, warmup=0)
    one, four = (measure(plan(segments=s), Device(), quick) for s in (1, 4))
    assert four["latency_ms"] > 2 * one["latency_ms"]
    assert four["rest_mib"] < one["rest_mib"]


def test_as_many_as_the_graph_can_be_cut_into(plan) -> None:
    model = onnx.load(plan().model)
    before = model.SerializeToString()
    with pytest.raises(ArgumentError, match="as this graph can be cut"):
        split(model, 40)
    assert model.SerializeToString() == before
    assert len(split(model, 1)) == 1


def test_segments_are_a_knob_where_asked_for() -> None:
    elastic = Elastic(((4,),), ((1,),), (8,))
    plain, paged = StrategySpace(elastic), StrategySpace(elastic, segments=4)
    assert paged.count() == 4 * plain.count()
    assert [k.name for k in paged.knobs[:-1]] == [k.name for k in plain.knobs]
    strategy = paged.decode(np.zeros(paged.dim))
    assert strategy.segments == 4
    assert str(strategy).endswith("4 segments")
    assert Strategy.from_dict(strategy.to_dict()) == strategy


def test_the_measured_files_are_those_of_the_parts(plan) -> None:
    names = [Path(part).name for part in plan(segments=2).parts]
    assert [name.rpartition("-")[2] for name in names] == ["1of2.onnx", "2of2.onnx"]
