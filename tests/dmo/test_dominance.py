"""Ranks, crowding and selection against plain loops and against pymoo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance

from dmo import Batch, kernels
from dmo.dominance import crowding, nondominated, rank, select

grid = st.integers(0, 4).map(float)  # few values: many ties and duplicates


@st.composite
def batches(draw, max_con=2):
    n, m, c = draw(st.integers(1, 12)), draw(st.integers(1, 5)), draw(st.integers(0, max_con))
    f = draw(arrays(float, (n, m), elements=grid))
    g = draw(arrays(float, (n, c), elements=st.integers(-2, 2).map(float)))
    return Batch(np.arange(n, dtype=float)[:, None], f, g)


def dominates(batch, i, j):
    """Deb's constrained dominance, word for word."""
    vi, vj = np.maximum(batch.g[i], 0).sum(), np.maximum(batch.g[j], 0).sum()
    if vi > 0 or vj > 0:
        return vi < vj
    return bool((batch.f[i] <= batch.f[j]).all() and (batch.f[i] < batch.f[j]).any())


def naive_rank(batch):
    left, ranks, level = set(range(len(batch))), {}, 0
    while left:
        front = {i for i in left if not any(dominates(batch, j, i) for j in left)}
        ranks.update(dict.fromkeys(front, level))
        left -= front
        level += 1
    return [ranks[i] for i in range(len(batch))]


@given(batches())
def test_rank_is_the_textbook_one(batch):
    assert rank(batch).tolist() == naive_rank(batch)


@given(batches())
def test_nondominated_is_rank_zero(batch):
    assert np.array_equal(nondominated(batch), rank(batch) == 0)


@given(st.integers(1, 80), st.integers(1, 60), st.integers(0, 9))
def test_short_and_long_runs_of_equal_values_are_sorted_alike(n, levels, seed):
    f = np.random.default_rng(seed).integers(levels, size=(n, 2)).astype(float)
    orders = f.T.argsort(axis=1)
    kernels.settle(f, orders)
    assert np.array_equal(orders, f.T.argsort(axis=1, kind="stable"))
    batch = Batch(f, f, np.empty((n, 0)))
    assert kernels.fronts(f, orders[0]).tolist() == naive_rank(batch)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_crowding_is_pymoos(m):
    f = np.random.default_rng(m).random((40, m))
    ranks = np.arange(40) % 3
    ours = crowding(f, ranks)
    for r in range(3):
        # pymoo averages over the objectives, which orders alike.
        assert np.allclose(ours[ranks == r] / m, calc_crowding_distance(f[ranks == r]))


@given(batches(), st.integers(1, 15))
def test_selection_keeps_better_ranks_first(batch, n):
    chosen = select(batch, n)
    ranks = rank(batch)
    assert len(chosen) == len(set(chosen.tolist())) == min(n, len(batch))
    left = np.setdiff1d(np.arange(len(batch)), chosen)
    if len(left):
        assert ranks[chosen].max() <= ranks[left].min()
    assert (np.diff(ranks[chosen]) >= 0).all()


def test_inputs_are_not_changed():
    batch = Batch(
        np.zeros((5, 1)), np.random.default_rng(0).random((5, 2)), np.array([[1.0], [0], [0], [2], [-1]])
    )
    for a in (batch.x, batch.f, batch.g):
        a.flags.writeable = False
    select(batch, 3)
    nondominated(batch)
