"""Compiled selection and variation against plain loops and moocore: ties, duplicates, whole variables."""

import moocore
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numba import njit, types

from dmo import Batch, Space, kernels
from dmo.dominance import crowding
from dmo.optimisers.members import distinct
from dmo.variation import polynomial_mutation, sbx

grid = st.sampled_from([-1.0, -0.0, 0.0, 1.0, 2.0])  # few values: many ties and duplicates
seeds = st.integers(0, 2**32 - 1)


@st.composite
def points(draw):
    n, d = draw(st.integers(1, 30)), draw(st.integers(1, 5))
    elements = draw(st.sampled_from([grid, st.floats(-5, 5)]))
    return draw(arrays(float, (n, d), elements=elements))


@st.composite
def spaces(draw):
    rng = np.random.default_rng(draw(seeds))
    d = draw(st.integers(1, 6))
    lower = rng.integers(-3, 3, d).astype(float)
    return Space(lower, lower + rng.integers(0, 4, d), rng.random(d) < draw(st.sampled_from([0, 0.5, 1])), 2)


@given(points())
def test_distinct_rows_are_numpys_unique_ones(x):
    _, first = np.unique(x + 0.0, axis=0, return_index=True)  # -0.0 and 0.0 are equal
    rows = np.arange(float(len(x)))[:, None]  # carried along as objectives: which rows are kept
    assert distinct(Batch.unconstrained(x, rows)).f[:, 0].tolist() == sorted(first)


def test_distinct_rows_of_whole_numbers_are_found_among_many():
    x = np.random.default_rng(0).integers(0, 4, (5000, 6)).astype(float)
    assert len(distinct(Batch.unconstrained(x, x))) == len(np.unique(x, axis=0))


@given(points(), seeds)
def test_crowding_is_the_textbook_one(f, seed):
    """Deb's loop, one rank at a time; equal values are taken in the order of the points."""
    ranks = np.random.default_rng(seed).choice([0, 1, 50], len(f))  # as of a part of a population
    expected = np.zeros(len(f))
    for r in np.unique(ranks):
        members = np.flatnonzero(ranks == r)
        for column in f[members].T:
            order = members[np.argsort(column, kind="stable")]
            if len(order) == 1:
                expected[order] = np.inf
            elif (span := np.ptp(column)) > 0:
                expected[order[[0, -1]]] = np.inf
                value = np.sort(column)
                expected[order[1:-1]] += (value[2:] - value[:-2]) / span
    assert np.array_equal(crowding(f, ranks), expected)


def spread(u, beta, power):
    alpha = 2.0 - beta**-power
    base = u * alpha if u * alpha <= 1.0 else 1.0 / (2.0 - u * alpha)
    return base ** (1.0 / power)


@given(spaces(), seeds, st.sampled_from([0.0, 2.0, 15.0]), st.sampled_from([0.0, 0.9, 1.0]))
def test_crossover_is_the_formula_variable_by_variable(space, seed, eta, prob):
    rng = np.random.default_rng(seed)
    a, b = space.sample(9, rng), space.sample(9, rng)
    a[:2], b[2:4], a[4] = space.lower, space.upper, b[4]
    found = sbx(a, b, space, np.random.default_rng(seed), prob=prob, eta=eta)

    rng = np.random.default_rng(seed)
    pairs, (part, order, u) = rng.random(9), rng.random((3, *a.shape))
    expected = np.concatenate([a, b])
    for i, j in np.ndindex(a.shape):
        if pairs[i] >= prob or part[i, j] >= 0.5:
            continue
        p, q = a[i, j], b[i, j]
        if abs(p - q) > 1e-14 and not space.integer[j]:
            low, high, gap = min(p, q), max(p, q), abs(p - q)
            first = low + high - gap * spread(u[i, j], 1 + 2 * (low - space.lower[j]) / gap, eta + 1)
            second = low + high + gap * spread(u[i, j], 1 + 2 * (space.upper[j] - high) / gap, eta + 1)
            p, q = (first / 2, second / 2) if p <= q else (second / 2, first / 2)
        expected[[i, i + 9], j] = (q, p) if order[i, j] < 0.5 else (p, q)
    assert np.allclose(found, expected.clip(space.lower, space.upper), rtol=1e-13, atol=1e-13)
    assert space.contains(found).all()


@given(spaces(), seeds, st.sampled_from([0.0, 4.0, 20.0]), st.sampled_from([None, 0.0, 0.5, 1.0]))
def test_mutation_is_the_formula_variable_by_variable(space, seed, eta, prob):
    rng = np.random.default_rng(seed)
    x = space.sample(12, rng)
    x[0], x[1] = space.lower, space.upper
    found = polynomial_mutation(x, space, np.random.default_rng(seed), prob=prob, eta=eta)

    hit, draws = np.random.default_rng(seed).random((2, *x.shape))
    expected, power = x.copy(), eta + 1.0
    for i, j in np.ndindex(x.shape):
        u, v, span = draws[i, j], x[i, j], space.span[j]
        if hit[i, j] >= (1.0 / space.dim if prob is None else prob) or span == 0.0:
            continue
        if space.integer[j]:
            v = space.lower[j] + (v - space.lower[j] + min(1 + np.floor(u * span), span)) % (span + 1)
        elif u < 0.5:
            below = (v - space.lower[j]) / span
            v += span * ((2 * u + (1 - 2 * u) * (1 - below) ** power) ** (1 / power) - 1)
        else:
            above = (space.upper[j] - v) / span
            v += span * (1 - (2 * (1 - u) + (2 * u - 1) * (1 - above) ** power) ** (1 / power))
        expected[i, j] = v
    assert np.allclose(found, expected.clip(space.lower, space.upper), rtol=1e-13, atol=1e-13)
    assert space.contains(found).all()


def test_children_of_columnwise_arrays_are_those_of_rowwise_ones():
    space = Space.box(np.zeros(4), np.ones(4), 2)
    a, b = (space.sample(6, np.random.default_rng(s)) for s in (1, 2))
    rowwise = sbx(a, b, space, np.random.default_rng(3))
    a, b = np.asfortranarray(a), np.asfortranarray(b)
    assert np.array_equal(sbx(a, b, space, np.random.default_rng(3)), rowwise)
    mutants = (polynomial_mutation(x, space, np.random.default_rng(4)) for x in (a, np.ascontiguousarray(a)))
    assert np.array_equal(*mutants)


@given(points())
def test_two_objective_fronts_are_moocores(x):
    f = np.ascontiguousarray(np.resize(x, (len(x), 2)))
    order = np.lexsort((f[:, 1], f[:, 0]))
    assert np.array_equal(kernels.fronts(f, order), moocore.pareto_rank(f))
    # The order of equal values does not matter to it.
    assert np.array_equal(kernels.fronts(f, f[:, 0].argsort()), moocore.pareto_rank(f))


@given(spaces(), seeds)
def test_inside_agrees_with_the_space(space, seed):
    rng = np.random.default_rng(seed)
    x = space.sample(5, rng)
    assert kernels.inside(x, space.lower, space.upper, space.integer)
    x[rng.integers(5), rng.integers(space.dim)] += rng.choice([-9.0, 0.5, 9.0, np.nan, np.inf])
    within = kernels.inside(x, space.lower, space.upper, space.integer)
    assert within == bool(space.contains(x).all())


def test_code_that_no_folder_can_cache_is_compiled_all_the_same():
    scope = {}
    exec("def double(x):\n    return 2.0 * x", scope)  # without a file, numba finds no place for a cache
    with pytest.raises(RuntimeError, match="cannot cache"):
        njit(cache=True)(scope["double"])
    assert kernels.compiled(types.float64(types.float64))(scope["double"])(3.0) == 6.0


@given(st.integers(0, 60), st.integers(1, 4), st.integers(0, 10_000))
def test_sorts_are_the_stable_ones(n, m, seed):
    rng = np.random.default_rng(seed)
    f, ranks = rng.integers(5, size=(n, m)) / 4.0, rng.integers(3, size=n)
    orders = f.T.argsort(axis=1)
    kernels.settle(f, orders)
    assert np.array_equal(orders, f.T.argsort(axis=1, kind="stable"))
    assert np.array_equal(kernels.by_rank(orders[0].copy(), ranks), np.lexsort((f[:, 0], ranks)))
