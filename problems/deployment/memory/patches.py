"""Patch-wise execution: the first layers of a network run tile by tile, with equal output.

Early feature maps are the largest. Cut the image into tiles, take each through the first layers on
its own and join the results: only one tile's maps live at a time. A tile's convolutions need a
border of neighbouring pixels (the halo), which is computed again for each tile.
Source: Lin et al., MCUNetV2 (2021), section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dmo.errors import ArgumentError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Interval = tuple[int, int]  # [first, last) rows or columns
Region = tuple[Interval, Interval]

ELEMENTWISE = frozenset(
    "Relu LeakyRelu Clip Sigmoid HardSigmoid HardSwish Tanh Elu Identity BatchNormalization "
    "QuantizeLinear DequantizeLinear Add Sub Mul Div Concat".split()
)
WINDOWED = frozenset({"Conv", "MaxPool", "AveragePool"})
RECOMPUTE = 1.5  # the halo may multiply a network's multiply-adds by this much


def tile_file(source: Path, tiles: int, file: Path) -> None:
    """Write the model of source with its first layers tiled; see tile."""
    import onnx

    onnx.save(tile(onnx.load(str(source)), tiles), str(file))


def tile(model: ModelProto, tiles: int, recompute: float = RECOMPUTE) -> ModelProto:
    """The same function with its first layers computed on a tiles x tiles grid of patches.

    Each patch reads the input with its halo and pads only at the image's border, so the output is
    that of the model, not an approximation. The layers end at the tensor that makes the memory of
    live activations smallest, among those whose halo multiplies the network's multiply-adds by no
    more than recompute (if none qualifies, where it does so least).

    model: one image input (n, channels, h, w) of known h, w; opset 13 or later. It is not changed.
    Raises ArgumentError when tiles < 1 or no tensor is fit to end the tiles at.
    """
    from onnx import helper

    if tiles < 1:
        raise ArgumentError("tiles", "a whole number >= 1", repr(tiles), "use 1 for no patches")
    if tiles == 1:
        return model
    network = _Network.of(model)
    cuts = [c for c in network.cuts() if min(network.side[c]) >= tiles]
    layouts = [layout for c in cuts if (layout := _Layout.at(network, c, tiles)) is not None]
    if not layouts:
        raise ArgumentError(
            "model",
            f"a tensor of {tiles} x {tiles} pixels or more that alone carries the first convolutions on",
            "none in this graph",
            "use fewer patches, or patches = 1",
        )
    cheap = [x for x in layouts if x.recompute <= recompute]
    best = (
        min(cheap, key=lambda x: (x.peak, x.recompute)) if cheap else min(layouts, key=lambda x: x.recompute)
    )

    nodes, slices = best.emit()
    tiled = type(model)()
    tiled.CopyFrom(model)
    del tiled.graph.node[:]
    tiled.graph.node.extend(nodes)
    tiled.graph.initializer.extend(
        helper.make_tensor(name, 7, [len(values)], values) for name, values in slices.items()
    )
    del tiled.graph.value_info[:]  # sizes of tensors that are now tiles
    return tiled


@dataclass(frozen=True)
class _Network:
    """What tiling must know of a graph. order: nodes that depend on the image, inputs first."""

    image: str
    order: tuple[NodeProto, ...]
    constant: tuple[NodeProto, ...]
    side: Mapping[str, tuple[int, int]]  # height and width of each 4-d tensor
    shape: Mapping[str, tuple[int, ...]]
    outputs: frozenset[str]

    @classmethod
    def of(cls, model: ModelProto) -> _Network:
        from onnx import shape_inference

        graph = shape_inference.infer_shapes(model).graph
        weights = {w.name: tuple(w.dims) for w in graph.initializer}
        images = [i.name for i in graph.input if i.name not in weights]
        if len(images) != 1:
            raise ArgumentError("model", "one input, the image", f"{images}", "export it with one input")
        shape = dict(weights)
        for value in (*graph.value_info, *graph.input, *graph.output):
            shape[value.name] = tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        moving, order, constant = set(images), [], []
        for node in _unshared(model.graph.node, set(weights), shape):
            depends = any(name in moving for name in node.input)
            (order if depends else constant).append(node)
            if depends:
                moving.update(node.output)
        side = {t: (s[2], s[3]) for t, s in shape.items() if t in moving and len(s) == 4 and min(s[1:]) > 0}
        outputs = frozenset(value.name for value in graph.output)
        return cls(images[0], tuple(order), tuple(constant), side, shape, outputs)

    def moving(self, node: NodeProto) -> list[str]:
        """The inputs of a node that depend on the image."""
        made = {self.image, *(n.output[0] for n in self.order)}
        return [name for name in node.input if name in made]

    def tileable(self, node: NodeProto) -> bool:
        """Whether a region of the node's output depends on a region of its inputs only."""
        inputs = self.moving(node)
        if len(node.output) != 1 or any(t not in self.side for t in (*inputs, node.output[0])):
            return False
        fixed = [self.shape.get(name, (0,)) for name in node.input if name and name not in inputs]
        if node.op_type in WINDOWED:
            plain = _text(node, "auto_pad", "NOTSET") in ("NOTSET", "VALID") and not _int(
                node, "ceil_mode", 0
            )
            return plain and inputs == [node.input[0]]
        if node.op_type not in ELEMENTWISE or {self.side[t] for t in inputs} != {self.side[node.output[0]]}:
            return False
        if node.op_type == "Concat":
            return _int(node, "axis", 0) in (1, -3) and not fixed
        if node.op_type in ("Add", "Sub", "Mul", "Div"):
            return all(all(size == 1 for size in shape[-2:]) for shape in fixed)
        return inputs == [node.input[0]]

    def cuts(self) -> list[str]:
        """Tensors through which alone the image reaches the output, behind tileable layers only."""
        found: list[str] = []
        open_, convolved = {self.image}, False  # tensors made but not used up yet
        uses = [name for node in self.order for name in self.moving(node)]
        left = {name: uses.count(name) for name in uses}
        for i, node in enumerate(self.order):
            if not self.tileable(node):
                break
            convolved |= node.op_type in WINDOWED
            for name in self.moving(node):
                left[name] -= 1
                if not left[name]:
                    open_.discard(name)
            made = node.output[0]
            if made in self.outputs:
                break
            open_.add(made)
            fused = i + 1 < len(self.order) and left.get(made) == 1 and self._follows(self.order[i + 1], made)
            if convolved and open_ == {made} and not fused:
                found.append(made)
        return found

    def _follows(self, node: NodeProto, tensor: str) -> bool:
        """Whether the node only finishes the tensor off (activation, quantisation) and so joins its layer."""
        unary = node.op_type in ELEMENTWISE - {"Concat", "DequantizeLinear"}
        return unary and self.tileable(node) and self.moving(node) == [tensor]


@dataclass(frozen=True)
class _Layout:
    """The tiles of one cut. regions: of each tile, the region of each tensor it computes."""

    network: _Network
    cut: str
    tiles: int
    regions: tuple[Mapping[str, Region], ...]
    peak: int  # most elements of activations alive at once
    recompute: float

    @classmethod
    def at(cls, network: _Network, cut: str, tiles: int) -> _Layout | None:
        """The tiles that end at cut, or None when some tile would see nothing but padding."""
        rows, columns = (_split(size, tiles) for size in network.side[cut])
        prefix = _prefix(network, cut)
        regions = tuple(_regions(network, prefix, cut, (r, c)) for r in rows for c in columns)
        if any(lo >= hi for tile in regions for region in tile.values() for lo, hi in region):
            return None
        draft = cls(network, cut, tiles, regions, 0, 0.0)
        nodes, _ = draft.emit()
        work = sum(_work(network, n, _area(t[n.output[0]])) for t in regions for n in prefix)
        whole = {
            n.output[0]: _work(network, n, _area_of(network.side.get(n.output[0]))) for n in network.order
        }
        rest = sum(whole.values()) - sum(whole[n.output[0]] for n in prefix)
        factor = (work + rest) / max(1, sum(whole.values()))
        return cls(network, cut, tiles, regions, _peak(nodes, draft._sizes(), network), factor)

    def emit(self) -> tuple[list[NodeProto], dict[str, list[int]]]:
        """All nodes of the tiled graph, and the bounds of its slices by name."""
        from onnx import helper

        network, tiles = self.network, self.tiles
        nodes, bounds = list(network.constant), {"patch_axes": [2, 3]}
        prefix = _prefix(network, self.cut)
        rows = []
        for r in range(tiles):
            for c in range(tiles):
                self._emit_tile(prefix, r, c, nodes, bounds)
            parts = [f"{self.cut}@{r}.{c}" for c in range(tiles)]
            rows.append(f"{self.cut}@{r}")
            nodes.append(helper.make_node("Concat", parts, [rows[-1]], name=rows[-1], axis=3))
        nodes.append(helper.make_node("Concat", rows, [self.cut], name=f"{self.cut}@", axis=2))
        ends = {n.output[0] for n in prefix}
        return nodes + [n for n in network.order if n.output[0] not in ends], bounds

    def _emit_tile(
        self,
        prefix: Sequence[NodeProto],
        row: int,
        column: int,
        nodes: list[NodeProto],
        bounds: dict[str, list[int]],
    ) -> None:
        from onnx import helper

        network, mark = self.network, f"@{row}.{column}"
        regions = self.regions[row * self.tiles + column]
        cropped: set[str] = set()
        for node in prefix:
            copy = type(node)()
            copy.CopyFrom(node)
            copy.name, copy.output[0] = f"{node.name}{mark}", f"{node.output[0]}{mark}"
            for i, name in enumerate(node.input):
                if name not in regions:
                    continue
                needed, pads = _read(network, node, name, regions[node.output[0]])
                whole = name == network.image
                have = tuple((0, size) for size in network.side[name]) if whole else regions[name]
                copy.input[i] = name if whole else f"{name}{mark}"
                if needed != have:
                    corner = [n[0] - h[0] for n, h in zip(needed, have)]
                    end = [n[1] - h[0] for n, h in zip(needed, have)]
                    crop = f"{name}{mark}[{corner[0]}:{end[0]},{corner[1]}:{end[1]}]"
                    if crop not in cropped:
                        first, last = (f"patch_{v[0]}_{v[1]}" for v in (corner, end))
                        bounds.update({first: corner, last: end})
                        inputs = [copy.input[i], first, last, "patch_axes"]
                        nodes.append(helper.make_node("Slice", inputs, [crop], name=crop))
                        cropped.add(crop)
                    copy.input[i] = crop
                if node.op_type in WINDOWED:
                    kept = [a for a in copy.attribute if a.name not in ("pads", "auto_pad")]
                    del copy.attribute[:]
                    copy.attribute.extend([*kept, helper.make_attribute("pads", pads)])
            nodes.append(copy)

    def _sizes(self) -> dict[str, int]:
        """Elements of every tensor of the tiled graph that may matter."""
        network = self.network
        channels = {t: network.shape[t][1] for t in network.side}
        size = {t: channels[t] * _area_of(network.side[t]) for t in network.side}
        for i, regions in enumerate(self.regions):
            mark = f"@{i // self.tiles}.{i % self.tiles}"
            size.update({f"{t}{mark}": channels[t] * _area(region) for t, region in regions.items()})
        for r in range(self.tiles):
            parts = [f"{self.cut}@{r}.{c}" for c in range(self.tiles)]
            size[f"{self.cut}@{r}"] = sum(size[p] for p in parts)
        return size


def _prefix(network: _Network, cut: str) -> list[NodeProto]:
    """The nodes up to the one that makes the cut."""
    last = next(i for i, n in enumerate(network.order) if n.output[0] == cut)
    return list(network.order[: last + 1])


def _regions(network: _Network, prefix: Sequence[NodeProto], cut: str, region: Region) -> dict[str, Region]:
    """The region of each tensor that one region of the cut depends on: the hull over its readers."""
    need = {cut: region}
    for node in reversed(prefix):
        for name in network.moving(node):
            part, _ = _read(network, node, name, need[node.output[0]])
            old = need.get(name, part)
            need[name] = tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(old, part))  # type: ignore[assignment]
    return need


def _read(network: _Network, node: NodeProto, name: str, region: Region) -> tuple[Region, list[int]]:
    """What a node reads of an input for a region of its output, and the padding it then needs."""
    if node.op_type not in WINDOWED:
        return region, []
    kernel = _ints(node, "kernel_shape", network.shape[node.input[1]][2:] if len(node.input) > 1 else (1, 1))
    stride, dilation = _ints(node, "strides", (1, 1)), _ints(node, "dilations", (1, 1))
    pads = _ints(node, "pads", (0, 0, 0, 0)) if _text(node, "auto_pad", "NOTSET") == "NOTSET" else (0,) * 4
    read, begins, ends = [], [], []
    for axis, (lo, hi) in enumerate(region):
        first = lo * stride[axis] - pads[axis]
        last = (hi - 1) * stride[axis] - pads[axis] + (kernel[axis] - 1) * dilation[axis] + 1
        size = network.side[name][axis]
        read.append((max(first, 0), min(last, size)))
        begins.append(max(-first, 0))
        ends.append(max(last - size, 0))
    return (read[0], read[1]), begins + ends


def _peak(nodes: Sequence[NodeProto], size: Mapping[str, int], network: _Network) -> int:
    """Most elements alive at once when the nodes run in this order.

    Elementwise nodes work in place where they may, and dequantised tensors are no tensors of
    their own, as in the integer kernels.
    """
    alias: dict[str, str] = {}
    last: dict[str, int] = {network.image: 0}
    steps: list[tuple[list[str], str, bool]] = []
    for i, node in enumerate(nodes):
        made = node.output[0]
        reads = [alias.get(name, name) for name in node.input if name in last or name in alias]
        if node.op_type == "DequantizeLinear" and reads:
            alias[made] = reads[0]
        if node.op_type == "Slice" or made in size:
            last[made] = i
        for name in reads:
            last[name] = i
        steps.append((reads, made, node.op_type in ELEMENTWISE - {"Concat"}))
    live, most = {network.image}, 0
    for i, (reads, made, in_place) in enumerate(steps):
        dying = {name for name in reads if last[name] == i}
        if made in size and made not in alias:
            reused = in_place and any(size.get(name) == size[made] for name in dying)
            live.add(made)
            most = max(most, sum(size.get(name, 0) for name in live) - (size[made] if reused else 0))
        live -= dying
    return most


def _work(network: _Network, node: NodeProto, area: int) -> int:
    """Multiply-adds of a convolution for this many pixels of output."""
    if node.op_type != "Conv":
        return 0
    weights = 1
    for extent in network.shape[node.input[1]]:
        weights *= extent
    return weights * area


def _unshared(
    nodes: Iterable[NodeProto], weights: set[str], shape: dict[str, tuple[int, ...]]
) -> list[NodeProto]:
    """The nodes, with one DequantizeLinear per reader, so that crops are taken of integers.

    A crop behind the DequantizeLinear would keep its reader from becoming an integer kernel.
    """
    nodes = list(nodes)
    readers: dict[str, int] = {}
    for node in nodes:
        for name in set(node.input):
            readers[name] = readers.get(name, 0) + 1
    shared = {
        n.output[0]: n
        for n in nodes
        if n.op_type == "DequantizeLinear" and n.input[0] not in weights and readers.get(n.output[0], 0) > 1
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


def _split(size: int, parts: int) -> list[Interval]:
    edges = [size * i // parts for i in range(parts + 1)]
    return list(zip(edges, edges[1:]))


def _area(region: Region) -> int:
    (top, bottom), (left, right) = region
    return (bottom - top) * (right - left)


def _area_of(side: tuple[int, int] | None) -> int:
    return side[0] * side[1] if side else 0


def _ints(node: NodeProto, name: str, default: Sequence[int]) -> tuple[int, ...]:
    return next((tuple(a.ints) for a in node.attribute if a.name == name), tuple(default))


def _int(node: NodeProto, name: str, default: int) -> int:
    return next((int(a.i) for a in node.attribute if a.name == name), default)


def _text(node: NodeProto, name: str, default: str) -> str:
    return next((a.s.decode() for a in node.attribute if a.name == name), default)
