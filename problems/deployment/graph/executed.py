"""Executed: what every subnet executes on paper, patches included, counted from its ONNX graph.

Where patches end (see memory.patches) jumps from subnet to subnet, and the executed multiply-adds
with it: no smooth function of widths and depths gives them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError, DataError
from dmo.files import UNREADABLE, reason, replacing
from dmo.types import Array, IntArray
from problems.deployment.elastic.shape import Build, Elastic
from problems.deployment.graph.allocations import Allocations, Kernels
from problems.deployment.graph.blocks import alike
from problems.deployment.graph.families import KINDS, Elements, Family, Graph, Size
from problems.deployment.memory.patches import RECOMPUTE, Layout
from problems.deployment.memory.tileable import ARITHMETIC, UNARY

if TYPE_CHECKING:
    from onnx import NodeProto

Way = tuple[Sequence["NodeProto"], Size, Mapping[str, tuple[int, int]], int]  # as _figures takes it

# What is executed: an exported graph, and how its convolutions run.
GRAPHS: Mapping[str, tuple[str, Kernels]] = {
    "plain": ("plain", "float"),
    "folded": ("folded", "float"),
    "blocked": ("folded", "blocked"),
    "int8": ("int8", "integer"),
    "int8_first": ("int8", "integer_first"),
    "int8_unpacked": ("int8", "integer_unpacked"),
    "int8_first_unpacked": ("int8", "integer_first_unpacked"),
    "dequantised": ("int8", "dequantised"),
}
COLUMNS = (
    "macs",  # multiply-adds of convolutions, recomputed halos included
    "written",  # elements that all nodes write
    "live",  # most elements of activations alive at once
    "convolutions",  # nodes of this kind, each tile's counted
    "moves",  # nodes that cut tiles out or join them
    "nodes",  # all that depend on the image
    "arena",  # MiB of ONNX Runtime's arena that a first run touches (see memory.regions)
    "patterned",  # the same, with a block planned for all activations
)


@dataclass(frozen=True, eq=False)
class Executed:
    """COLUMNS of every subnet, kind of graph and number of patches.

    values: (subnets, GRAPHS, patches, columns) float32, subnets in the order of cost.CostTable;
    patches: tiles a side, in the order of that axis. Raises ArgumentError when they do not fit.
    """

    elastic: Elastic
    patches: tuple[int, ...]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        wanted = (prod(self._sizes), len(GRAPHS), len(self.patches), len(COLUMNS))
        if self.values.shape != wanted or not np.isfinite(self.values).all():
            raise ArgumentError(
                "values", f"finite, of shape {wanted}", str(self.values.shape), "make it with Executed.of"
            )

    def __call__(self, levels: IntArray, kind: IntArray, patches: IntArray) -> Array:
        """(n, columns) for (n, s) level indices (a width per stage, a depth per stage, the resolution),
        and (n,) indices into GRAPHS and `patches`."""
        strides = np.array([prod(self._sizes[i + 1 :]) for i in range(len(self._sizes))])
        return self.values[levels @ strides, kind, patches].astype(float)

    @property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(map(len, self.elastic.levels.values()))

    @classmethod
    def of(
        cls,
        build: Build,
        elastic: Elastic,
        patches: Sequence[int] = (3, 2, 1),
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Executed:
        """Count all subnets from exported graphs: of each depth and kind some ten, and the widest at each
        resolution, where filters may be spread otherwise (a minute for ResNet).

        Which nodes there are depends on depth and kind, tiles on these and the resolution, so that
        widths are counted together; a tensor's dimensions follow from adding single changes of
        width up, which the narrowest network is held against. Where an image is too small for so
        many tiles, the figures are those without. Each early exit is counted as a network of its own.
        Raises ArgumentError for a network of which that is not true.
        """
        if elastic.exit:
            single = replace(elastic, exit=())
            each = [cls.of(partial(build, exit=e), single, patches, progress).values for e in elastic.exit]
            by_side = [v.reshape(-1, len(elastic.resolution), *v.shape[1:]) for v in each]
            joined = np.stack(by_side, axis=1)
            return cls(elastic, tuple(patches), joined.reshape(-1, *joined.shape[3:]))
        depths = list(product(*elastic.depth))
        widths = prod(map(len, elastic.width))
        values = np.empty(
            (widths, len(depths), len(elastic.resolution), len(GRAPHS), len(patches), len(COLUMNS)),
            np.float32,
        )
        for done, (d, k) in enumerate(product(range(len(depths)), range(len(KINDS)))):
            progress(done, len(depths) * len(KINDS))
            family = Family.of(build, elastic, depths[d], KINDS[k])
            for r, side in enumerate(elastic.resolution):
                graph = family.at(side)
                own = [(g, how) for g, (kind, how) in enumerate(GRAPHS.values()) if kind == KINDS[k]]
                for p, tiles in enumerate(patches):
                    for (g, _), counts in zip(own, _counted(graph, tiles, [h for _, h in own]), strict=True):
                        values[:, d, r, g, p] = counts
        progress(len(depths) * len(KINDS), len(depths) * len(KINDS))
        return cls(elastic, tuple(patches), values.reshape(-1, *values.shape[3:]))

    @staticmethod
    def file(network: str) -> Path:
        """Where the counted graphs that ship with a network of this name are."""
        return Path(__file__).parents[1] / "data" / f"{network}_graphs.npz"

    def save(self, file: Path) -> None:
        """Write it in one step: a reader finds the old file or the whole new one."""
        counts = {"graphs": [*GRAPHS], "columns": COLUMNS}
        head = json.dumps({"elastic": self.elastic.to_dict(), "patches": self.patches, **counts})
        with replacing(Path(file)) as partial:
            np.savez_compressed(partial, head=np.array(head), values=self.values)

    @classmethod
    def load(cls, file: Path, remedy: str) -> Executed:
        """What save wrote. Raises DataError, ending in `remedy`, when it is damaged or counts otherwise."""
        try:
            with Path(file).open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                head, values = json.loads(str(stored["head"])), stored["values"]
            if head["columns"] != [*COLUMNS] or head.get("graphs") != [*GRAPHS]:
                raise DataError(f"{file} counts other quantities than this version; {remedy}")
            return cls(Elastic(**head["elastic"]), tuple(head["patches"]), values)
        except (ArgumentError, *UNREADABLE) as error:
            raise DataError(f"{file} cannot be read as counted graphs ({reason(error)}); {remedy}") from error


def _counted(graph: Graph, tiles: int, variants: Sequence[Kernels]) -> list[Array]:
    """(widths, columns) of COLUMNS of each variant, tiled as memory.patches.tile does for each width."""
    network = graph.network
    layouts = [] if tiles == 1 else [f for cut in network.cuts() if (f := Layout.at(network, cut, tiles))]
    ways = [_laid_out(graph, layout) for layout in layouts] or [_whole(graph)]
    each = np.stack([_figures(graph, *way) for way in ways])  # (layouts, widths, columns)
    whole = _figures(graph, *_whole(graph)) if layouts else each[0]
    recompute = each[:, :, 0] / np.maximum(whole[:, 0], 1.0)
    allowed = recompute <= np.maximum(RECOMPUTE, recompute.min(axis=0))
    # The first in the order of (live, recompute) among those allowed.
    chosen = np.lexsort((recompute, each[:, :, COLUMNS.index("live")], ~allowed), axis=0)[0]
    found = []
    for kernels in variants:
        values = np.empty((graph.widths, len(COLUMNS)))
        for k in np.unique(chosen):
            which = np.flatnonzero(chosen == k)
            if kernels == "blocked":
                values[which] = _figures_in_blocks(graph.only(which), layouts[k] if layouts else None)
            else:
                touched = Allocations.of(graph, *ways[k][:2], kernels).touched(which)
                values[which] = np.concatenate([each[k][which], touched / 2**20], axis=1)
        found.append(values)
    return found


def _figures_in_blocks(graph: Graph, layout: Layout | None) -> Array:
    """(widths, columns) of COLUMNS with these patches, channels in blocks."""
    counted = graph.blocked()  # which has more channels to multiply; what orders them anew is not counted
    figures = _figures(counted, *(_laid_out(counted, layout) if layout else _whole(counted)))
    touched = np.empty((graph.widths, 2))
    for which in alike(graph):
        some = graph.only(which)
        nodes, size, *_ = _laid_out(some, layout) if layout else _whole(some)
        touched[which] = Allocations.of(some, nodes, size, "blocked").touched(np.arange(len(which)))
    return np.concatenate([figures, touched / 2**20], axis=1)


def _whole(graph: Graph) -> Way:
    return graph.network.order, graph.size, {}, 1


def _laid_out(graph: Graph, layout: Layout) -> Way:
    network, nodes = graph.network, layout.emit()[0]
    constant = {n.output[0] for n in network.constant}
    known: dict[str, Elements] = {}

    def size(name: str) -> Elements:
        # Elements are channels times area; what the layout says is of the widest network.
        if name not in known:
            tensor = name.partition("@")[0] or layout.cut
            elements = layout.size(name)
            known[name] = graph.dims[tensor][1] * (elements // network.shape[tensor][1]) if elements else 0
        return known[name]

    moving = [n for n in nodes if n.output[0] not in constant]
    return moving, size, layout.extent, layout.tiles**2


def _figures(
    graph: Graph, nodes: Sequence[NodeProto], size: Size, extent: Mapping[str, tuple[int, int]], copies: int
) -> Array:
    """(widths, columns) of a graph whose nodes run in this order."""
    network, widths = graph.network, graph.widths
    macs = np.zeros(widths)
    for node in network.order:
        made = node.output[0]
        if made in network.side:
            again = prod(extent[made]) * copies if made in extent else prod(network.side[made])
            macs += graph.work(node) * float(again)
    written = sum((np.asarray(size(n.output[0]), dtype=float) for n in nodes), np.zeros(widths))
    kinds = [n.op_type for n in nodes]
    counts = (
        kinds.count("Conv"),
        kinds.count("Slice") + kinds.count("Concat"),
        len(nodes),
    )
    fixed = [np.full(widths, float(c)) for c in counts]
    return np.stack([macs, written, _live(nodes, size, network.image, widths), *fixed], axis=1)


def _live(nodes: Sequence[NodeProto], size: Size, image: str, widths: int) -> Array:
    """Layout.peak for all widths at once."""
    source = {n.output[0]: n.input[0] for n in nodes if n.op_type == "DequantizeLinear"}
    sizes: dict[str, NDArray[np.int64]] = {}
    for name in {image, *(name for n in nodes for name in (*n.input, *n.output))}:
        elements = np.broadcast_to(size(name), widths)
        if elements.any():
            sizes[name] = elements
    reads = [[source.get(name, name) for name in n.input if name in sizes] for n in nodes]
    last = {name: i for i, names in enumerate(reads) for name in names}
    live, most = {image}, np.zeros(widths)
    for i, (node, names) in enumerate(zip(nodes, reads, strict=True)):
        made, dying = node.output[0], {name for name in names if last[name] == i}
        if made in sizes and made not in source:
            grown = sizes[made].copy()
            if node.op_type in UNARY | ARITHMETIC:
                for name in dying:
                    grown[sizes[name] == sizes[made]] = 0  # in place
            most = np.maximum(most, sum(sizes[name] for name in live if name in sizes) + grown)
            live.add(made)
        live -= dying
    return most
