"""Which nodes of an ONNX graph can run on a part of an image, and what part of their input they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from dmo.errors import ArgumentError, DataError
from problems.deployment.memory.shapes import run_once

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Pair = tuple[int, int]  # of rows and columns
Interval = tuple[int, int]  # [first, last)

ARITHMETIC = frozenset({"Add", "Sub", "Mul", "Div"})
UNARY = frozenset(
    {"Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Identity"}
    | {"BatchNormalization", "QuantizeLinear", "DequantizeLinear"}
)
WINDOWED = frozenset({"Conv", "MaxPool", "AveragePool"})


@dataclass(frozen=True)
class Network:
    """What tiling must know of a graph.

    order: nodes that depend on the image, inputs first; constant: the others; moving: tensors
    that depend on the image; side: height and width of those that have any.
    """

    image: str
    order: tuple[NodeProto, ...]
    constant: tuple[NodeProto, ...]
    moving: frozenset[str]
    shape: Mapping[str, tuple[int, ...]]
    side: Mapping[str, Pair]
    outputs: frozenset[str]

    @classmethod
    def of(cls, model: ModelProto) -> Network:
        from onnx import shape_inference

        graph = shape_inference.infer_shapes(model).graph
        shape = {w.name: tuple(w.dims) for w in graph.initializer}
        images = [i.name for i in graph.input if i.name not in shape]
        if len(images) != 1:
            raise ArgumentError("model", "one input, the image", f"{images}", "export it with one input")
        weights = set(shape)
        for value in (*graph.value_info, *graph.input, *graph.output):
            shape[value.name] = tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        moving = set(images)
        order: list[NodeProto] = []
        constant: list[NodeProto] = []
        for node in _unshared(model.graph.node, weights, shape):
            depends = any(name in moving for name in node.input)
            (order if depends else constant).append(node)
            moving.update(node.output if depends else ())
        unknown = [
            t for n in order for t in n.output if t and (t not in shape or min(shape[t][1:], default=1) < 1)
        ]
        if unknown:  # one tensor's shape may depend on another's, which inference does not always follow
            given = {name: name.partition(">")[0] for name in unknown}  # by the name before `_unshared`
            with suppress(DataError):
                found = run_once(model, [*dict.fromkeys(given.values())])
                shape.update({name: found[of].shape for name, of in given.items()})
        return cls(
            image=images[0],
            order=tuple(order),
            constant=tuple(constant),
            moving=frozenset(moving),
            shape=shape,
            side={
                t: (s[2], s[3]) for t, s in shape.items() if len(s) == 4 and t in moving and min(s[1:]) > 0
            },
            outputs=frozenset(value.name for value in graph.output),
        )

    def reads(self, node: NodeProto) -> list[str]:
        """The inputs of a node that depend on the image."""
        return [name for name in node.input if name in self.moving]

    def tileable(self, node: NodeProto) -> bool:
        """Whether a part of the node's output depends on a part of its inputs only."""
        inputs = self.reads(node)
        if len(node.output) != 1 or any(t not in self.side for t in (*inputs, node.output[0])):
            return False
        if node.op_type in WINDOWED:
            plain = _text(node, "auto_pad", "NOTSET") in ("NOTSET", "VALID") and not _int(
                node, "ceil_mode", 0
            )
            return plain and inputs == [node.input[0]]
        if {self.side[t] for t in inputs} != {self.side[node.output[0]]}:
            return False
        if node.op_type in ARITHMETIC:
            fixed = (self.shape.get(name, (0,)) for name in node.input if name not in inputs)
            return all(all(size == 1 for size in shape[-2:]) for shape in fixed)
        if node.op_type == "Concat":
            return _int(node, "axis", 0) in (1, -3) and len(inputs) == len(node.input)
        return node.op_type in UNARY and inputs == [node.input[0]]

    def cuts(self) -> list[str]:
        """Tensors through which alone the image reaches the output, behind tileable layers only."""
        left = [name for node in self.order for name in self.reads(node)]
        found, waiting, convolved = [], {self.image}, False
        for node, behind in pairwise((*self.order, None)):
            if node is None or not self.tileable(node) or node.output[0] in self.outputs:
                break
            for name in self.reads(node):
                left.remove(name)
            made = node.output[0]
            waiting = {name for name in waiting | {made} if name in left}
            convolved |= node.op_type in WINDOWED
            # An activation or quantiser that only finishes the tensor off belongs to its layer.
            finished = (
                behind is not None
                and behind.op_type in UNARY - {"DequantizeLinear"}
                and self.reads(behind) == [made]
                and left.count(made) == 1
            )
            if convolved and waiting == {made} and not finished and node.op_type != "DequantizeLinear":
                found.append(made)
        return found

    def prefix(self, cut: str) -> tuple[NodeProto, ...]:
        """The nodes up to the one that makes the cut."""
        return self.order[: 1 + next(i for i, n in enumerate(self.order) if n.output[0] == cut)]

    def work(self, node: NodeProto, positions: int) -> int:
        """Multiply-adds of a node for this many pixels of its output."""
        return prod(self.shape[node.input[1]]) * positions if node.op_type == "Conv" else 0


def need(network: Network, prefix: Sequence[NodeProto], cut: str, axis: int, part: Interval) -> Interval:
    """The rows or columns of the image on which a part of the cut depends."""
    region = {cut: part}
    for node in reversed(prefix):
        kernel, stride, dilation, pads = (values[axis] for values in window(network, node))
        for name in network.reads(node):
            first, last = region[node.output[0]]
            low = max(first * stride - pads, 0)
            high = min((last - 1) * stride - pads + (kernel - 1) * dilation + 1, network.side[name][axis])
            old = region.get(name, (low, high))
            region[name] = min(low, old[0]), max(high, old[1])
    return region[network.image]


def made_size(network: Network, node: NodeProto, inputs: Sequence[Pair]) -> Pair:
    """The size of a node's output for inputs of these sizes."""
    size = tuple(min(values) for values in zip(*inputs, strict=True))
    kernel, stride, dilation, _ = window(network, node)
    pads = _pads(node)
    made = [
        (size[a] + pads[a] + pads[a + 2] - (kernel[a] - 1) * dilation[a] - 1) // stride[a] + 1 for a in (0, 1)
    ]
    return made[0], made[1]


def window(network: Network, node: NodeProto) -> tuple[Sequence[int], ...]:
    """Kernel, stride, dilation and leading padding of a node, each of rows and columns."""
    if node.op_type not in WINDOWED:
        return (1, 1), (1, 1), (1, 1), (0, 0)
    kernel = network.shape[node.input[1]][2:] if node.op_type == "Conv" else (1, 1)
    return (
        _ints(node, "kernel_shape", kernel),
        _ints(node, "strides", (1, 1)),
        _ints(node, "dilations", (1, 1)),
        _pads(node)[:2],
    )


def dense(node: NodeProto) -> bool:
    """Whether each channel of a convolution reads all of its input's."""
    return _int(node, "group", 1) == 1


def _pads(node: NodeProto) -> Sequence[int]:
    fixed = node.op_type in WINDOWED and _text(node, "auto_pad", "NOTSET") == "NOTSET"
    return _ints(node, "pads", (0, 0, 0, 0)) if fixed else (0, 0, 0, 0)


def _unshared(
    nodes: Iterable[NodeProto], weights: set[str], shape: dict[str, tuple[int, ...]]
) -> list[NodeProto]:
    """The nodes, with one DequantizeLinear per reader: integer kernels want one of their own."""
    nodes = list(nodes)
    readers = [name for node in nodes for name in node.input]
    shared = {
        n.output[0]: n
        for n in nodes
        if n.op_type == "DequantizeLinear" and n.input[0] not in weights and readers.count(n.output[0]) > 1
    }
    result: list[NodeProto] = []
    for node in nodes:
        if node.output[0] in shared:
            continue
        copy = type(node)()
        copy.CopyFrom(node)
        copy.name = node.name or node.output[0]  # quantisers and optimisers leave nodes unnamed
        for i, name in enumerate(node.input):
            if name in shared:
                own = type(node)()
                own.CopyFrom(shared[name])
                own.name = own.output[0] = copy.input[i] = f"{name}>{copy.name}.{i}"
                shape[own.output[0]] = shape.get(name, ())
                result.append(own)
        result.append(copy)
    return result


def _ints(node: NodeProto, name: str, default: Sequence[int]) -> Sequence[int]:
    return next((tuple(a.ints) for a in node.attribute if a.name == name), default)


def _int(node: NodeProto, name: str, default: int) -> int:
    return next((int(a.i) for a in node.attribute if a.name == name), default)


def _text(node: NodeProto, name: str, default: str) -> str:
    return next((a.s.decode() for a in node.attribute if a.name == name), default)
