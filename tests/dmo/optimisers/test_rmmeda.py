"""RM-MEDA: the law of local PCA, what is sampled from pieces, and the linkages it was made for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, convex, linked, solve

from dmo import Evolve, Space
from dmo.check import check_searcher
from dmo.metrics import igd
from dmo.optimisers import NSGA2, RMMEDA
from dmo.optimisers.localpca import local_pca
from dmo.optimisers.rmmeda import sample


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 6), st.integers(1, 8), st.integers(0, 3))
def test_the_error_of_the_partition_never_rises(seed, n, d, k, q):
    rng = np.random.default_rng(seed)
    x = rng.random((n, d)) if seed % 2 else rng.integers(2, size=(n, d)).astype(float)
    kept = x.copy()
    x.flags.writeable = False
    model = local_pca(x, k, min(q, d), rng)
    assert (np.diff(model.errors) <= 1e-9).all()
    assert np.array_equal(x, kept)
    assert model.count.sum() == n
    assert (model.low <= model.high + 1e-12).all()


@pytest.mark.parametrize("q", [1, 2])
def test_one_piece_is_principal_component_analysis(q):
    x = np.random.default_rng(0).normal(size=(50, 5)) * [3, 2, 1, 0.5, 0.1]
    model = local_pca(x, 1, q, np.random.default_rng(1))
    centred = x - x.mean(axis=0)
    _, scale, axes = np.linalg.svd(centred)
    assert np.allclose(np.abs(axes[:q] @ model.axes[0]), np.eye(q)[::-1] if q > 1 else 1.0)
    assert model.noise[0] ** 2 == pytest.approx((scale[q:] ** 2).sum() / 50 / (5 - q))


def test_two_lines_are_told_apart():
    along = np.linspace(0, 1, 40)[:, None]
    first, second = along * [1, 1, 0], [0, 0, 5] + along * [1, -1, 0]
    model = local_pca(np.concatenate([first, second]), 2, 1, np.random.default_rng(0))
    assert len(set(model.part[:40])) == len(set(model.part[40:])) == 1
    assert model.part[0] != model.part[-1]
    assert np.allclose(model.high - model.low, np.sqrt(2))
    assert np.allclose(model.noise, 0.0, atol=1e-7)


def test_children_of_a_line_prolong_it_by_a_quarter():
    space = Space.box(np.full(3, -5.0), np.full(3, 5.0), 2)
    x = np.linspace(0, 1, 30)[:, None] * [1.0, 2.0, -1.0]
    children = sample(x, RMMEDA(pop_size=20_000, clusters=1), space, np.random.default_rng(0))
    assert np.allclose(children, children[:, :1] * [1.0, 2.0, -1.0], atol=1e-6)
    assert children[:, 0].min() == pytest.approx(-0.25, abs=1e-3)
    assert children[:, 0].max() == pytest.approx(1.25, abs=1e-3)
    assert np.histogram(children[:, 0], bins=6)[0] / 20_000 == pytest.approx(np.full(6, 1 / 6), abs=0.02)


def test_a_piece_has_children_in_proportion_to_its_volume():
    space = Space.box(np.full(2, -50.0), np.full(2, 50.0), 2)
    short, long = np.linspace(0, 1, 20), np.linspace(0, 3, 20)
    x = np.concatenate([np.stack([short, 0 * short], 1), np.stack([long, 0 * long + 30], 1)])
    children = sample(x, RMMEDA(pop_size=20_000, clusters=2), space, np.random.default_rng(0))
    assert np.mean(children[:, 1] > 15) == pytest.approx(0.75, abs=0.01)


def test_what_leaves_the_space_returns_halfway_to_a_member():
    space = Space.box(np.zeros(2), np.ones(2), 2)
    x = np.stack([np.linspace(0.6, 1.0, 20), np.full(20, 0.5)], 1)
    children = sample(x, RMMEDA(pop_size=2000, clusters=1), space, np.random.default_rng(0))
    beyond = np.setdiff1d(children[:, 0], children[(children[:, 0] < 0.8)])
    assert space.contains(children).all()
    assert not (children == 1.0).all(axis=1).any()  # nothing piles up on the bound
    assert np.isclose(beyond[:, None], 0.5 * (1.0 + x[:, 0]), atol=1e-9).any()


@pytest.mark.parametrize("integer", [False, True])
def test_a_population_of_equal_points_scatters(integer):
    space = Space(np.zeros(3), np.full(3, 20.0), np.full(3, integer), 2)
    children = sample(np.full((30, 3), 7.0), RMMEDA(pop_size=500), space, np.random.default_rng(0))
    assert space.contains(children).all()
    assert children.std(axis=0) == pytest.approx(np.full(3, 2.0), rel=0.1)


def test_linkages_are_its_strength():
    """The paper's first figure: 30 linked variables, where NSGA-II finds a part of the front only."""
    problem = Static(linked, 30)
    ours, theirs = (
        np.mean([igd(solve(o, problem, 99, seed).f, convex(500)) for seed in range(3)])
        for o in (RMMEDA(), NSGA2())
    )
    assert ours < 0.01
    assert ours < 0.5 * theirs


def test_more_clusters_than_points_keep_a_searchers_contract():
    check_searcher(Evolve(RMMEDA(7, clusters=20)), generation=7)
