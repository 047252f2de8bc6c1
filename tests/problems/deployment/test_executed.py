"""Counted graphs against the graphs themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from dmo.errors import DataError
from problems.deployment.cost import cost
from problems.deployment.counted import Counted
from problems.deployment.elastic.shape import Build, Elastic, Shape
from problems.deployment.graph.executed import COLUMNS, GRAPHS, Executed
from problems.deployment.graph.families import BLOCK, exported
from problems.deployment.graph.operators import COLUMNS as NODE
from problems.deployment.graph.operators import operators
from problems.deployment.knobs import engine_knobs, model_knobs
from problems.deployment.memory.patches import tile
from problems.deployment.networks.atrous import Atrous
from problems.deployment.networks.resnet import ResNet
from problems.deployment.networks.shufflenet import ShuffleNet

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


@pytest.mark.parametrize("kind", ["plain", "folded", "int8"])
@pytest.mark.parametrize(("build", "name"), [(ResNet, "counted"), (SPREAD, "spread")])
def test_what_is_counted_is_what_the_tiled_graph_executes(
    build: Build, name: str, kind: str, request: pytest.FixtureRequest
) -> None:
    counted = request.getfixturevalue(name)
    rng, which = np.random.default_rng(0), np.array([[*GRAPHS].index(kind)])
    for row in rng.permutation(levels())[:5]:
        width = [sizes[i] for sizes, i in zip(ELASTIC.width, row[:2], strict=True)]
        depth = [sizes[i] for sizes, i in zip(ELASTIC.depth, row[2:4], strict=True)]
        model = exported(build(width, depth), ELASTIC.resolution[row[4]], kind)
        for p, tiles in enumerate(counted.patches):
            found = dict(zip(COLUMNS, counted(row[None], which, np.array([p]))[0], strict=True))
            for figure, value in on_paper(tile(model, tiles)).items():
                assert found[figure] == pytest.approx(value, rel=1e-6), (row, tiles, figure)
            assert found["nodes"] >= found["convolutions"] + found["moves"]


def test_patches_cost_multiply_adds_and_save_memory(counted: Executed) -> None:
    every = levels()
    n = len(every)
    for kind in range(len(GRAPHS)):
        three, two, whole = (counted(every, np.full(n, kind), np.full(n, p)) for p in range(3))
        for tiled in (three, two):
            assert (tiled[:, 0] > whole[:, 0]).all()
            assert (tiled[:, 2] <= whole[:, 2]).all()
            assert (tiled[:, 4] > 0).all()
        assert (whole[:, 4] == 0).all()


def test_channels_in_blocks_cost_as_many_as_fill_them(counted: Executed) -> None:
    wide = Executed.of(ResNet, Elastic(((BLOCK, 2 * BLOCK), (BLOCK,)), ((1,), (1,)), (16,)), (1,))
    folded, blocked = ([*GRAPHS].index(name) for name in ("folded", "blocked"))
    assert np.array_equal(wide.values[:, folded, :, :6], wide.values[:, blocked, :, :6])
    narrow = counted.values[:, [folded, blocked]]
    assert (narrow[:, 1, :, :3] > narrow[:, 0, :, :3]).all()
    # Of widths that fill the same blocks, nothing in blocks is larger but where fewer channels are read.
    live = narrow[:, 1, -1, COLUMNS.index("live")].reshape(2, 3, -1)
    assert np.array_equal(live[:, 0], live[:, 1])


def test_what_the_arena_touches_holds_what_is_alive(counted: Executed) -> None:
    live, arena, patterned = (counted.values[..., COLUMNS.index(c)] for c in ("live", "arena", "patterned"))
    assert (patterned >= arena).all()
    image = np.array(ELASTIC.resolution) ** 2  # which is not in the arena
    floats = [[*GRAPHS].index(name) for name in ("plain", "folded")]
    alive = (live.reshape(-1, 2, *live.shape[1:]) - image[:, None, None])[:, :, floats]
    assert (arena.reshape(-1, 2, *arena.shape[1:])[:, :, floats] * 2**20 >= 4 * alive).all()


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


def test_each_strategy_is_counted_as_the_graph_that_it_executes() -> None:
    elastic = Elastic(((8,),), ((1,),), (16,))
    values = np.zeros((1, len(GRAPHS), 1, len(COLUMNS)), np.float32)
    values[0, :, 0, COLUMNS.index("macs")] = np.arange(len(GRAPHS))
    values[..., COLUMNS.index("patterned")] = 1.0
    knobs = [*model_knobs(elastic), *engine_knobs(("onnxruntime",), threads=1, patches=1, segments=1)]
    features = Counted(Executed(elastic, (1,), values), knobs)

    def row(**choices: object) -> np.ndarray:
        return np.array([k.levels.index(choices.get(k.name, k.levels[-1])) for k in knobs])

    default = {"precision": "fp32", "level": "all", "fusion": "none"}
    executed = {
        "plain": {"level": "disabled"},
        "folded": {"level": "basic"},
        "blocked": {},
        "int8": {"precision": "int8"},
        "int8_first": {"precision": "int8", "level": "extended"},
        "int8_unpacked": {"precision": "int8", "prepacking": False},
        "int8_first_unpacked": {"precision": "int8", "level": "extended", "prepacking": False},
        "dequantised": {"precision": "int8", "level": "basic"},
    }
    found = features(np.array([row(**{**default, **choices}) for choices in executed.values()]))
    assert [[*GRAPHS][round(np.expm1(macs))] for macs in found[:, 0]] == [*executed]
    without = features(np.array([row(**{**default, "fusion": "nchwc"})]))
    assert [*GRAPHS][round(np.expm1(without[0, 0]))] == "folded"
    arena = features.names.index("log_arena")
    pattern, none = features(np.array([row(**{**default, "pattern": p}) for p in (True, False)]))[:, arena]
    assert pattern > none


def test_what_follows_a_computed_shape_is_counted_too() -> None:
    elastic = Elastic(((8, 16), (16,)), ((1, 2), (1,)), (16,))
    counted = Executed.of(ShuffleNet, elastic, (1,))
    for row in np.indices((2, 1, 2, 1, 1)).reshape(5, -1).T:
        width, depth = (elastic.width[0][row[0]], 16), (elastic.depth[0][row[2]], 1)
        modules = cost(ShuffleNet, Shape(width, depth, 16)).macs - 10 * width[-1]  # without the classifier
        for graph in ("plain", "folded", "int8"):
            found = counted(row[None], np.array([[*GRAPHS].index(graph)]), np.array([0]))
            assert found[0, COLUMNS.index("macs")] == modules, (row, graph)
