"""Which strategies to measure: every knob on its own, and a sample of them all together."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from dmo.types import Array, IntArray
from problems.deployment.space import StrategySpace

TRIES = 50  # draws that bring nothing new before the space counts as exhausted


def landmarks(space: StrategySpace) -> Array:
    """The static full strategy, the smallest, and the full one with one knob changed: (n, d)."""
    full, smallest = space.encode(space.full), space.encode(space.smallest)
    rows = [full, smallest]
    for k, size in enumerate(space.sizes):
        for level in range(size):
            row = full.copy()
            row[k] = level
            rows.append(row)
    return _new(space.canonical(np.array(rows)), np.empty((0, space.dim)))


def sample(space: StrategySpace, samples: int, seed: int, combinations: int = 3) -> Array:
    """`samples` different canonical rows, (n, d), landmarks first; fewer when draws bring no more.

    The others are subnets, each with `combinations` draws of the graph and memory knobs, so that
    the number of accuracies to be found stays bounded. Each level of each knob is drawn equally
    often (before canonical rows merge what executes the same).
    """
    rng = np.random.default_rng(seed)
    samples = min(samples, space.count())
    rows = landmarks(space)[:samples]
    model = np.array([knob.layer == "model" for knob in space.knobs])
    tries = 0
    while len(rows) < samples and tries < TRIES:
        subnets = -(-(samples - len(rows)) // combinations)
        drawn = _balanced(space.sizes, subnets * combinations, rng)
        drawn[:, model] = np.repeat(_balanced(space.sizes[model], subnets, rng), combinations, axis=0)
        fresh = _new(space.canonical(drawn), rows)
        tries = 0 if len(fresh) else tries + 1
        rows = np.concatenate([rows, fresh[: samples - len(rows)]])
    return rows


def _balanced(sizes: IntArray, n: int, rng: Generator) -> Array:
    """(n, d) level indices; down each column every level occurs n / size times, rounded, in random order."""
    columns = [rng.permuted((np.arange(n) + rng.integers(size)) % size) for size in sizes]
    return np.stack(columns, axis=1).astype(float)


def _new(rows: Array, known: Array) -> Array:
    """The rows that are not among `known`, each once, in their order."""
    everything = np.concatenate([known, rows])
    _, first = np.unique(everything, axis=0, return_index=True)
    return everything[np.sort(first[first >= len(known)])]
