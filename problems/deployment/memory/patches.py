"""Patch-wise execution: the first layers of a network run tile by tile, with equal output.

Early feature maps are the largest. Cut the image into tiles, take each through the first layers on
its own and join the results: only one tile's maps live at a time. A tile's convolutions look at
neighbouring pixels (the halo), which are computed again for each tile.
Source: Lin et al., MCUNetV2 (2021), section 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from dmo.errors import ArgumentError
from problems.deployment.memory.tileable import (
    ARITHMETIC,
    UNARY,
    WINDOWED,
    Interval,
    Network,
    Pair,
    made_size,
    need,
    window,
)

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

RECOMPUTE = 2.5  # the halo may multiply a network's multiply-adds by this much


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
    network = Network.of(model)
    layouts = [layout for cut in network.cuts() if (layout := Layout.at(network, cut, tiles))]
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
class Layout:
    """Patches that end at one cut. Per tile: starts, of the image crop, and kept, the region of the cut
    it contributes; extent: size of each tensor of a patch; stride: of each tensor's pixels in the image."""

    network: Network
    cut: str
    tiles: int
    starts: tuple[Pair, ...]
    kept: tuple[tuple[Interval, Interval], ...]
    extent: Mapping[str, Pair]
    stride: Mapping[str, Pair]

    @classmethod
    def at(cls, network: Network, cut: str, tiles: int) -> Layout | None:
        """The patches that end at cut, or None when they would not be smaller than the image."""
        prefix, stride = network.prefix(cut), {network.image: (1, 1)}
        for node in prefix:
            rows, columns = window(network, node)[1]
            steps = {(stride[name][0] * rows, stride[name][1] * columns) for name in network.reads(node)}
            if len(steps) != 1:
                return None  # branches of different strides: their pixels do not correspond
            stride[node.output[0]] = steps.pop()
        starts, kept, sizes = [], [], []
        for axis in (0, 1):
            side, step = network.side[network.image][axis], stride[cut][axis]
            edges = [network.side[cut][axis] * i // tiles for i in range(tiles + 1)]
            parts = list(pairwise(edges))
            needs = [need(network, prefix, cut, axis, part) for part in parts]
            size = max(last - first // step * step for first, last in needs)
            size += (side - size) % step  # so that the last patch ends with the image
            if size >= side or min(last - first for first, last in parts) < 1:
                return None
            starts.append([min(first // step * step, side - size) for first, _ in needs])
            kept.append(parts)
            sizes.append(size)
        extent = {network.image: (sizes[0], sizes[1])}
        for node in prefix:
            extent[node.output[0]] = made_size(network, node, [extent[name] for name in network.reads(node)])
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
        reads = [[source.get(name, name) for name in n.input if self.size(name)] for n in nodes]
        last = {name: i for i, names in enumerate(reads) for name in names}
        live, most = {self.network.image}, 0
        for i, (node, names) in enumerate(zip(nodes, reads, strict=True)):
            made, dying = node.output[0], {name for name in names if last[name] == i}
            if self.size(made) and made not in source:
                in_place = node.op_type in UNARY | ARITHMETIC and any(
                    self.size(name) == self.size(made) for name in dying
                )
                most = max(most, sum(map(self.size, live)) + (0 if in_place else self.size(made)))
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

    def size(self, name: str) -> int:
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
