"""Families: the ONNX graphs of all widths of an elastic network, described together."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.types import IntArray
from problems.deployment.elastic.shape import Build, Elastic
from problems.deployment.memory.tileable import ARITHMETIC, UNARY, WINDOWED, Network, dense

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto
    from torch import nn

Elements = NDArray[np.int64] | int  # of a tensor for every width; 0: it does not count
Size = Callable[[str], Elements]  # of a tensor by name
KINDS = ("plain", "folded", "int8")  # batch norms as nodes of their own, merged, or merged and quantised
BLOCK = 16  # channels that ONNX Runtime's layout pass keeps together on processors with AVX-512, 8 on others


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph of one depth, kind and resolution; dims: of each tensor and weight, one
    (widths,) array each."""

    network: Network
    widths: int
    dims: Mapping[str, tuple[NDArray[np.int64], ...]]

    def work(self, node: NodeProto) -> Elements:
        """Multiply-adds for one pixel of a node's output, of each width."""
        return prod(self.dims[node.input[1]]) if node.op_type == "Conv" else 0

    def size(self, name: str) -> Elements:
        """Elements of a tensor, of each width."""
        network = self.network
        return self.dims[name][1] * prod(network.side[name]) if name in network.side else 0

    def only(self, which: IntArray) -> Graph:
        """The graph of some of the widths, (n,)."""
        dims = {n: tuple(np.broadcast_to(d, self.widths)[which] for d in s) for n, s in self.dims.items()}
        return Graph(self.network, len(which), dims)

    def blocked(self) -> Graph:
        """The same with channels rounded up to whole blocks, where the layout pass does so.

        What a dense convolution makes is in blocks, and what keeps its shape stays in them; it reads
        blocks, but for fewer channels than one.
        Source: ONNX Runtime 1.32, core/optimizer/nchwc_transformer.cc.
        """
        network, dims = self.network, dict(self.dims)
        whole: set[str] = set()
        for node in network.order:
            made, reads = node.output[0], network.reads(node)
            stays = node.op_type in UNARY | ARITHMETIC | WINDOWED and whole.issuperset(reads)
            if node.op_type == "Conv" and dense(node):
                outputs, inputs, *kernel = dims[node.input[1]]
                read = np.where(inputs < BLOCK, inputs, rounded(inputs))
                dims[node.input[1]] = (rounded(outputs), read, *kernel)
                stays = True
            if stays:
                whole.add(made)
                images, channels, *side = dims[made]
                dims[made] = (images, rounded(channels), *side)
        return Graph(network, self.widths, dims)


@dataclass(frozen=True, eq=False)
class Family:
    """The graphs of one depth and kind. widest: builds the one that others are slices of; dims: see Graph."""

    widest: Callable[[], nn.Module]
    kind: str
    widths: int
    dims: Mapping[str, tuple[NDArray[np.int64], ...]]

    @classmethod
    def of(cls, build: Build, elastic: Elastic, depth: Sequence[int], kind: str) -> Family:
        full = elastic.largest.width
        widest = partial(build, full, depth)
        base = Network.of(exported(widest(), elastic.largest.resolution, kind)).shape

        def narrowed(width: Sequence[int]) -> Mapping[str, tuple[int, ...]]:
            found = Network.of(exported(build(width, depth), elastic.largest.resolution, kind)).shape
            if found.keys() != base.keys():
                raise ArgumentError(
                    "build", "a graph whose nodes do not depend on width", str(width), "count it otherwise"
                )
            return found

        grid = np.indices([len(levels) for levels in elastic.width]).reshape(len(full), -1)
        changes = []
        for s, levels in enumerate(elastic.width):
            single = [narrowed([*full[:s], w, *full[s + 1 :]]) for w in levels[:-1]] + [base]
            changes.append(single)
        dims = {
            name: tuple(
                size
                + sum(np.array([c[name][i] - size for c in one])[grid[s]] for s, one in enumerate(changes))
                for i, size in enumerate(sizes)
            )
            for name, sizes in base.items()
        }
        for name, sizes in narrowed(elastic.smallest.width).items():
            if tuple(int(d[0]) for d in dims[name]) != sizes:
                raise ArgumentError(
                    "build",
                    "a network whose layers' dimensions are sums over the stages' widths",
                    f"{name} of {sizes} where single changes say {tuple(int(d[0]) for d in dims[name])}",
                    "leave the counted graphs out",
                )
        return cls(widest, kind, grid.shape[1], dims)

    def at(self, side: int) -> Graph:
        """The graph for images of this side, exported at it: how far filters are spread may depend on it."""
        return Graph(Network.of(exported(self.widest(), side, self.kind)), self.widths, self.dims)


def rounded(channels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Channels of whole blocks."""
    return -(-channels // BLOCK) * BLOCK


def exported(module: nn.Module, side: int, kind: str) -> ModelProto:
    import onnx
    import torch

    from problems.deployment.graph.export import export
    from problems.deployment.graph.quantise import quantise

    draws = torch.Generator().manual_seed(0)
    with torch.no_grad():  # all weights different: the exporter keeps equal ones once
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.0, generator=draws)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "graph.onnx"
        export(module.eval(), side, file, fold=kind != "plain")
        model = onnx.load(str(file))
        if kind == "int8":  # which nodes it gets does not depend on the images
            channels = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
            quantise(file, np.zeros((1, channels, side, side), np.float32), file)
            model = onnx.load(str(file))
    return model
