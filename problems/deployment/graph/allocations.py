"""Allocations: what ONNX Runtime asks its arena for, node by node, for all widths of a graph at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from dmo.types import Array, IntArray
from problems.deployment.graph.blocks import in_blocks, source
from problems.deployment.graph.families import BLOCK, Elements, Graph, Size
from problems.deployment.memory.regions import Step, ran, ran_planned
from problems.deployment.memory.tileable import ARITHMETIC, UNARY, dense, window

if TYPE_CHECKING:
    from onnx import NodeProto

# How convolutions run: in floats, channels in blocks or not; integers with channels last or first, weights
# stored in the kernels' order or put into it by each run; floats between a dequantiser and a quantiser.
Kernels = Literal[
    "float",
    "blocked",
    "integer",
    "integer_first",
    "integer_unpacked",
    "integer_first_unpacked",
    "dequantised",
]
VIEW = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"})
FUSED = ("integer", "integer_first", "integer_unpacked", "integer_first_unpacked")
IN_PLACE = (UNARY | ARITHMETIC) - {"BatchNormalization", "QuantizeLinear", "DequantizeLinear"}
SEGMENT = 2**16  # bytes in which a float convolution lays out its image, piece by piece
SCORES = 256  # bytes, more than enough for what the network says; no plan has a place for it
OUTPUTS, INPUTS, GROUPS = 16, 4, 16  # of which integer kernels with their own lay-out want multiples


@dataclass(frozen=True, eq=False)
class Allocations:
    """What a graph's nodes take, for all widths. amounts: bytes, (k, widths), in the order in which stored
    and rows name them; stored: how many of them are allocated with the session; rows: of each node
    the tensors that it makes, how many pieces of scratch its kernel takes, and the tensors it reads last.
    """

    amounts: NDArray[np.int64]
    stored: int
    rows: Sequence[tuple[Sequence[str], int, Sequence[str]]]

    @classmethod
    def of(cls, graph: Graph, nodes: Sequence[NodeProto], size: Size, kernels: Kernels) -> Allocations:
        """Of nodes that run in this order. size: elements of a tensor, for every width. In blocks, all widths
        are of one of blocks.alike's groups."""
        if kernels == "blocked":
            nodes, size = in_blocks(graph, nodes, size)
        if kernels == "dequantised":
            nodes = _with_weights(graph, nodes)
        elements = _elements(graph, nodes, size)
        amounts = _stored(graph, kernels)
        stored, rows = len(amounts), []
        for node, made, dying in _lives(graph, nodes, elements, kernels):
            scratch = _scratch(graph, node, elements, kernels) if node.op_type == "Conv" else []
            amounts += [*(elements[name] * _width(node, kernels) for name in made), *scratch]
            rows.append((made, len(scratch), dying))
        amounts.append(SCORES)
        rows.append(([], 1, []))
        table = [np.broadcast_to(a, graph.widths) for a in amounts]
        return cls(np.array(table, dtype=np.int64).reshape(-1, graph.widths), stored, rows)

    def at(self, width: int) -> tuple[list[Step], list[int]]:
        """The steps of one width, and what is allocated before them."""
        column = self.amounts[:, width].tolist()
        left = iter(column[self.stored :])
        steps = []
        for made, scratch, dying in self.rows:
            tensors = [(name, next(left)) for name in made]
            steps.append(Step(tensors, [s for s in (next(left) for _ in range(scratch)) if s], dying))
        return steps, column[: self.stored]

    def touched(self, which: IntArray) -> Array:
        """(n, 2) bytes of the arena that are touched after a first run, and after one with a planned block,
        for some of the widths, (n,)."""
        _, first, inverse = np.unique(self.amounts[:, which], axis=1, return_index=True, return_inverse=True)
        found = np.empty((len(first), 2))
        for row, width in zip(found, which[first], strict=True):
            steps, stored = self.at(int(width))
            arena = ran(steps, stored)
            row[0] = arena.touched
            ran_planned(arena, steps)
            row[1] = arena.touched
        return found[inverse.ravel()]


def _stored(graph: Graph, kernels: Kernels) -> list[Elements]:
    """Bytes of the weights that integer kernels store again in the arena."""
    if kernels not in ("integer", "integer_first"):
        return []
    weights = [graph.dims[n.input[1]] for n in graph.network.order if n.op_type == "Conv"]
    return [prod(inputs) * -(-outputs // OUTPUTS) * OUTPUTS for outputs, *inputs in weights]


def _with_weights(graph: Graph, nodes: Sequence[NodeProto]) -> list[NodeProto]:
    """The nodes, each weight made floats before the first that reads it, as every run does anew."""
    makers, found = {name: n for n in graph.network.constant for name in n.output}, []
    for node in nodes:
        found += [makers.pop(name) for name in node.input if name in makers]
        found.append(node)
    return found


def _elements(graph: Graph, nodes: Sequence[NodeProto], size: Size) -> dict[str, Elements]:
    """Of each tensor that depends on the image."""
    network, found = graph.network, {}
    made = {name for node in nodes for name in node.output}
    for name in dict.fromkeys((network.image, *(t for n in nodes for t in (*n.input, *n.output)))):
        elements = size(name)
        if not np.any(elements) and name in graph.dims and (name in network.moving or name in made):
            elements = prod(graph.dims[name])  # of other than four dimensions
        if np.any(elements):
            found[name] = elements
    return found


def _lives(
    graph: Graph, nodes: Sequence[NodeProto], elements: Mapping[str, Elements], kernels: Kernels
) -> list[tuple[NodeProto, list[str], list[str]]]:
    """Each node, the tensors for which it needs memory, and those that nobody reads after it.

    A view is no tensor of its own; what is written over its input has the input's memory; and memory of
    which a tensor of the same shape is made later is held until then.
    Source: ONNX Runtime 1.32, core/framework/allocation_planner.cc.
    """
    image, fused = graph.network.image, kernels in FUSED
    width = {name: _width(node, kernels) for node in nodes for name in node.output}

    @cache
    def shaped(name: str) -> tuple[int, bytes, bytes]:
        known = graph.dims.get(source(graph, name), ())
        channels = known[1] if len(known) > 1 else 0
        wide = [np.broadcast_to(values, graph.widths).tobytes() for values in (channels, elements[name])]
        return width[name], wide[0], wide[1]

    sums = _sums(nodes) if kernels == "blocked" else {}
    joined = {total for _, total in sums.values()}
    holder = {image: image}
    reads: list[list[str]] = []
    for node in nodes:
        made = node.output[0]
        added = [sums[made][0]] if made in sums else []
        here = list(dict.fromkeys(holder[name] for name in (*node.input, *added) if name in holder))
        view = node.op_type in VIEW or (fused and node.op_type == "DequantizeLinear")
        if made in joined:  # the convolution has added it already
            here, view = [holder[name] for name in node.input if name in sums], True
        reads.append(here)
        holder.update({name: here[0] if view and here else name for name in node.output if name in elements})
    last = {name: i for i, names in enumerate(reads) for name in names}
    root: dict[str, str] = {}  # of a tensor in another's memory
    idle: list[str] = []  # memory whose tensors have all been read, the latest first
    found: list[tuple[NodeProto, list[str], list[str]]] = []
    for i, node in enumerate(nodes):
        made = [name for name in node.output if holder.get(name) == name]
        here = list(dict.fromkeys(root.get(name, name) for name in reads[i]))
        over = here if _writes_over(node, fused) and len(made) == 1 else []
        if made and made[0] in sums:
            summand = holder[sums[made[0]][0]]
            over = [root.get(summand, summand)]
        dying = [name for name in here if last[name] == i and name != image]
        for name in list(made):
            free = [m for m in over if m in dying and _alike(elements[m], elements[name])]
            free += [m for m in idle if shaped(m) == shaped(name)]
            if free:
                root[name], last[free[0]] = free[0], last.get(name, i)
                made.remove(name)
                idle = [m for m in idle if m != free[0]]
        idle = [*(m for m in dying if last[m] == i), *idle]
        found.append((node, made, []))
    for name in [name for _, made, _ in found for name in made]:
        found[last.get(name, len(found) - 1)][2].append(name)
    return found


def _sums(nodes: Sequence[NodeProto]) -> dict[str, tuple[str, str]]:
    """What a convolution in blocks adds to its result, and the sum, by the result: of residual networks."""
    maker = {name: (i, n) for i, n in enumerate(nodes) for name in n.output}
    readers = Counter(name for n in nodes for name in n.input)
    found: dict[str, tuple[str, str]] = {}
    for node in nodes:
        if node.op_type != "Add" or not all(name in maker for name in node.input):
            continue
        first, second = sorted(node.input, key=lambda name: maker[name][0])
        if maker[second][1].op_type == "Conv" and readers[second] == 1:
            found[second] = first, node.output[0]
    return found


def _writes_over(node: NodeProto, fused: bool) -> bool:
    # An integer kernel makes what its quantiser and activation would.
    return node.op_type in IN_PLACE or (fused and node.op_type == "QuantizeLinear")


def _alike(one: Elements, other: Elements) -> bool:
    return bool(np.all(np.equal(one, other)))


def _width(node: NodeProto, kernels: Kernels) -> int:
    """Bytes of an element that the node makes."""
    if kernels in FUSED:
        return 1
    return 1 if node.op_type == "QuantizeLinear" else 4


def _scratch(
    graph: Graph, node: NodeProto, elements: Mapping[str, Elements], kernels: Kernels
) -> list[Elements]:
    """Bytes of what a convolution's kernel takes while it runs, in this order; 0 for none.

    Source: ONNX Runtime 1.32, core/providers/cpu/quantization/qlinearconv.cc, core/mlas/lib/convsym.cpp
    (as on x86) and convolve.cpp.
    """
    outputs, inputs = graph.dims[node.input[1]][:2]
    kernel, stride, *_ = window(graph.network, node)
    made, taps = np.asarray(elements[node.output[0]]), prod(kernel)
    pixels = made // outputs
    whole, laid_out = dense(node), taps > 1 or prod(stride) > 1
    if kernels in ("float", "blocked", "dequantised"):
        columns = np.where(outputs > pixels, 4 * pixels * inputs * taps, SEGMENT) if laid_out else 0
        if kernels == "blocked":  # no need to lay out, but for other groups than whole blocks
            columns = 0 if whole else np.where(outputs % BLOCK == 0, 0, columns)
        return [columns]
    depthwise = not whole and graph.network.shape[node.input[1]][1] == 1
    if depthwise:
        own = outputs % GROUPS == 0
    else:
        own = whole & (outputs >= OUTPUTS) & (outputs % INPUTS == 0) & (inputs % INPUTS == 0)
    weights: list[Elements] = []
    if kernels.endswith("unpacked"):
        own, weights = np.zeros_like(own), [outputs * inputs * taps]
    pointers = 8 * taps * pixels
    columns = pointers if depthwise else np.where(own, pointers, inputs * taps * pixels)
    transposed = [elements[node.input[0]], made] if kernels.startswith("integer_first") else []
    return [*weights, np.where(own, 0, 4 * made), *transposed, columns if laid_out or depthwise else 0]
