"""Thinning against a plain loop that measures all anew after each removal."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dmo import Batch
from dmo.dominance import rank
from dmo.optimisers.thinning import select, thin


def naive(f, n):
    alive = list(range(len(f)))
    span = np.ptp(f, axis=0)
    while len(alive) > n:
        crowd = np.zeros(len(alive))
        for j in range(f.shape[1]):
            if span[j] == 0:
                continue
            value = f[alive, j] / span[j]
            order = np.argsort(value, kind="stable")
            crowd[order[[0, -1]]] = np.inf
            for i in range(1, len(alive) - 1):
                crowd[order[i]] += value[order[i + 1]] - value[order[i - 1]]
        alive.pop(int(crowd.argmin()))
    return alive


@given(st.integers(2, 14), st.integers(1, 4), st.integers(1, 14), st.integers(0, 10_000))
def test_thinning_is_the_plain_loop(k, m, n, seed):
    # Powers of two: sums are exact, so that equal distances are equal in any order of adding.
    f = np.random.default_rng(seed).integers(9, size=(k, m)) / 8.0
    f[0], f[1] = 0.0, 1.0  # the span is a power of two as well
    assert thin(f, n).tolist() == naive(f, n)


def test_thinning_keeps_the_extremes_and_spreads_the_rest():
    t = np.sort(np.random.default_rng(0).random(200) ** 3)
    f = np.stack([t, 1 - t], axis=1)
    kept = t[thin(f, 20)]
    assert kept[0] == t[0]
    assert kept[-1] == t[-1]
    assert np.diff(kept).max() < 3 / 19


@given(
    arrays(float, st.tuples(st.integers(1, 12), st.just(2)), elements=st.integers(0, 4).map(float)),
    st.integers(1, 15),
)
def test_selection_keeps_better_ranks_first(f, n):
    batch = Batch.unconstrained(np.arange(len(f), dtype=float)[:, None], f)
    chosen, ranks = select(batch, n), rank(batch)
    assert len(chosen) == len(set(chosen.tolist())) == min(n, len(f))
    assert (np.diff(ranks[chosen]) >= 0).all()
    left = np.setdiff1d(np.arange(len(f)), chosen)
    assert not left.size or ranks[chosen].max() <= ranks[left].min()
