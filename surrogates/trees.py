"""Trees: regression trees as plain arrays, predicted for all rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.types import Array, IntArray


@dataclass(frozen=True, eq=False)
class Trees:
    """Regression trees one after another.

    root: (trees,) the first node of each; feature, threshold, left, right: (nodes,); a row goes left
    where its feature is <= threshold, and a leaf is its own child; value: (nodes, k); depth: steps
    that reach every leaf.
    """

    root: IntArray
    feature: IntArray
    threshold: Array
    left: IntArray
    right: IntArray
    value: Array
    depth: int

    @classmethod
    def of(cls, grown: Sequence[Any]) -> Trees:
        """The trees that scikit-learn grew: estimators with a `tree_`."""
        trees = [estimator.tree_ for estimator in grown]
        root = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
        left, right = [], []
        for start, tree in zip(root, trees, strict=True):
            own = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            left.append(start + np.where(leaf, own, tree.children_left))
            right.append(start + np.where(leaf, own, tree.children_right))
        return cls(
            root,
            np.concatenate([np.maximum(tree.feature, 0) for tree in trees]),
            np.concatenate([tree.threshold for tree in trees]),
            np.concatenate(left),
            np.concatenate(right),
            np.concatenate([tree.value[:, :, 0] for tree in trees]),
            max(tree.max_depth for tree in trees),
        )

    def __call__(self, z: Array) -> Array:
        """What each tree says of z, (n, q): (trees, n, k)."""
        # scikit-learn compares features in single precision with thresholds in double.
        z = z.astype(np.float32).astype(float)
        rows = np.arange(len(z))
        node = np.broadcast_to(self.root[:, None], (len(self.root), len(z)))
        for _ in range(self.depth):
            goes_left = z[rows, self.feature[node]] <= self.threshold[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        return np.asarray(self.value[node])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All they consist of, by name."""
        return {f"tree_{f.name}": np.asarray(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any], n_features: int) -> Trees:
        """The same trees from arrays(); KeyError or ValueError when they do not fit together."""
        trees = cls(**{f.name: arrays[f"tree_{f.name}"] for f in fields(cls)})
        nodes = len(trees.value)
        parts = trees.feature, trees.threshold, trees.left, trees.right
        if any(a.shape != (nodes,) for a in parts) or trees.value.ndim != 2 or trees.root.ndim != 1:
            raise ValueError("trees of unequal lengths")
        for name, index, size in (("feature", trees.feature, n_features), ("node", trees.left, nodes)):
            if index.size and not 0 <= index.min() <= index.max() < size:
                raise ValueError(f"a {name} that the trees do not have")
        return trees
