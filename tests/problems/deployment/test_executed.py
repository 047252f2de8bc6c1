"""Counted graphs against the graphs themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from dmo.errors import DataError
from problems.deployment.elastic.shape import Build, Elastic
from problems.deployment.graph.executed import COLUMNS, Executed
from problems.deployment.graph.families import KINDS, exported
from problems.deployment.graph.operators import COLUMNS as NODE
from problems.deployment.graph.operators import operators
from problems.deployment.memory.patches import tile
from problems.deployment.networks.atrous import Atrous
from problems.deployment.networks.resnet import ResNet

ELASTIC = Elastic(((4, 8), (4, 8, 24)), ((1, 2), (1,)), (16, 24))
SPREAD = Atrous(ResNet, 12)  # filters are spread twice as far at 24 pixels as at 16


@pytest.fixture(scope="module")
def counted() -> Executed:
    return Executed.of(ResNet, ELASTIC)


def levels() -> np.ndarray:
    return np.indices((2, 3, 2, 1, 2)).reshape(5, -1).T


def on_paper(model: onnx.ModelProto) -> dict[str, float]:
    """The same figures from a tiled graph's own inferred shapes."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    weights = {w.name: tuple(w.dims) for w in graph.initializer}
    shape = {
        v.name: tuple(max(d.dim_value, 1) for d in v.type.tensor_type.shape.dim)
        for v in (*graph.value_info, *graph.input, *graph.output)
    }
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    macs = sum(
        float(np.prod(weights[n.input[1]]) * np.prod(shape[n.output[0]][2:]))
        for n in graph.node
        if n.op_type == "Conv"
    )
    kinds = [n.op_type for n in graph.node]
    return {
        "macs": macs,
        "convolutions": kinds.count("Conv"),
        "moves": kinds.count("Slice") + kinds.count("Concat"),
    }


@pytest.fixture(scope="module")
def spread() -> Executed:
    return Executed.of(SPREAD, ELASTIC)


@pytest.mark.parametrize("kind", range(3))
@pytest.mark.parametrize(("build", "name"), [(ResNet, "counted"), (SPREAD, "spread")])
def test_what_is_counted_is_what_the_tiled_graph_executes(
    build: Build, name: str, kind: int, request: pytest.FixtureRequest
) -> None:
    counted = request.getfixturevalue(name)
    rng = np.random.default_rng(kind)
    for row in rng.permutation(levels())[:5]:
        width = [sizes[i] for sizes, i in zip(ELASTIC.width, row[:2], strict=True)]
        depth = [sizes[i] for sizes, i in zip(ELASTIC.depth, row[2:4], strict=True)]
        model = exported(build(width, depth), ELASTIC.resolution[row[4]], KINDS[kind])
        for p, tiles in enumerate(counted.patches):
            found = dict(zip(COLUMNS, counted(row[None], np.array([kind]), np.array([p]))[0], strict=True))
            for figure, value in on_paper(tile(model, tiles)).items():
                assert found[figure] == pytest.approx(value, rel=1e-6), (row, tiles, figure)
            assert found["nodes"] >= found["convolutions"] + found["moves"]


def test_patches_cost_multiply_adds_and_save_memory(counted: Executed) -> None:
    every = levels()
    n = len(every)
    for kind in range(3):
        three, two, whole = (counted(every, np.full(n, kind), np.full(n, p)) for p in range(3))
        for tiled in (three, two):
            assert (tiled[:, 0] > whole[:, 0]).all()
            assert (tiled[:, 2] <= whole[:, 2]).all()
            assert (tiled[:, 4] > 0).all()
        assert (whole[:, 4] == 0).all()


def test_stored_and_read_again(counted: Executed, tmp_path: Path) -> None:
    counted.save(tmp_path / "g.npz")
    again = Executed.load(tmp_path / "g.npz", "make it again")
    assert np.array_equal(again.values, counted.values)
    assert again.elastic == ELASTIC
    (tmp_path / "g.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"cannot be read.*; make it again"):
        Executed.load(tmp_path / "g.npz", "make it again")


def test_operators_are_the_graph() -> None:
    nodes, shape, edges = operators(ResNet, ELASTIC)
    assert nodes.shape[0] == len(shape) == len(levels())
    for i, row in enumerate(levels()):
        width = [sizes[k] for sizes, k in zip(ELASTIC.width, row[:2], strict=True)]
        there = nodes[i][:, NODE.index("node")] > 0
        # stem 2, a block 5, that with a shortcut 6, mean and head
        assert there.sum() == 15 + 5 * (ELASTIC.depth[0][row[2]] - 1)
        convolutions = nodes[i][:, NODE.index("Conv")] > 0
        stem = np.expm1(10.0 * nodes[i][convolutions][0, NODE.index("log_weights")])
        assert stem == pytest.approx(9 * width[0] + width[0], rel=0.05)
        # Every node but the last feeds another; the residual sum has two inputs.
        assert (edges[shape[i]].sum(axis=1)[there][:-1] >= 1).all()
        assert (edges[shape[i]].sum(axis=0)[nodes[i][:, NODE.index("Add")] > 0] == 2).all()
