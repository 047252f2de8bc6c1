"""Operators: the graph of every subnet as arrays, for predictors that read graphs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from dmo.types import IntArray
from problems.deployment.elastic.shape import Build, Elastic
from problems.deployment.graph.families import Family

OPERATORS = ("Conv", "Gemm", "Add", "Relu")  # one column each; others have none of their own
COLUMNS = (*OPERATORS, "node", "log_macs", "log_elements", "log_channels", "log_weights")


def operators(
    build: Build, elastic: Elastic, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[NDArray[np.float32], IntArray, NDArray[np.float32]]:
    """Nodes (subnets, N, COLUMNS), which of the edges a subnet has (subnets,), and edges (depths, N, N);
    each early exit is a depth of its own.

    Subnets are in the order of cost.CostTable; graphs are those with merged batch norms, without
    patches. Nodes beyond a graph's own are all 0; edges are 1 where node i's output is an input of j.
    Raises ArgumentError as Family.of does.
    """
    exits: list[Build] = [partial(build, exit=e) for e in elastic.exit] or [build]
    depths = list(product(product(*elastic.depth), exits))
    families = []
    for done, (depth, module) in enumerate(depths):
        progress(done, len(depths))
        families.append(Family.of(module, elastic, depth, "folded"))
    progress(len(depths), len(depths))
    widths, sides = families[0].widths, elastic.resolution
    graphs = [[family.at(side) for side in sides] for family in families]
    most = max(len(row[0].network.order) for row in graphs)
    nodes = np.zeros((widths, len(depths), len(sides), most, len(COLUMNS)), np.float32)
    edges = np.zeros((len(depths), most, most), np.float32)
    for d, row in enumerate(graphs):
        order = row[0].network.order
        maker = {node.output[0]: i for i, node in enumerate(order)}
        for i, node in enumerate(order):
            for name in node.input:
                if name in maker:
                    edges[d, maker[name], i] = 1.0
            for r, graph in enumerate(row):
                made = node.output[0]
                area = prod(graph.network.side.get(made, (1, 1)))
                channels = graph.dims[made][1] if len(graph.dims.get(made, ())) > 1 else np.ones(widths)
                known = [prod(graph.dims[n]) for n in node.input if n not in graph.network.moving]
                weights = sum((w for w in known if np.ndim(w)), np.zeros(widths))
                # Linear layers multiply like convolutions, at one position.
                macs = weights * area if node.op_type in ("Conv", "Gemm") else np.zeros(widths)
                kind = [np.full(widths, float(node.op_type == o)) for o in OPERATORS]
                figures = (macs, channels * area, channels, weights)
                logs = [np.log1p(np.asarray(a, dtype=float)) / 10.0 for a in figures]
                nodes[:, d, r, i] = np.stack([*kind, np.ones(widths), *logs], axis=1)
    subnet = np.indices((widths, len(depths), len(sides)))[1].ravel()
    return nodes.reshape(-1, most, len(COLUMNS)), subnet, edges
