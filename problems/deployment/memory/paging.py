"""Weight paging: a network in segments, each loaded when it is its turn and released after it.

The weights of one segment are in memory at a time; every run pays for loading them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import ArgumentError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

    from problems.deployment.plan import Plan

# They finish the tensor before them, and kernels absorb them: not to be cut off from it.
FINISHING = frozenset(
    {"Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu", "Gelu", "Erf"}
    | {"BatchNormalization", "QuantizeLinear", "Mul", "Div", "Add", "Sub"}
)


@dataclass(frozen=True)
class PagedSession:
    """A session of segments; session(x) as that of the whole network."""

    parts: tuple[Plan, ...]

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        from problems.deployment import engines

        for part in self.parts:
            x = engines.load(part)(x)  # released at once: nothing holds the session
        return x

    @classmethod
    def of(cls, plan: Plan) -> PagedSession:
        """Of a plan in parts."""
        return cls(tuple(replace(plan, model=part, parts=()) for part in plan.parts))


def split(model: ModelProto, segments: int) -> list[ModelProto]:
    """The model as this many models, each of which takes what the one before it returns.

    Cuts lie where one tensor alone carries on, in a quantised model an integer one; chosen such
    that the largest segment's weights are smallest. The model is not changed.
    Raises ArgumentError when there are fewer such places.
    """
    at_least("segments", segments, 1)
    graph = _Graph.of(model)
    cuts = graph.cuts()
    if len(cuts) < segments - 1:
        raise ArgumentError(
            "segments", f"at most {len(cuts) + 1}, as this graph can be cut", repr(segments), "use fewer"
        )
    # Weights up to each cut and the end; the best partition by dynamic programming.
    before = np.array([0, *(graph.weight(0, end) for end, _ in cuts), graph.weight(0, len(graph.order))])
    ends = [0, *(end for end, _ in cuts), len(graph.order)]
    names = [graph.input, *(name for _, name in cuts), graph.output]
    best: list[dict[int, tuple[int, list[int]]]] = [{0: (0, [0])}]
    for left in range(segments - 1, -1, -1):
        following: dict[int, tuple[int, list[int]]] = {}
        for at, (most, path) in best[-1].items():
            last = len(ends) - 1
            for to in range(at + 1, last + 1 - left) if left else [last]:
                cost = max(most, int(before[to] - before[at]))
                if to not in following or cost < following[to][0]:
                    following[to] = (cost, [*path, to])
        best.append(following)
    path = best[-1][len(ends) - 1][1]
    return [graph.part(ends[a], ends[b], names[a], names[b]) for a, b in pairwise(path)]


@dataclass(frozen=True, eq=False)
class _Graph:
    """order: nodes that depend on the input, but for dequantisers; free: the others by what they make,
    which each segment that reads them repeats."""

    model: ModelProto
    inferred: GraphProto
    input: str
    output: str
    order: tuple[NodeProto, ...]
    free: dict[str, NodeProto]
    sizes: dict[str, int]

    @classmethod
    def of(cls, model: ModelProto) -> _Graph:
        from onnx import shape_inference

        weights = {w.name: prod(w.dims) for w in model.graph.initializer}
        inputs = [i.name for i in model.graph.input if i.name not in weights]
        if len(inputs) != 1 or len(model.graph.output) != 1:
            raise ArgumentError(
                "model", "one input and one output", f"{len(inputs)} inputs", "use segments = 1"
            )
        moving, order, free = set(inputs), [], {}
        for node in model.graph.node:
            depends = bool(moving.intersection(node.input))
            if depends and node.op_type != "DequantizeLinear":
                order.append(node)
            else:
                free.update(dict.fromkeys(node.output, node))
            moving.update(node.output if depends else ())
        inferred = shape_inference.infer_shapes(model).graph
        return cls(model, inferred, inputs[0], model.graph.output[0].name, tuple(order), free, weights)

    def reads(self, node: NodeProto) -> Iterator[str]:
        """What a node reads of earlier nodes, the input and weights, through free nodes."""
        for name in node.input:
            if name in self.free:
                yield from self.reads(self.free[name])
            elif name:
                yield name

    def cuts(self) -> list[tuple[int, str]]:
        """Where the order can be cut: how many nodes are before, and the one tensor that carries on."""
        typed = {v.name for v in self.inferred.value_info}
        last: dict[str, int] = {}
        for k, node in enumerate(self.order):
            last.update(dict.fromkeys((n for n in self.reads(node) if n not in self.sizes), k))
        integers = any(n.op_type == "QuantizeLinear" for n in self.order)
        found, live = [], {self.input}
        for k, node in enumerate(self.order[:-1]):
            live = {n for n in live | set(node.output) if last.get(n, -1) > k}
            whole = self.order[k + 1].op_type not in FINISHING
            fit = node.op_type == "QuantizeLinear" if integers else whole
            if len(live) == 1 and fit and live <= typed and live <= set(node.output):
                found.append((k + 1, next(iter(live))))
        return found

    def weight(self, first: int, end: int) -> int:
        """Elements of the weights that these nodes read."""
        names = {n for node in self.order[first:end] for n in self.reads(node)}
        return sum(self.sizes.get(name, 0) for name in names)

    def part(self, first: int, end: int, source: str, result: str) -> ModelProto:
        """The model of these nodes."""
        wanted = [*self.order[first:end]]
        if result in self.free:
            wanted.append(self.free[result])  # the whole network's output is dequantised
        needed: dict[str, NodeProto] = {}
        stack = list(wanted)
        while stack:
            for name in stack.pop().input:
                node = self.free.get(name)
                if node is not None and name not in needed:
                    needed[name] = node
                    stack.append(node)
        kept = {node.output[0] for node in (*wanted, *needed.values())}
        nodes = [node for node in self.model.graph.node if node.output[0] in kept]
        read = {name for node in nodes for name in node.input}
        known = (*self.inferred.value_info, *self.inferred.input, *self.inferred.output)
        values = {value.name: value for value in known}
        made = type(self.model)()
        made.CopyFrom(self.model)
        for field in ("node", "initializer", "input", "output", "value_info"):
            made.graph.ClearField(field)
        made.graph.node.extend(nodes)
        made.graph.initializer.extend(w for w in self.model.graph.initializer if w.name in read)
        made.graph.input.append(values[source])
        made.graph.output.append(values[result])
        return made


def split_file(source: Path, segments: int, files: Sequence[Path]) -> None:
    """Write the segments of the model of source; see split."""
    import onnx

    for part, file in zip(split(onnx.load(str(source)), segments), files, strict=True):
        onnx.save(part, str(file))
