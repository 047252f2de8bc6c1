"""Memory planning: lifetimes, lower bound, placements without overlap, operator order."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from dmo.errors import ArgumentError, DataError
from problems.deployment.memory.buffers import Arena, Buffers
from problems.deployment.memory.dataflow import Dataflow
from problems.deployment.memory.order import best_order
from problems.deployment.memory.planner import best_fit, greedy, hill_climb, naive

lifetimes = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 12), st.integers(0, 6)), max_size=14)


def made(rows: list[tuple[int, int, int]]) -> Buffers:
    size, first, span = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Buffers(size, first, first + span)


def overlapping(arena: Arena) -> bool:
    """Byte by byte and step by step: whether anything is held by two at once."""
    held: set[tuple[int, int]] = set()
    b = arena.buffers
    for offset, size, first, last in zip(arena.offset, b.size, b.first, b.last, strict=True):
        cells = {(s, a) for s in range(first, last + 1) for a in range(offset, offset + size)}
        if held & cells:
            return True
        held |= cells
    return False


def planned(buffers: Buffers) -> dict[str, Arena]:
    climbed = hill_climb(buffers, np.random.default_rng(0), tries=60)
    return {
        "naive": naive(buffers),
        "greedy": greedy(buffers),
        "best_fit": best_fit(buffers),
        "hill": climbed,
    }


@given(lifetimes)
def test_no_planner_lets_two_live_buffers_overlap(rows) -> None:
    buffers = made(rows)
    arenas = planned(buffers)
    for arena in arenas.values():
        assert not overlapping(arena)
        assert arena.size >= buffers.lower_bound
    assert arenas["hill"].size <= min(arenas["greedy"].size, arenas["best_fit"].size)
    assert arenas["naive"].size == buffers.size.sum()


@given(lifetimes)
def test_the_lower_bound_is_the_most_alive_at_once(rows) -> None:
    buffers = made(rows)
    live = [sum(s for s, a, n in rows if a <= t <= a + n) for t in range(20)]
    assert buffers.lower_bound == max(live)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=5))
def test_hill_climbing_finds_the_smallest_arena_of_few_buffers(rows) -> None:
    """The best over all orders of placing at the lowest free offset, which some optimum is."""
    buffers = made(rows)
    best = min(_lowest_fit(buffers, order) for order in permutations(range(len(buffers))))
    assert hill_climb(buffers, np.random.default_rng(0), tries=400).size == best


def _lowest_fit(buffers: Buffers, order) -> int:
    placed: dict[int, int] = {}
    for i in order:
        near = [(placed[j], placed[j] + buffers.size[j]) for j in placed if buffers.together[i, j]]
        starts = [0, *(end for _, end in near)]
        placed[i] = min(s for s in starts if all(s + buffers.size[i] <= a or s >= b for a, b in near))
    return max(placed[i] + buffers.size[i] for i in placed)


def test_an_arena_with_an_overlap_is_refused() -> None:
    buffers = Buffers([4, 4], [0, 1], [1, 2])
    with pytest.raises(ArgumentError, match="overlap"):
        Arena(buffers, [0, 3])
    assert Arena(Buffers([4, 4], [0, 2], [1, 2]), [0, 0]).size == 4
    with pytest.raises(ArgumentError, match="first <= last"):
        Buffers([4], [2], [1])


def test_a_case_where_shared_buckets_waste_memory() -> None:
    """ExecuTorch's greedy gives the middle buffer a bucket; in an arena it lies over two dead ones."""
    buffers = Buffers([6, 4, 9, 2], [0, 0, 2, 1], [1, 1, 3, 2])
    assert greedy(buffers).size == 15
    assert hill_climb(buffers, np.random.default_rng(0)).size == buffers.lower_bound == 12


def graph(edges: list[tuple[list[str], str, str]], sizes: dict[str, int], outputs: list[str]) -> Dataflow:
    """A graph of operators (reads, kind, makes) on float tensors of these sizes."""
    tensors = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, s]) for n, s in sizes.items()]
    by_name = {value.name: value for value in tensors}
    made_here = {out for _, _, out in edges}
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node(kind, reads, [out], name=out) for reads, kind, out in edges],
            "test",
            [v for v in tensors if v.name not in made_here],
            [by_name[name] for name in outputs],
        )
    )
    return Dataflow.of(model)


def test_lifetimes_of_a_residual_block_by_hand() -> None:
    shape = {"x": 4, "a": 4, "b": 4, "c": 4, "y": 4}
    edges = [(["x"], "Softmax", "a"), (["a"], "Relu", "b"), (["b"], "Softmax", "c"), (["c", "x"], "Add", "y")]
    flow = graph(edges, shape, ["y"])
    buffers = flow.buffers(range(4), align=1)
    # b is written over a, and y over c
    assert buffers.names == ("x", "a", "c")
    assert buffers.size.tolist() == [16, 16, 16]
    assert (buffers.first.tolist(), buffers.last.tolist()) == ([0, 0, 2], [3, 2, 3])
    assert buffers.lower_bound == 48
    assert flow.buffers(range(4)).size.tolist() == [64, 64, 64]
    with pytest.raises(ArgumentError, match="after those it reads from"):
        flow.buffers([1, 0, 2, 3])


def test_views_and_integer_kernels_need_no_memory_of_their_own() -> None:
    scale = [helper.make_tensor("s", TensorProto.FLOAT, [], [1.0])]
    zero = [helper.make_tensor("z", TensorProto.UINT8, [], [0])]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("Softmax", ["d"], ["a"]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("QuantizeLinear", ["r", "s", "z"], ["p"]),
        helper.make_node("DequantizeLinear", ["p", "s", "z"], ["e"]),
        helper.make_node("Flatten", ["e"], ["y"]),
    ]
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", ["n", 8]), ("y", None)))
    model = helper.make_model(helper.make_graph(nodes, "test", [x], [y], [*scale, *zero]))
    flow = Dataflow.of(model)
    buffers = flow.buffers(range(len(flow.operators)), align=1)
    # x is only quantised: its bytes; all later tensors are 8 bytes
    assert dict(zip(flow.tensors, flow.size.tolist(), strict=True)) == {
        "x": 32,
        "q": 8,
        "a": 8,
        "r": 8,
        "p": 8,
    }
    assert buffers.lower_bound == 40


def test_shapes_that_are_not_inferred_are_found_by_running() -> None:
    """Its sizes come out of a computation, as exporters write them."""
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("ReduceProd", ["shape"], ["n"], keepdims=1),
        helper.make_node("ConstantOfShape", ["n"], ["zeros"]),
        helper.make_node("Softmax", ["zeros"], ["y"]),
    ]
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", ["n", 6]), ("y", None)))
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(helper.make_graph(nodes, "t", [x], [y]), opset_imports=opset, ir_version=8)
    flow = Dataflow.of(model)
    sizes = dict(zip(flow.tensors, flow.size.tolist(), strict=True))
    assert sizes == {"x": 24, "shape": 16, "n": 8, "zeros": 24, "y": 24}


@st.composite
def dags(draw) -> Dataflow:
    n = draw(st.integers(2, 6))
    sizes, edges = {"x": draw(st.integers(1, 9))}, []
    for k in range(n):
        reads = draw(st.lists(st.sampled_from(list(sizes)), min_size=1, max_size=2, unique=True))
        edges.append((reads, draw(st.sampled_from(["Concat", "Max"])), f"t{k}"))
        sizes[f"t{k}"] = draw(st.integers(1, 9))
    read = {name for reads, _, _ in edges for name in reads}
    tensors = list(sizes)
    return Dataflow(
        operators=tuple(out for _, _, out in edges),
        reads=tuple(tuple(tensors.index(r) for r in reads) for reads, _, _ in edges),
        makes=tuple((tensors.index(out),) for _, _, out in edges),
        in_place=tuple(kind == "Max" for _, kind, _ in edges),
        tensors=tuple(tensors),
        size=np.array(list(sizes.values())),
        inputs=(0,) if "x" in read else (),
        outputs=tuple(tensors.index(t) for t in tensors if t not in read),
    )


@settings(max_examples=40)
@given(dags())
def test_the_order_is_the_best_of_all(flow: Dataflow) -> None:
    n = len(flow.operators)
    peaks = []
    for order in permutations(range(n)):
        try:
            peaks.append(flow.buffers(order, align=1).lower_bound)
        except ArgumentError:
            continue
    found = best_order(flow)
    assert found.optimal
    assert flow.buffers(found.operators, align=1).lower_bound == min(peaks)


def test_a_narrow_beam_is_never_worse_than_the_file() -> None:
    """Two branches that shrink: one after the other needs less than side by side, as the file has it."""
    edges = [(["x"], "Softmax", "a1"), (["x"], "Softmax", "b1"), (["a1"], "Softmax", "a2")]
    edges += [(["b1"], "Softmax", "b2"), (["a2", "b2"], "Max", "y")]
    sizes = {"x": 1, "a1": 50, "b1": 50, "a2": 1, "b2": 1, "y": 1}
    tensors = list(sizes)
    flow = Dataflow(
        operators=tuple(out for *_, out in edges),
        reads=tuple(tuple(tensors.index(r) for r in reads) for reads, *_ in edges),
        makes=tuple((tensors.index(out),) for *_, out in edges),
        in_place=(False,) * 5,
        tensors=tuple(tensors),
        size=np.array(list(sizes.values())),
        inputs=(0,),
        outputs=(5,),
    )
    own = flow.buffers(range(5), align=1).lower_bound
    found = {width: best_order(flow, width) for width in (1, 256)}
    peaks = {width: flow.buffers(o.operators, align=1).lower_bound for width, o in found.items()}
    assert (own, peaks[256], found[256].optimal) == (101, 52, True)
    assert peaks[1] <= own


def test_a_graph_of_unknown_shapes_is_refused(tmp_path) -> None:
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", [1, 4]), ("y", None)))
    node = helper.make_node("Mystery", ["x"], ["y"], domain="lab")
    lab = [helper.make_opsetid("", 17), helper.make_opsetid("lab", 1)]
    graph = helper.make_graph([node, helper.make_node("Relu", ["y"], ["z"])], "test", [x], [y])
    model = helper.make_model(graph, opset_imports=lab)
    with pytest.raises(DataError, match="neither inferred nor found"):
        Dataflow.of(model)
    (tmp_path / "no.onnx").write_bytes(b"no model")
    with pytest.raises(DataError, match="no ONNX model"):
        Dataflow.read(tmp_path / "no.onnx")
    onnx.save(model, str(tmp_path / "odd.onnx"))
    with pytest.raises(DataError):
        Dataflow.read(tmp_path / "odd.onnx")
