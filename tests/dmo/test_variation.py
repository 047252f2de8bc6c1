"""Crossover and mutation: bounds, integers, and the distributions they were published for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Space
from dmo.variation import differential, polynomial_mutation, sbx

mixed = Space([0.0, -1.0, 0, 2], [1.0, 1.0, 3, 2], [False, False, True, True], 2)


@given(st.integers(0, 200), st.floats(0, 50))
def test_children_lie_in_the_space(seed, eta):
    rng = np.random.default_rng(seed)
    a, b = mixed.sample(20, rng), mixed.sample(20, rng)
    a[:5], b[5:8] = mixed.lower, mixed.upper  # parents on the bounds
    kept = a.copy(), b.copy()
    children = sbx(a, b, mixed, rng, prob=1.0, eta=eta)
    mutants = polynomial_mutation(children, mixed, rng, prob=1.0, eta=eta)
    assert children.shape == mutants.shape == (40, 4)
    assert mixed.contains(children).all()
    assert mixed.contains(mutants).all()
    assert np.array_equal(a, kept[0])
    assert np.array_equal(b, kept[1])


def test_sbx_keeps_the_mean_of_a_pair_far_from_the_bounds():
    space = Space.box(np.full(3, -1e6), np.full(3, 1e6), 2)
    rng = np.random.default_rng(0)
    a, b = rng.random((500, 3)), rng.random((500, 3))
    children = sbx(a, b, space, rng, prob=1.0)
    # The two cut-offs at the bounds differ by next to nothing out here.
    assert np.allclose(children[:500] + children[500:], a + b, atol=1e-6)


def test_sbx_spread_has_the_published_distribution():
    """P(beta <= 1) = 1/2, and the median of beta given contraction follows (1/2)^(1 / (eta + 1))."""
    space = Space.box(np.full(1, -1e9), np.full(1, 1e9), 2)
    rng = np.random.default_rng(1)
    n, eta = 200_000, 2.0
    a, b = np.zeros((n, 1)), np.ones((n, 1))
    children = sbx(a, b, space, rng, prob=1.0, eta=eta)
    beta = np.abs(children[:n] - children[n:])
    beta = beta[beta != 1.0]  # pairs that did not cross
    assert np.mean(beta < 1) == pytest.approx(0.5, abs=0.01)
    assert np.median(beta[beta < 1]) == pytest.approx(0.5 ** (1 / (eta + 1)), abs=0.01)


def test_mutation_moves_the_share_of_variables_asked_for():
    space = Space.box(np.zeros(50), np.ones(50), 2)
    x = np.full((400, 50), 0.5)
    moved = polynomial_mutation(x, space, np.random.default_rng(0), prob=0.2) != x
    assert moved.mean() == pytest.approx(0.2, abs=0.01)
    assert (polynomial_mutation(x, space, np.random.default_rng(0)) != x).mean() == pytest.approx(
        1 / 50, abs=0.005
    )


def test_an_integer_takes_every_other_level_equally_often():
    space = Space([0], [4], [True], 2)
    mutants = polynomial_mutation(np.full((40_000, 1), 1.0), space, np.random.default_rng(0), prob=1.0)
    counts = np.bincount(mutants.astype(int).ravel(), minlength=5)
    assert counts[1] == 0
    assert np.allclose(counts[[0, 2, 3, 4]] / 10_000, 1.0, atol=0.05)


@given(st.integers(0, 200), st.floats(0, 3))
def test_differential_children_lie_in_the_space(seed, scale):
    rng = np.random.default_rng(seed)
    base, plus, minus = (mixed.sample(20, rng) for _ in range(3))
    base[:3], base[3:6] = mixed.lower, mixed.upper
    for array in (base, plus, minus):
        array.flags.writeable = False
    children = differential(base, plus, minus, mixed, rng, scale=scale)
    assert mixed.contains(children).all()
    inside = mixed.contains(np.where(mixed.integer, base, base + scale * (plus - minus)))
    assert np.allclose(
        children[inside][:, ~mixed.integer], (base + scale * (plus - minus))[inside][:, ~mixed.integer]
    )


def test_an_integer_takes_the_first_level_with_the_chance_of_the_scale():
    space = Space([0], [9], [True], 2)
    base, plus, minus = (np.full((20_000, 1), v) for v in (1.0, 4.0, 7.0))
    children = differential(base, plus, minus, space, np.random.default_rng(0), scale=0.3)
    assert np.mean(children == 4.0) == pytest.approx(0.3, abs=0.01)
    assert np.isin(children, [1.0, 4.0]).all()
    assert (differential(base, plus, plus, space, np.random.default_rng(0), scale=0.9) == base).all()
