"""Blocks: where ONNX Runtime's layout pass keeps channels together, and where it must order them anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dmo.types import IntArray
from problems.deployment.graph.families import BLOCK, Elements, Graph, Size, rounded
from problems.deployment.memory.tileable import ARITHMETIC, UNARY, WINDOWED, dense

if TYPE_CHECKING:
    from onnx import NodeProto


def alike(graph: Graph) -> list[IntArray]:
    """The widths in groups, (n,) each, in which the same tensors are in blocks."""
    rows = []
    for node in graph.network.order:
        if node.op_type == "Conv":
            rows += [graph.dims[node.input[1]][0] % BLOCK == 0, graph.dims[node.input[1]][1] < BLOCK]
        elif node.op_type in WINDOWED:
            rows.append(graph.dims[node.output[0]][1] % BLOCK == 0)
    table = np.array([np.broadcast_to(row, graph.widths) for row in rows]).reshape(-1, graph.widths)
    group = np.unique(table, axis=1, return_inverse=True)[1].ravel()
    return [np.flatnonzero(group == g) for g in range(group.max() + 1)]


def in_blocks(graph: Graph, nodes: Sequence[NodeProto], size: Size) -> tuple[list[NodeProto], Size]:
    """The nodes with those that order channels anew, and elements with channels that only fill a block.

    All widths of the graph are of one group of `alike`. Convolutions make blocks, and read them unless
    they read fewer channels than one; those of groups, and pools, work on whole blocks only; what
    keeps its shape stays in blocks; others read images.
    Source: ONNX Runtime 1.32, core/optimizer/nchwc_transformer.cc.
    """
    from onnx import helper

    blocks: set[str] = set()
    copies: dict[tuple[str, bool], str] = {}
    found: list[NodeProto] = []

    def channels(name: str) -> Elements:
        return graph.dims[source(graph, name)][1]

    def ordered(name: str, wanted: bool) -> str:
        if (name in blocks) == wanted:
            return name
        if (name, wanted) not in copies:
            copies[name, wanted] = copy = f"{name}|{'blocks' if wanted else 'image'}"
            kind = "ReorderInput" if wanted else "ReorderOutput"
            found.append(helper.make_node(kind, [name], [copy], name=copy))
            if wanted:
                blocks.add(copy)
        return copies[name, wanted]

    for node in nodes:
        first, made = node.input[0], node.output[0]
        if node.op_type == "Conv":
            outputs, inputs = (int(np.ravel(d)[0]) for d in graph.dims[node.input[1]][:2])
            makes = dense(node) or outputs % BLOCK == 0
            reads = makes and not (dense(node) and inputs < BLOCK)
        elif node.op_type in WINDOWED:
            makes = reads = first in blocks and bool(np.all(channels(first) % BLOCK == 0))
        else:
            keeps = node.op_type in UNARY | ARITHMETIC
            makes = reads = keeps and all(t in blocks for t in node.input if t in blocks or _moves(graph, t))
        copy = type(node)()
        copy.CopyFrom(node)
        for i, name in enumerate(node.input):
            if name in blocks or (reads and _moves(graph, name)):
                copy.input[i] = ordered(name, reads)
        found.append(copy)
        if makes:
            blocks.add(made)

    def blocked(name: str) -> Elements:
        elements = size(name.partition("|")[0])
        if name not in blocks or not np.any(elements):
            return elements
        return elements // channels(name) * rounded(np.asarray(channels(name)))

    return found, blocked


def source(graph: Graph, name: str) -> str:
    """The tensor of the graph of which this is a copy in another order, or a patch."""
    tensor = name.partition("|")[0]
    return tensor if tensor in graph.dims else tensor.partition("@")[0]


def _moves(graph: Graph, name: str) -> bool:
    return source(graph, name) in graph.network.moving
