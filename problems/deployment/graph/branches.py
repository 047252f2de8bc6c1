"""Branches: each heavy convolution in parts by output channels, which an engine can run at once."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dmo.checks import at_least
from dmo.errors import ArgumentError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

BLOCK = 8  # channels that the engine's layouts keep together on processors with AVX2
FINISHING = frozenset({"Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "Elu"})  # go along into each part


def branch(model: ModelProto, branches: int) -> ModelProto:
    """The model with its heavy convolutions in this many parts, joined again behind their activation.

    Heavy is at least half of what convolutions multiply on average. Parts have equal numbers of output
    channels; a convolution stays whole where it has groups or these are no multiples of 8. The model is
    not changed.
    Source: Jia et al., Exploring Hidden Dimensions in Parallelizing Convolutional Neural Networks (2018),
    section 4, for the division by channels.
    Raises ArgumentError when no convolution can be divided.
    """
    at_least("branches", branches, 1)
    made = type(model)()
    made.CopyFrom(model)
    heavy = set(_heavy(model, branches))
    if branches > 1 and not heavy:
        raise ArgumentError(
            "branches", "1, as no heavy convolution of this graph can be divided", repr(branches), "use 1"
        )
    weights = {w.name: w for w in model.graph.initializer}
    readers: dict[str, list[NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    outputs = {v.name for v in model.graph.output}
    moved: set[str] = set()  # outputs of activations that went along
    del made.graph.node[:]
    for node in model.graph.node:
        if node.output[0] in moved:
            continue
        if branches == 1 or node.output[0] not in heavy:
            made.graph.node.append(node)
            continue
        behind = readers.get(node.output[0], [])
        along = (
            behind[0]
            if len(behind) == 1
            and behind[0].op_type in FINISHING
            and behind[0].input[0] == node.output[0]
            and node.output[0] not in outputs
            else None
        )
        moved.update(along.output if along is not None else ())
        nodes, tensors = _parts(node, along, branches, weights)
        made.graph.node.extend(nodes)
        made.graph.initializer.extend(tensors)
    read = {name for node in made.graph.node for name in node.input}
    kept = [w for w in made.graph.initializer if w.name in read]
    del made.graph.initializer[:]
    made.graph.initializer.extend(kept)
    made.graph.ClearField("value_info")  # of tensors that are gone
    return made


def _heavy(model: ModelProto, branches: int) -> Iterator[str]:
    """The outputs of the convolutions to divide."""
    from problems.deployment.memory.tileable import Network

    network = Network.of(model)
    weights = {w.name for w in model.graph.initializer}
    work = {
        n.output[0]: network.work(n, prod(network.side.get(n.output[0], (0, 0))))
        for n in network.order
        if n.op_type == "Conv"
    }
    least = 0.5 * sum(work.values()) / max(len(work), 1)
    for node in network.order:
        if work.get(node.output[0], 0) < max(least, 1) or not {*node.input[1:]} <= weights:
            continue
        outputs = network.shape[node.input[1]][0]
        groups = next((a.i for a in node.attribute if a.name == "group"), 1)
        if groups == 1 and outputs % (BLOCK * branches) == 0:
            yield node.output[0]


def _parts(
    node: NodeProto, along: NodeProto | None, branches: int, weights: dict[str, TensorProto]
) -> tuple[list[NodeProto], list[TensorProto]]:
    """The convolutions of the parts, each with its activation, and what joins them; their weights."""
    from onnx import helper, numpy_helper

    nodes: list[NodeProto] = []
    tensors: list[TensorProto] = []
    last = node if along is None else along
    ends = [f"{last.output[0]}/{k}" for k in range(branches)]
    arrays = [np.split(numpy_helper.to_array(weights[name]), branches) for name in node.input[1:]]
    for k in range(branches):
        part = type(node)()
        part.CopyFrom(node)
        part.name = f"{node.name}/{k}"
        for i, (name, pieces) in enumerate(zip(node.input[1:], arrays, strict=True)):
            part.input[1 + i] = f"{name}/{node.name}/{k}"
            tensors.append(numpy_helper.from_array(np.ascontiguousarray(pieces[k]), part.input[1 + i]))
        part.output[0] = ends[k] if along is None else f"{node.output[0]}/{k}"
        nodes.append(part)
        if along is not None:
            finish = type(along)()
            finish.CopyFrom(along)
            finish.name, finish.input[0], finish.output[0] = f"{along.name}/{k}", part.output[0], ends[k]
            nodes.append(finish)
    nodes.append(helper.make_node("Concat", ends, [last.output[0]], name=f"{node.name}/joined", axis=1))
    return nodes, tensors


def branch_file(source: Path, branches: int, file: Path) -> None:
    """Write the model of source with its convolutions divided; see branch."""
    import onnx

    onnx.save(branch(onnx.load(str(source)), branches), str(file))
