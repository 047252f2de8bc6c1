"""SPEA2 against plain loops that follow the paper word for word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from dmo import Batch
from dmo.dominance import nondominated
from dmo.optimisers.spea2 import density, dominates, raw_fitness, truncate


@st.composite
def batches(draw):
    n, m, c = draw(st.integers(1, 12)), draw(st.integers(1, 3)), draw(st.integers(0, 2))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    return Batch(
        np.arange(n, dtype=float)[:, None],
        rng.integers(4, size=(n, m)).astype(float),
        rng.integers(-2, 2, size=(n, c)).astype(float),
    )


def naive_dominates(batch, i, j):
    vi, vj = np.maximum(batch.g[i], 0).sum(), np.maximum(batch.g[j], 0).sum()
    if vi > 0 or vj > 0:
        return bool(vi < vj)
    return bool((batch.f[i] <= batch.f[j]).all() and (batch.f[i] < batch.f[j]).any())


@given(batches())
def test_fitness_is_the_papers(batch):
    n = range(len(batch))
    strength = [sum(naive_dominates(batch, i, j) for j in n) for i in n]
    raw = [sum(strength[j] for j in n if naive_dominates(batch, j, i)) for i in n]
    dominance = dominates(batch)
    assert dominance.tolist() == [[naive_dominates(batch, i, j) for j in n] for i in n]
    assert raw_fitness(dominance).tolist() == raw
    assert np.array_equal(raw_fitness(dominance) == 0, nondominated(batch))


@given(st.integers(2, 40), st.integers(0, 1000))
def test_density_is_the_papers(n, seed):
    f = np.random.default_rng(seed).random((n, 2))
    apart = cdist(f, f)
    k = int(np.sqrt(n))
    others = [sorted(apart[i][np.arange(n) != i]) for i in range(n)]
    np.fill_diagonal(apart, np.inf)
    assert density(apart) == pytest.approx([1 / (o[k - 1] + 2) for o in others])
    assert (density(apart) < 1).all()  # so that it never outweighs a domination


def naive_truncate(f, n):
    alive = list(range(len(f)))
    while len(alive) > n:
        rows = [sorted(float(np.hypot(*(f[i] - f[j]))) for j in alive if j != i) for i in alive]
        alive.pop(min(range(len(alive)), key=lambda i: rows[i]))
    return alive


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10_000), st.booleans())
def test_truncation_is_the_plain_loop(k, n, seed, grid):
    rng = np.random.default_rng(seed)
    # On a grid of threes and fours distances are whole: ties are ties whatever the rounding.
    f = rng.integers(4, size=(k, 1)) * np.array([[3.0, 4.0]]) if grid else rng.random((k, 2))
    apart = np.array([[np.hypot(*(a - b)) for b in f] for a in f])
    np.fill_diagonal(apart, np.inf)
    kept = apart.copy()
    assert truncate(apart, n).tolist() == naive_truncate(f, n)
    assert np.array_equal(apart, kept)


@pytest.mark.parametrize("front", [lambda t: 1 - t, lambda t: (1 - np.sqrt(t)) ** 2])
def test_truncation_keeps_the_extremes(front):
    t = np.sort(np.random.default_rng(0).random(150))
    f = np.stack([t, front(t)], axis=1)
    apart = cdist(f, f)
    np.fill_diagonal(apart, np.inf)
    kept = truncate(apart, 15)
    assert kept[0] == 0
    assert kept[-1] == 149
