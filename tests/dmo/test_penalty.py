"""The self-adaptive penalty: its published form, by plain loops, and what it does to the order of points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Batch
from dmo.dominance import select
from dmo.optimisers.penalty_nsga2 import select_penalised
from dmo.penalty import penalised


def points(f, g):
    f, g = np.asarray(f, dtype=float), np.asarray(g, dtype=float)
    return Batch(np.arange(float(len(f)))[:, None], f, g.reshape(len(f), -1))


@st.composite
def batches(draw):
    n, m, c = draw(st.integers(1, 12)), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    return points(rng.integers(5, size=(n, m)), rng.integers(-3, 4, size=(n, c)))


def by_the_book(batch):
    """Word for word: equations 7 to 12 of Woldesenbet, Yen & Tessema."""
    n, m = batch.f.shape
    c = batch.g.shape[1]
    violation = [[max(0.0, g) for g in row] for row in batch.g]
    worst = [max(row[j] for row in violation) for j in range(c)]
    v = [sum(row[j] / worst[j] for j in range(c) if worst[j] > 0) / c if c else 0.0 for row in violation]
    inside = [all(g <= 0 for g in row) for row in batch.g]
    r = sum(inside) / n
    values = np.empty((n, m))
    for k in range(m):
        low, high = min(batch.f[:, k]), max(batch.f[:, k])
        for i in range(n):
            f = (batch.f[i, k] - low) / (high - low) if high > low else 0.0
            distance = v[i] if r == 0 else math.sqrt(f**2 + v[i] ** 2)
            x = 0.0 if r == 0 else v[i]
            y = 0.0 if inside[i] else f
            values[i, k] = distance + (1 - r) * x + r * y
    return values


@given(batches())
def test_it_is_the_papers(batch):
    assert penalised(batch) == pytest.approx(by_the_book(batch))


@given(batches())
def test_without_a_feasible_point_order_is_that_of_violation(batch):
    if not batch.feasible.any():
        values = penalised(batch)
        assert (values == values[:, :1]).all()
        if batch.g.shape[1] == 1:
            assert np.array_equal(np.argsort(values[:, 0], kind="stable"),
                                  np.argsort(batch.violation, kind="stable"))  # fmt: skip


@given(batches())
def test_a_point_that_is_no_better_and_violates_more_has_the_worse_values(batch):
    values = penalised(batch)
    for i in range(len(batch)):
        for j in range(len(batch)):
            no_worse = (batch.f[i] <= batch.f[j]).all() and (
                np.maximum(batch.g[i], 0.0) <= np.maximum(batch.g[j], 0.0)
            ).all()
            if no_worse and batch.feasible.any():
                assert (values[i] <= values[j] + 1e-12).all()


def test_infeasible_points_of_good_objectives_count_while_many_are_feasible():
    # f = (0, 0) just outside, among ever more feasible points on the line f1 + f2 = 1.
    for count in (1, 3, 9):
        line = np.linspace(0.2, 0.8, count)
        f = np.concatenate([[[0.0, 0.0], [1.0, 1.0]], np.stack([line, 1.0 - line], axis=1)])
        batch = points(f, np.concatenate([[0.01, 1.0], np.full(count, -1.0)]))
        values = penalised(batch)
        assert values[0] == pytest.approx(np.full(2, 0.01 + (1.0 - count / (count + 2)) * 0.01))
        assert 0 in select_penalised(batch, 1)  # constrained dominance would drop it
        assert 0 not in select(batch, count)


@given(batches(), st.integers(1, 12))
def test_selection_is_that_of_nsga2_where_all_are_feasible(batch, n):
    inside = Batch(batch.x, batch.f, np.minimum(batch.g, 0.0))
    assert np.array_equal(select_penalised(inside, n), select(inside, n))
