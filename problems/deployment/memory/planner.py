"""Memory planning: a place in one arena for every buffer, so that the arena is small.

Four planners of one kind, buffers -> Arena: naive, greedy (ExecuTorch's), best_fit and hill_climb.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from problems.deployment.memory.buffers import Arena, Buffers


def naive(buffers: Buffers) -> Arena:
    """Every buffer has its own place for good."""
    return Arena(buffers, np.cumsum(buffers.size) - buffers.size)


def greedy(buffers: Buffers) -> Arena:
    """Buckets that buffers share, largest first, equals as they come: what ExecuTorch does by default.

    A buffer goes into the first bucket that is empty during its life; else on top of what lives in
    a bucket meanwhile, where that fits; else into a bucket of its own. Buckets lie side by side.
    Source: ExecuTorch 1.5, exir/memory_planning.py, greedy; after Pisarchyk & Lee (2020), "Efficient
    memory management for deep neural net inference", section 4.2 (greedy by size, shared objects).
    """
    offset = np.zeros(len(buffers), dtype=np.int64)
    buckets: list[list[int]] = []
    inside = np.zeros(len(buffers), dtype=np.int64)
    for i in np.argsort(-buffers.size, kind="stable"):
        tops = [
            max((int(inside[j] + buffers.size[j]) for j in bucket if buffers.together[i, j]), default=0)
            for bucket in buckets
        ]
        room = [int(buffers.size[bucket[0]]) for bucket in buckets]
        free = [b for b, top in enumerate(tops) if top == 0]
        on_top = [b for b, top in enumerate(tops) if top + buffers.size[i] <= room[b]]
        place = next(iter((*free, *on_top)), None)
        if place is None:
            buckets.append([i])
        else:
            inside[i] = tops[place]
            buckets[place].append(i)
    start = 0
    for bucket in buckets:
        offset[bucket] = start + inside[bucket]
        start += int(buffers.size[bucket[0]])
    return Arena(buffers, offset)


def best_fit(buffers: Buffers, order: Sequence[int] | None = None) -> Arena:
    """One buffer after the other into the smallest gap that holds it, among those alive meanwhile.

    order: which buffer comes when; None: the largest first.
    Source: Pisarchyk & Lee (2020), section 5.2 (greedy by size for offset calculation).
    """
    return Arena(buffers, _placed(buffers, _by_size(buffers) if order is None else order))


def hill_climb(buffers: Buffers, rng: Generator, tries: int = 400) -> Arena:
    """The smallest arena found: greedy, best_fit from several orders, then best_fit after small changes.

    A change moves a buffer at the top of the arena, or one alive with it, forward in the order of
    placing; it is kept unless the arena grows. Stops at the lower bound, which is optimal, or
    after this many tries. Never larger than greedy.
    Source: Apache TVM, Unified Static Memory Planner, algorithm hill_climb (the idea).
    Deviation: starts from the best of five placements and changes one position at a time.
    """
    at_least("tries", tries, 0)
    area = buffers.size * (buffers.last - buffers.first + 1)
    orders = [
        _by_size(buffers),
        np.argsort(-area, kind="stable").tolist(),
        np.argsort(buffers.first, kind="stable").tolist(),
        np.lexsort((-buffers.size, -_contention(buffers))).tolist(),
    ]
    places = [_placed(buffers, order) for order in orders]
    heights = [_height(buffers, place) for place in places]
    k = int(np.argmin(heights))
    order, place, height = orders[k], places[k], heights[k]
    other = greedy(buffers)
    bound = buffers.lower_bound
    for _ in range(tries):
        if min(height, other.size) <= bound or len(buffers) < 2:
            break
        top = np.flatnonzero(place + buffers.size == height)
        moved = int(rng.choice(np.flatnonzero(buffers.together[int(rng.choice(top))])))
        at = order.index(moved)
        candidate = [i for i in order if i != moved]
        candidate.insert(int(rng.integers(at + 1)), moved)
        trial = _placed(buffers, candidate)
        if (found := _height(buffers, trial)) <= height:
            order, place, height = candidate, trial, found
    return Arena(buffers, place) if height <= other.size else other


def _by_size(buffers: Buffers) -> list[int]:
    """The largest first; of equals, the one that lives longer."""
    order: list[int] = np.lexsort((buffers.first - buffers.last, -buffers.size)).tolist()
    return order


def _contention(buffers: Buffers) -> NDArray[np.int64]:
    """The most bytes alive in any step of each buffer's life."""
    spans = zip(buffers.first, buffers.last, strict=True)
    return np.array([buffers.live[a : b + 1].max() for a, b in spans], dtype=np.int64)


def _placed(buffers: Buffers, order: Sequence[int]) -> NDArray[np.int64]:
    """(n,) offsets of best_fit."""
    offset, size = np.zeros(len(buffers), dtype=np.int64), buffers.size
    placed = np.zeros(len(buffers), dtype=bool)
    for i in order:
        near = np.flatnonzero(placed & buffers.together[i])
        near = near[np.argsort(offset[near], kind="stable")]
        # Gaps lie below each neighbour, above all that start before it; the last has no end.
        ends = np.maximum.accumulate(np.concatenate([[0], offset[near] + size[near]]))
        gaps = offset[near] - ends[:-1]
        fits = np.flatnonzero(gaps >= size[i])
        offset[i] = ends[fits[np.argmin(gaps[fits])]] if len(fits) else ends[-1]
        placed[i] = True
    return offset


def _height(buffers: Buffers, offset: NDArray[np.int64]) -> int:
    return int((offset + buffers.size).max(initial=0))
