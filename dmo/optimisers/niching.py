"""Niching: which direction each point belongs to, and in what order niches take their points."""

from __future__ import annotations

import numpy as np

from dmo.types import Array, IntArray


def associate(f: Array, directions: Array) -> tuple[IntArray, Array]:
    """The direction nearest to each point, (n,), and the distance to its ray, (n,).

    f: (n, m) objectives, ideal point at 0 and none negative; directions: (k, m), none negative.
    """
    unit = directions / np.sqrt((directions**2).sum(axis=1, keepdims=True))
    along = f @ unit.T
    # The nearest ray is the one along which the point has come farthest.
    niche = along.argmax(axis=1)
    square = (f**2).sum(axis=1) - along[np.arange(len(f)), niche] ** 2
    return niche, np.sqrt(np.maximum(square, 0.0))


def turns(niche: IntArray, key: Array, count: IntArray) -> IntArray:
    """At which turn each point would be taken, (n,), if the emptiest niches always come first.

    niche: (n,) of each point; key: (n,), within a niche the smaller goes first; count: (k,) points
    that each niche holds already. A niche of c points takes its first at turn c, the next at c + 1.
    """
    order = np.lexsort((key, niche))
    sorted_niche = niche[order]
    place = np.arange(len(niche)) - np.searchsorted(sorted_niche, sorted_niche)
    turn = np.empty(len(niche), dtype=np.intp)
    turn[order] = count[sorted_niche] + place
    return turn
