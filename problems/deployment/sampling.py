"""Which strategies to measure: every knob on its own, every layer on its own, and all of them together."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from dmo.types import Array, IntArray
from problems.deployment.space import StrategySpace

WHOLE = 32  # combinations of one layer's knobs that are all measured; of more, so many
BLOCK = 12  # subnets drawn at a time: levels of knobs with 2, 3, 4 or 6 occur equally often among them
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


def layers(space: StrategySpace, rng: Generator) -> Array:
    """What adapts one layer alone, (n, d): the full network with the others' knobs as they are.

    All combinations of the graph knobs, and of the memory knobs, or WHOLE balanced draws of them;
    and uniform subnets, which have the same share of their levels in every stage, in each precision.
    """
    full = space.encode(space.full)
    rows = [full[None]]
    for layer in ("graph", "memory"):
        columns = np.array([knob.layer == layer for knob in space.knobs])
        sizes = space.sizes[columns]
        few = int(np.prod(sizes)) <= 8 * WHOLE  # many combinations execute the same
        drawn = np.indices(sizes).reshape(len(sizes), -1).T if few else _balanced(sizes, WHOLE, rng)
        turned = np.repeat(full[None], len(drawn), axis=0)
        turned[:, columns] = drawn
        different = _new(space.canonical(turned), space.canonical(full[None]))
        rows.append(rng.permutation(different)[:WHOLE])
    rows.append(uniform(space))
    return _new(space.canonical(np.concatenate(rows)), np.empty((0, space.dim)))


def uniform(space: StrategySpace) -> Array:
    """Every width level and every depth level the same share of its knob's, in each precision: (n, d)."""
    names = [knob.name for knob in space.knobs]
    width, depth = (np.array([n.startswith(word) for n in names]) for word in ("width", "depth"))
    precision = names.index("precision")
    rows = []
    for w in np.linspace(0.0, 1.0, int(space.sizes[width].max(initial=1))):
        for d in np.linspace(0.0, 1.0, int(space.sizes[depth].max(initial=1))):
            for p in range(space.sizes[precision]):
                row = space.encode(space.full)
                row[width] = np.rint(w * (space.sizes[width] - 1))
                row[depth] = np.rint(d * (space.sizes[depth] - 1))
                row[precision] = p
                rows.append(row)
    return np.unique(space.canonical(np.array(rows)), axis=0)


def designed(space: StrategySpace, rng: Generator) -> Array:
    """landmarks and layers, each row once, (n, d)."""
    first = landmarks(space)
    return np.concatenate([first, _new(layers(space, rng), first)])


def sample(space: StrategySpace, samples: int, seed: int, combinations: int = 3) -> Array:
    """`samples` different canonical rows, (n, d), landmarks first, then `layers`; fewer when draws
    bring no more.

    The others are subnets, each with `combinations` settings of the graph and memory knobs, the
    full network's first, so that the number of accuracies to be found stays bounded. Each level of
    each knob is drawn equally often (before canonical rows merge what executes the same). Subnets come
    from a generator of their own: those of one seed are the same for every device.
    """
    rng, of_subnets = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    samples = min(samples, space.count())
    rows = designed(space, rng)[:samples]
    model = np.array([knob.layer == "model" for knob in space.knobs])
    full = space.encode(space.full)
    tries = 0
    while len(rows) < samples and tries < TRIES:
        subnets = -(-(samples - len(rows)) // combinations)
        blocks = [_balanced(space.sizes[model], BLOCK, of_subnets) for _ in range(-(-subnets // BLOCK))]
        drawn = _balanced(space.sizes, len(blocks) * BLOCK * combinations, rng)
        drawn[:, model] = np.repeat(np.concatenate(blocks), combinations, axis=0)
        drawn[::combinations, ~model] = full[~model]
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
