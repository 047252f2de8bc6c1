"""Patch-wise execution: the first layers of a network run tile by tile, with equal output.

Early feature maps are the largest. Cut the image into tiles, take each through the first layers on
its own and join the results: only one tile's maps live at a time. A tile's convolutions look at
neighbouring pixels (the halo), which are computed again for each tile.
Source: Lin et al., MCUNetV2 (2021), section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from dmo.errors import ArgumentError

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
RECOMPUTE = 1.5  # the halo may multiply a network's multiply-adds by this much


def tile_file(source: Path, tiles: int, file: Path) -> None:
    """Write the model of source with its first layers tiled; see tile."""
    import onnx

    onnx.save(tile(onnx.load(str(source)), tiles), str(file))


def tile(model: ModelProto, tiles: int, recompute: float = RECOMPUTE) -> ModelProto:
    """The same function with its first layers computed on a tiles x tiles grid of patches.

    Each patch is a crop of the image with its halo, taken through unchanged layers. At sides that
    are not the image's own, padding spoils as much of the result as the halo is wide; that much
    is cropped, so what remains is the model's output and no approximation. All patches have one
    size, so an engine gives the buffers of one to the next, and shortcuts need no crops.

    The layers end at the tensor that makes the memory of live activations smallest, among those
    whose halo multiplies the network's multiply-adds by no more than recompute (if none
    qualifies, where it does so least).

    model: one image input (n, channels, h, w) of known h, w; opset 13 or later. It is not changed.
    Raises ArgumentError when tiles < 1 or no tensor is fit to end the patches at.
    """
    from onnx import helper

    if tiles < 1:
        raise ArgumentError("tiles", "a whole number >= 1", repr(tiles), "use 1 for no patches")
    if tiles == 1:
        return model
    network = _Network.of(model)
    layouts = [layout for cut in network.cuts() if (layout := _Layout.at(network, cut, tiles))]
    if not layouts:
        raise ArgumentError(
            "model",
            f"convolutions of which {tiles} x {tiles} patches are smaller than the image",
            "none in this graph",
            "use fewer patches, a larger resolution, or patches = 1",
        )
    least = min(layout.recompute for layout in layouts)
    allowed = [layout for layout in layouts if layout.recompute <= max(recompute, least)]
    best = min(allowed, key=lambda layout: (layout.peak, layout.recompute))

    nodes, bounds = best.emit()
    tiled = type(model)()
    tiled.CopyFrom(model)
    del tiled.graph.node[:], tiled.graph.value_info[:]
    tiled.graph.node.extend(nodes)
    tiled.graph.initializer.extend(
        helper.make_tensor(name, 7, [len(values)], values) for name, values in bounds.items()
    )
    return tiled


@dataclass(frozen=True)
class _Network:
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
    def of(cls, model: ModelProto) -> _Network:
        from onnx import shape_inference

        graph = shape_inference.infer_shapes(model).graph
        shape = {w.name: tuple(w.dims) for w in graph.initializer}
        images = [i.name for i in graph.input if i.name not in shape]
        if len(images) != 1:
            raise ArgumentError("model", "one input, the image", f"{images}", "export it with one input")
        weights = set(shape)
        for value in (*graph.value_info, *graph.input, *graph.output):
            shape[value.name] = tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        moving, order, constant = set(images), [], []
        for node in _unshared(model.graph.node, weights, shape):
            depends = any(name in moving for name in node.input)
            (order if depends else constant).append(node)
            moving.update(node.output if depends else ())
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
            if convolved and waiting == {made} and not finished:
                found.append(made)
        return found

    def prefix(self, cut: str) -> tuple[NodeProto, ...]:
        """The nodes up to the one that makes the cut."""
        return self.order[: 1 + next(i for i, n in enumerate(self.order) if n.output[0] == cut)]

    def work(self, node: NodeProto, positions: int) -> int:
        """Multiply-adds of a node for this many pixels of its output."""
        return prod(self.shape[node.input[1]]) * positions if node.op_type == "Conv" else 0


@dataclass(frozen=True)
class _Layout:
    """Patches that end at one cut. Per tile: starts, of the image crop, and kept, the region of the cut
    it contributes; extent: size of each tensor of a patch; stride: of each tensor's pixels in the image."""

    network: _Network
    cut: str
    tiles: int
    starts: tuple[Pair, ...]
    kept: tuple[tuple[Interval, Interval], ...]
    extent: Mapping[str, Pair]
    stride: Mapping[str, Pair]

    @classmethod
    def at(cls, network: _Network, cut: str, tiles: int) -> _Layout | None:
        """The patches that end at cut, or None when they would not be smaller than the image."""
        prefix, extent, stride = network.prefix(cut), {}, {network.image: (1, 1)}
        for node in prefix:
            steps = {
                tuple(a * b for a, b in zip(stride[name], _window(network, node)[1], strict=True))
                for name in network.reads(node)
            }
            if len(steps) != 1:
                return None  # branches of different strides: their pixels do not correspond
            stride[node.output[0]] = steps.pop()
        starts, kept, sizes = [], [], []
        for axis in (0, 1):
            side, step = network.side[network.image][axis], stride[cut][axis]
            edges = [network.side[cut][axis] * i // tiles for i in range(tiles + 1)]
            parts = list(pairwise(edges))
            needs = [_need(network, prefix, cut, axis, part) for part in parts]
            size = max(last - first // step * step for first, last in needs)
            size += (side - size) % step  # so that the last patch ends with the image
            if size >= side or min(last - first for first, last in parts) < 1:
                return None
            starts.append([min(first // step * step, side - size) for first, _ in needs])
            kept.append(parts)
            sizes.append(size)
        extent[network.image] = (sizes[0], sizes[1])
        for node in prefix:
            extent[node.output[0]] = _made(network, node, [extent[name] for name in network.reads(node)])
        return cls(
            network,
            cut,
            tiles,
            tuple((r, c) for r in starts[0] for c in starts[1]),
            tuple((r, c) for r in kept[0] for c in kept[1]),
            extent,
            stride,
        )

    @property
    def recompute(self) -> float:
        """Multiply-adds of the tiled network over those of the network."""
        network, tiled, whole = self.network, 0, 0
        for node in network.order:
            made = node.output[0]
            once = network.work(node, prod(network.side.get(made, (0,))))
            whole += once
            again = made in self.extent and network.work(node, prod(self.extent[made]) * self.tiles**2)
            tiled += again or once
        return tiled / max(whole, 1)

    @property
    def peak(self) -> int:
        """Most elements of activations alive at once when the nodes run in the order of emit.

        Elementwise nodes work in place where they may; dequantised tensors are no tensors of
        their own, as in integer kernels.
        """
        nodes, _ = self.emit()
        source = {n.output[0]: n.input[0] for n in nodes if n.op_type == "DequantizeLinear"}
        reads = [[source.get(name, name) for name in n.input if self._size(name)] for n in nodes]
        last = {name: i for i, names in enumerate(reads) for name in names}
        live, most = {self.network.image}, 0
        for i, (node, names) in enumerate(zip(nodes, reads, strict=True)):
            made, dying = node.output[0], {name for name in names if last[name] == i}
            if self._size(made) and made not in source:
                in_place = node.op_type in UNARY | ARITHMETIC and any(
                    self._size(name) == self._size(made) for name in dying
                )
                most = max(most, sum(map(self._size, live)) + (0 if in_place else self._size(made)))
                live.add(made)
            live -= dying
        return most

    def emit(self) -> tuple[list[NodeProto], dict[str, list[int]]]:
        """All nodes of the tiled graph, and the bounds of its crops by name."""
        from onnx import helper

        network, prefix = self.network, self.network.prefix(self.cut)
        nodes, bounds = list(network.constant), {"patch:axes": [2, 3]}

        def crop(name: str, first: Sequence[int], size: Sequence[int], result: str) -> None:
            last = [a + b for a, b in zip(first, size, strict=True)]
            ends = [f"patch:{v[0]},{v[1]}" for v in (first, last)]
            bounds.update(zip(ends, (list(first), last), strict=True))
            nodes.append(helper.make_node("Slice", [name, *ends, "patch:axes"], [result], name=result))

        for tile, (start, kept) in enumerate(zip(self.starts, self.kept, strict=True)):
            mark = f"@{tile}"
            crop(network.image, start, self.extent[network.image], f"{network.image}{mark}")
            for node in prefix:
                copy = type(node)()
                copy.CopyFrom(node)
                copy.name, copy.output[0] = f"{node.name}{mark}", f"{node.output[0]}{mark}"
                moving = network.reads(node)
                size = tuple(min(self.extent[name][axis] for name in moving) for axis in (0, 1))
                for i, name in enumerate(node.input):
                    if name in moving:
                        copy.input[i] = f"{name}{mark}"
                        if node.op_type not in WINDOWED and self.extent[name] != size:
                            copy.input[i] = f"{name}{mark}>{node.name}.{i}"
                            crop(f"{name}{mark}", (0, 0), size, copy.input[i])
                nodes.append(copy)
            first = [k[0] - s // t for k, s, t in zip(kept, start, self.stride[self.cut], strict=True)]
            crop(f"{self.cut}{mark}", first, [last - low for low, last in kept], f"{self.cut}{mark}.kept")
            if (tile + 1) % self.tiles == 0:
                row = [f"{self.cut}@{i}.kept" for i in range(tile + 1 - self.tiles, tile + 1)]
                nodes.append(helper.make_node("Concat", row, [f"{mark}.row"], name=f"{mark}.row", axis=3))
        rows = [f"@{i}.row" for i in range(self.tiles - 1, self.tiles**2, self.tiles)]
        nodes.append(helper.make_node("Concat", rows, [self.cut], name=f"{self.cut}@", axis=2))
        return [*nodes, *network.order[len(prefix) :]], bounds

    def _size(self, name: str) -> int:
        """Elements of a tensor of the tiled graph, 0 for those that do not count."""
        network, (tensor, _, mark) = self.network, name.partition("@")
        if not mark:
            return network.shape[name][1] * prod(network.side[name]) if name in network.side else 0
        channels = network.shape[tensor or self.cut][1]
        if mark.endswith(".row"):
            (first, last), _ = self.kept[int(mark[:-4])]
            return channels * (last - first) * network.side[self.cut][1]
        if mark.endswith(".kept"):
            return channels * prod(last - first for first, last in self.kept[int(mark[:-5])])
        return channels * prod(self.extent[tensor])


def _need(network: _Network, prefix: Sequence[NodeProto], cut: str, axis: int, part: Interval) -> Interval:
    """The rows or columns of the image on which a part of the cut depends."""
    need = {cut: part}
    for node in reversed(prefix):
        kernel, stride, dilation, pads = (values[axis] for values in _window(network, node))
        for name in network.reads(node):
            first, last = need[node.output[0]]
            low = max(first * stride - pads, 0)
            high = min((last - 1) * stride - pads + (kernel - 1) * dilation + 1, network.side[name][axis])
            old = need.get(name, (low, high))
            need[name] = min(low, old[0]), max(high, old[1])
    return need[network.image]


def _made(network: _Network, node: NodeProto, inputs: Sequence[Pair]) -> Pair:
    """The size of a node's output for inputs of these sizes."""
    size = tuple(min(values) for values in zip(*inputs, strict=True))
    kernel, stride, dilation, _ = _window(network, node)
    pads = _pads(node)
    made = [
        (size[a] + pads[a] + pads[a + 2] - (kernel[a] - 1) * dilation[a] - 1) // stride[a] + 1 for a in (0, 1)
    ]
    return made[0], made[1]


def _window(network: _Network, node: NodeProto) -> tuple[Sequence[int], ...]:
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
        for i, name in enumerate(node.input):
            if name in shared:
                own = type(node)()
                own.CopyFrom(shared[name])
                own.name = own.output[0] = copy.input[i] = f"{name}>{node.name}.{i}"
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
