"""What a memory planner must know of an ONNX graph: operators, and the tensors they read and make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError, DataError
from problems.deployment.memory.buffers import Buffers
from problems.deployment.memory.shapes import for_one_image, run_once
from problems.deployment.memory.tileable import ARITHMETIC, UNARY

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

# The result is the input under another shape, or what integer kernels read directly.
VIEW = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "DequantizeLinear"})


@dataclass(frozen=True, eq=False)
class Dataflow:
    """The operators of a graph that depend on its inputs, views left out.

    operators: names, in an order in which they can run; reads, makes: the tensors of each, as
    indices; in_place: whether an operator may write over an input of the same size that nobody
    reads after it; tensors: names; size: bytes of each, of one image; inputs, outputs: of the
    graph. Weights are not in it: they are no activations.
    """

    operators: tuple[str, ...]
    reads: tuple[tuple[int, ...], ...]
    makes: tuple[tuple[int, ...], ...]
    in_place: tuple[bool, ...]
    tensors: tuple[str, ...]
    size: NDArray[np.int64]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @classmethod
    def read(cls, file: Path) -> Dataflow:
        """Of an ONNX file. Raises DataError when it is none."""
        import onnx

        try:
            model = onnx.load(str(file), load_external_data=False)
        except Exception as error:  # the parser's errors share no base but Exception
            raise DataError(f"{file} is no ONNX model ({error}); export it again") from error
        return cls.of(model)

    @classmethod
    def of(cls, model: ModelProto) -> Dataflow:
        """Of a model, for one image: open dimensions count as 1.

        Elementwise operators are in place. In a model with QuantizeLinear and DequantizeLinear,
        what is only quantised counts as quantised already, as in integer kernels.
        Raises DataError when the shape of a tensor is neither inferred nor found by running the model.
        """
        sizes = _sizes(model)
        weights = {w.name for w in model.graph.initializer}
        read = {name for node in model.graph.node for name in node.input}
        inputs = [i.name for i in model.graph.input if i.name in read - weights]
        moving = set(inputs)
        source: dict[str, str] = {}  # of a view's result
        nodes: list[NodeProto] = []
        for node in model.graph.node:
            if not moving.intersection(node.input):
                continue
            moving.update(name for name in node.output if name)
            if node.op_type in VIEW:
                source[node.output[0]] = source.get(node.input[0], node.input[0])
            else:
                nodes.append(node)
        wide = _unquantised(nodes, source)
        names = [*inputs, *(name for node in nodes for name in node.output if name)]
        index = {name: i for i, name in enumerate(names)}
        if any(name not in sizes for name in names):
            sizes = {name: found.nbytes for name, found in run_once(model, names).items()}

        def found(given: Sequence[str]) -> tuple[int, ...]:
            roots = (source.get(name, name) for name in given)
            return tuple(dict.fromkeys(index[name] for name in roots if name in index))

        return cls(
            operators=tuple(node.name or node.output[0] for node in nodes),
            reads=tuple(found(node.input) for node in nodes),
            makes=tuple(found(node.output) for node in nodes),
            in_place=tuple(node.op_type in UNARY | ARITHMETIC for node in nodes),
            tensors=tuple(names),
            size=np.array([sizes[wide.get(name, name)] for name in names], dtype=np.int64),
            inputs=found(inputs),
            outputs=found([value.name for value in model.graph.output]),
        )

    @cached_property
    def readers(self) -> tuple[int, ...]:
        """The operators that read each tensor, as bits; of a graph's output also one that never runs."""
        found = [0] * len(self.tensors)
        for k, names in enumerate(self.reads):
            for tensor in names:
                found[tensor] |= 1 << k
        for tensor in self.outputs:
            found[tensor] |= 1 << len(self.operators)
        return tuple(found)

    def overwritten(self, operator: int, done: int) -> int | None:
        """The tensor that this operator writes over when those of `done`, as bits, have run before it."""
        if not self.in_place[operator] or len(self.makes[operator]) != 1:
            return None
        made, after = self.size[self.makes[operator][0]], done | 1 << operator
        for tensor in self.reads[operator]:
            if not self.readers[tensor] & ~after and self.size[tensor] == made:
                return tensor
        return None

    def check(self, order: Sequence[int]) -> None:
        """Raise ArgumentError unless every operator runs once, after those it reads from."""
        ready = set(self.inputs)
        for operator in order:
            if not ready.issuperset(self.reads[operator]):
                break
            ready.update(self.makes[operator])
        else:
            if sorted(order) == list(range(len(self.operators))):
                return
        raise ArgumentError(
            "order",
            f"{len(self.operators)} operators, each after those it reads from",
            repr(list(order)),
            "pass range(len(dataflow.operators)) for the file's own order",
        )

    def buffers(self, order: Sequence[int], align: int = 64) -> Buffers:
        """The memory that the operators need in this order; sizes rounded up to whole `align` bytes.

        A tensor is live from the step that makes it (the first, for inputs of the graph) through
        the last that reads it (the end, for outputs). Raises ArgumentError for an impossible order.
        """
        self.check(order)
        done = 0
        home = {tensor: k for k, tensor in enumerate(self.inputs)}
        members = [[tensor] for tensor in self.inputs]
        first, last = [0] * len(self.inputs), [0] * len(self.inputs)
        for step, operator in enumerate(order):
            over = self.overwritten(operator, done)
            for tensor in self.reads[operator]:
                last[home[tensor]] = step
            for tensor in self.makes[operator]:
                if over is not None:
                    home[tensor] = home[over]
                    members[home[over]].append(tensor)
                else:
                    home[tensor] = len(members)
                    members.append([tensor])
                    first.append(step)
                    last.append(step)
            done |= 1 << operator
        for tensor in self.outputs:
            last[home[tensor]] = max(len(order) - 1, 0)
        sizes = np.array([self.size[m[0]] for m in members], dtype=np.int64)
        names = tuple(self.tensors[m[0]] for m in members)
        return Buffers(-(-sizes // align) * align, np.array(first), np.array(last), names)


def _sizes(model: ModelProto) -> dict[str, int]:
    """Bytes of every tensor of known shape."""
    from onnx import helper, shape_inference

    try:
        inferred = shape_inference.infer_shapes(for_one_image(model), data_prop=True).graph
    except shape_inference.InferenceError:
        return {}
    sizes = {}
    for value in (*inferred.value_info, *inferred.input, *inferred.output):
        tensor = value.type.tensor_type
        dims = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
        if tensor.HasField("shape") and None not in dims:
            width = helper.tensor_dtype_to_np_dtype(tensor.elem_type).itemsize
            sizes[value.name] = prod(d for d in dims if d is not None) * width
    return sizes


def _unquantised(nodes: Sequence[NodeProto], source: dict[str, str]) -> dict[str, str]:
    """For each tensor that is only quantised, at once or behind an elementwise operator, the result."""
    readers: dict[str, list[NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            readers.setdefault(source.get(name, name), []).append(node)
    becomes: dict[str, str] = {}
    for node in reversed(nodes):
        for name in node.output:
            after = readers.get(name, [])
            if len(after) == 1 and after[0].op_type == "QuantizeLinear":
                becomes[name] = after[0].output[0]
            elif len(after) == 1 and after[0].op_type in UNARY and after[0].output[0] in becomes:
                becomes[name] = becomes[after[0].output[0]]
    return becomes
