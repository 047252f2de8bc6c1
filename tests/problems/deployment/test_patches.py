"""Patch-wise graphs: the same function, whatever the layers; less memory where maps are large."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument

from dmo.errors import ArgumentError
from problems.deployment.graph.export import export
from problems.deployment.graph.quantise import quantise
from problems.deployment.memory.patches import tile
from problems.deployment.networks.resnet import ResNet


class Drawing:
    """A graph under construction: every layer is drawn at random."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.nodes, self.weights = rng, [], []
        self.top, self.channels = "x", 1

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, *shape: int) -> str:
        values = self.rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), f"w{len(self.weights)}"))
        return self.weights[-1].name

    def conv(self, source: str, out: int, kernel: int, stride: int, dilation: int, pads: list[int]) -> str:
        weight, bias = self.weight(out, self.channels, kernel, kernel), self.weight(out)
        window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "dilations": [dilation] * 2}
        return self.add("Conv", source, weight, bias, **window, pads=pads)

    def model(self, height: int, width: int) -> onnx.ModelProto:
        pooled = self.add("ReduceMean", self.top, axes=[2, 3], keepdims=0)
        squared = self.add("Mul", pooled, pooled)
        graph = helper.make_graph(
            self.nodes,
            "drawn",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, height, width])],
            [helper.make_tensor_value_info(squared, TensorProto.FLOAT, ["n", "k"])],
            self.weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@st.composite
def networks(draw: st.DrawFn) -> onnx.ModelProto:
    """Chains of convolutions, pools, activations, shortcuts and branches with odd windows and sizes."""
    graph = Drawing(np.random.default_rng(draw(st.integers(0, 2**32 - 1))))
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["conv", "residual", "projection", "pool", "branch"]))
        top, out = graph.top, draw(st.integers(1, 4))
        if kind == "conv":
            kernel, dilation = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (3, 2), (5, 1)]))
            pads = draw(st.lists(st.integers(0, (kernel - 1) * dilation), min_size=4, max_size=4))
            made = graph.conv(top, out, kernel, draw(st.integers(1, 2)), dilation, pads)
            graph.top, graph.channels = graph.add("Relu", made), out
        elif kind == "residual":
            made = graph.conv(top, graph.channels, 3, 1, 1, [1] * 4)
            graph.top = graph.add("Relu", graph.add("Add", made, top))
        elif kind == "projection":
            main, side = graph.conv(top, out, 3, 2, 1, [1] * 4), graph.conv(top, out, 1, 2, 1, [0] * 4)
            graph.top, graph.channels = graph.add("Add", graph.add("Relu", main), side), out
        elif kind == "pool":
            window = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [draw(st.integers(1, 2))] * 2}
            graph.top = graph.add(draw(st.sampled_from(["MaxPool", "AveragePool"])), top, **window)
        else:
            # The pool makes one row less than the convolution of an odd patch.
            main, side = graph.conv(top, out, 3, 2, 1, [1] * 4), graph.conv(top, out, 2, 2, 1, [0] * 4)
            graph.top, graph.channels = graph.add("Concat", main, side, axis=1), 2 * out
    return graph.model(draw(st.integers(8, 34)), draw(st.integers(8, 34)))


def run(model: onnx.ModelProto, x: np.ndarray, level: str = "DISABLE_ALL") -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, f"ORT_{level}")
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


@settings(max_examples=100)
@given(networks(), st.integers(2, 4), st.sampled_from([1.0, 1.5, np.inf]), st.booleans())
def test_a_tiled_graph_is_the_same_function(model, tiles, recompute, optimised) -> None:
    height, width = (d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim[2:])
    x = np.random.default_rng(0).normal(size=(2, 1, height, width)).astype(np.float32)
    try:
        expected = run(model, x)
    except (Fail, InvalidArgument):
        assume(False)  # the image shrank to nothing, or branches differ in size
    before = model.SerializeToString()
    try:
        tiled = tile(model, tiles, recompute)
    except ArgumentError:
        assume(False)  # too small for so many patches
    assert model.SerializeToString() == before
    assert len({node.name for node in tiled.graph.node}) == len(tiled.graph.node)
    count = Counter(n.op_type for n in tiled.graph.node)
    assert count["Conv"] + count["MaxPool"] + count["AveragePool"] >= tiles**2
    actual = run(tiled, x, "ENABLE_ALL" if optimised else "DISABLE_ALL")
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


def plain(side: int, depth: int = 3, channels: int = 8) -> onnx.ModelProto:
    """Convolutions of the image's size, then one that halves it twice over."""
    graph = Drawing(np.random.default_rng(0))
    for _ in range(depth):
        graph.top = graph.add("Relu", graph.conv(graph.top, channels, 3, 1, 1, [1] * 4))
        graph.channels = channels
    graph.top = graph.conv(graph.top, channels, 4, 4, 1, [0] * 4)
    graph.top = graph.conv(graph.top, channels, 3, 1, 1, [1] * 4)
    return graph.model(side, side)


def most_alive(model: onnx.ModelProto) -> int:
    """Elements alive at once, from shape inference and last uses alone: nothing works in place."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    weights = {w.name for w in inferred.initializer}
    size = {
        v.name: int(np.prod([d.dim_value or 1 for d in v.type.tensor_type.shape.dim]))
        for v in (*inferred.value_info, *inferred.input, *inferred.output)
        if v.name not in weights
    }
    last = {name: i for i, n in enumerate(inferred.node) for name in n.input if name in size}
    alive, most = {"x"}, 0
    for i, node in enumerate(inferred.node):
        alive.add(node.output[0])
        most = max(most, sum(size[name] for name in alive))
        alive -= {name for name in node.input if last.get(name) == i}
    return most


def test_patches_save_memory_where_maps_are_large() -> None:
    model = plain(96)
    assert most_alive(tile(model, 2)) < 0.45 * most_alive(model)
    assert most_alive(tile(model, 3)) < 0.3 * most_alive(model)


def test_the_halo_stays_within_the_work_allowed() -> None:
    def macs(model: onnx.ModelProto) -> int:
        graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
        weight = {w.name: int(np.prod(w.dims)) for w in graph.initializer}
        area = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim][2:] for v in graph.value_info}
        convs = [n for n in graph.node if n.op_type == "Conv"]
        return sum(weight[n.input[1]] * int(np.prod(area[n.output[0]])) for n in convs)

    model = plain(32, depth=5)
    for allowed in (1.1, 1.3, 1.6, 2.5):
        assert macs(tile(model, 3, allowed)) <= allowed * macs(model)


def test_one_patch_is_the_graph_itself() -> None:
    model = plain(16)
    assert tile(model, 1) is model


def test_errors_name_the_remedy() -> None:
    with pytest.raises(ArgumentError, match=r"tiles: expected a whole number >= 1, got 0"):
        tile(plain(16), 0)
    with pytest.raises(ArgumentError, match="use fewer patches"):
        tile(plain(8), 9)
    dense = helper.make_model(
        helper.make_graph(
            [helper.make_node("Flatten", ["x"], ["y"])],
            "dense",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 8, 8])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 64])],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
    )
    with pytest.raises(ArgumentError, match="none in this graph"):
        tile(dense, 2)


def test_nodes_without_names_are_told_apart(tmp_path) -> None:
    """A quantised shortcut has two readers; exporters and optimisers may leave nodes unnamed."""
    torch.manual_seed(0)
    file = tmp_path / "x.onnx"
    export(ResNet((8,), (2,)).eval(), 16, file, fold=True)
    quantise(file, np.random.default_rng(0).normal(size=(4, 1, 16, 16)).astype(np.float32), file)
    model = onnx.load(str(file))
    for node in model.graph.node:
        node.ClearField("name")
    tiled = tile(model, 2)
    made = [name for node in tiled.graph.node for name in node.output]
    assert len(set(made)) == len(made)
    assert len({node.name for node in tiled.graph.node}) == len(tiled.graph.node)
