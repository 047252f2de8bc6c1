"""Graphs: the graph of each subnet as arrays, chosen by the features of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.types import Array, IntArray


@dataclass(frozen=True, eq=False)
class Graphs:
    """Node features and edges of every subnet of an elastic network.

    columns: of the features, each a size's level scaled to [0, 1], the last varying fastest over
    subnets; sizes: (columns,) its number of levels; nodes: (subnets, N, F), all 0 where a smaller
    graph has no node; shape: (subnets,) which of `edges` a subnet has; edges: (shapes, N, N), 1 where
    node i's output is an input of node j. Raises ArgumentError when they do not fit together.
    """

    columns: IntArray
    sizes: IntArray
    nodes: NDArray[np.float32]
    shape: IntArray
    edges: NDArray[np.float32]

    def __post_init__(self) -> None:
        subnets, n, _ = self.nodes.shape
        fits = self.columns.shape == self.sizes.shape and int(np.prod(self.sizes)) == subnets
        fits &= self.shape.shape == (subnets,) and self.edges.shape[1:] == (n, n)
        if not (fits and 0 <= self.shape.min() <= self.shape.max() < len(self.edges)):
            raise ArgumentError(
                "graphs", "arrays of one number of subnets and nodes", "others", "make them with graphs_of"
            )

    def of(self, x: Array) -> IntArray:
        """The subnet of each row of features x, (n, q): (n,)."""
        level = np.rint(x[:, self.columns] * (self.sizes - 1)).astype(np.intp).clip(0, self.sizes - 1)
        strides = np.append(np.cumprod(self.sizes[:0:-1])[::-1], 1)
        return np.asarray(level @ strides)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All they consist of, by name."""
        return {f"graph_{f.name}": getattr(self, f.name) for f in fields(self)}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> Graphs:
        """The same graphs from arrays(); KeyError or ValueError when they do not fit together."""
        try:
            return cls(**{f.name: arrays[f"graph_{f.name}"] for f in fields(cls)})
        except (ArgumentError, IndexError) as error:
            raise ValueError(str(error)) from error
