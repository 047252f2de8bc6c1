"""Decomposition: many objectives as one number along a direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dmo.checks import at_least
from dmo.types import Array

LEAST = 1e-6  # in place of a weight of 0, with which an objective would not count at all


class Decomposition(Protocol):
    """A scalarising function; smaller is better."""

    def value(self, f: Array, weights: Array) -> Array:
        """Values of f along weights, both (..., m) and broadcast against each other, (...).

        f: objectives less the ideal point, so that none is negative.
        """


@dataclass(frozen=True)
class Tchebycheff:
    """The largest weighted distance to the ideal point.

    Source: Zhang & Li, MOEA/D (2007), eq. 5; weights of 0 count as 1e-6.
    """

    def value(self, f: Array, weights: Array) -> Array:
        """max_j w_j f_j."""
        w = np.maximum(weights, LEAST)
        value = f[..., 0] * w[..., 0]
        # One objective after the other: numpy is slow at reducing a short last axis.
        for j in range(1, f.shape[-1]):
            value = np.maximum(value, f[..., j] * w[..., j])
        return np.asarray(value)


@dataclass(frozen=True)
class PBI:
    """Penalty boundary intersection: distance along the direction, plus a penalty on that from it.

    penalty: theta, what a unit beside the direction costs in units along it.
    Source: Zhang & Li, MOEA/D (2007), eqs. 6 and 7.
    """

    penalty: float = 5.0

    def __post_init__(self) -> None:
        at_least("penalty", self.penalty, 0.0)

    def value(self, f: Array, weights: Array) -> Array:
        """d1 + theta d2."""
        along = np.vecdot(f, weights) / np.sqrt(np.vecdot(weights, weights))
        beside = np.sqrt(np.maximum(np.vecdot(f, f) - along**2, 0.0))
        return np.asarray(along + self.penalty * beside)
