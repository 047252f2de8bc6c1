"""The graph network: laws on made-up graphs whose cost is a sum over nodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dmo.errors import ArgumentError
from surrogates import FittedGraphNetwork, GraphNetwork, Graphs, Predictor, load, save
from surrogates.scores import spearman

DEPTHS, WIDTHS = 3, 6
SMALL = GraphNetwork(hidden=12, rounds=1, epochs=60)


def chains() -> Graphs:
    """Chains of 3, 4 or 5 nodes of six widths; a node's features: that it is there, and its width."""
    nodes = np.zeros((WIDTHS, DEPTHS, 5, 2), np.float32)
    edges = np.zeros((DEPTHS, 5, 5), np.float32)
    for d in range(DEPTHS):
        nodes[:, d, : 3 + d, 0] = 1.0
        nodes[:, d, : 3 + d, 1] = np.arange(WIDTHS)[:, None] / 5.0
        for i in range(2 + d):
            edges[d, i, i + 1] = 1.0
    shape = np.tile(np.arange(DEPTHS), WIDTHS)
    return Graphs(np.array([0, 1]), np.array([WIDTHS, DEPTHS]), nodes.reshape(-1, 5, 2), shape, edges)


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """x: width, depth, a knob; y: (3 + depth) nodes of a cost of width each, halved by the knob."""
    rng = np.random.default_rng(seed)
    width, depth, knob = rng.integers(WIDTHS, size=n), rng.integers(DEPTHS, size=n), rng.integers(2, size=n)
    y = (3 + depth) * (1.0 + width) * np.where(knob, 0.5, 1.0)
    return np.column_stack([width / 5.0, depth / 2.0, knob]), y[:, None]


@pytest.fixture(scope="module")
def fitted() -> FittedGraphNetwork:
    return SMALL.on(chains()).fit(*rows(200, 0), np.random.default_rng(0))


def test_a_sum_over_nodes_is_learnt(fitted: FittedGraphNetwork) -> None:
    x, y = rows(100, 1)
    mean, std = fitted.predict(x)
    assert spearman(y[:, 0], mean[:, 0]) > 0.98
    assert np.median(np.abs(mean / y - 1.0)) < 0.1
    assert (std > 0.0).all()


def test_the_order_of_nodes_means_nothing(fitted: FittedGraphNetwork) -> None:
    graphs, turn = fitted.graphs, np.array([4, 2, 0, 3, 1])
    turned = replace(graphs, nodes=graphs.nodes[:, turn], edges=graphs.edges[:, turn][:, :, turn])
    x, _ = rows(50, 2)
    np.testing.assert_allclose(fitted.predict(x)[0], replace(fitted, graphs=turned).predict(x)[0], rtol=1e-9)


def test_a_row_does_not_depend_on_its_company_and_is_stored(
    fitted: FittedGraphNetwork, tmp_path: Path
) -> None:
    x, _ = rows(70, 3)
    whole = fitted.predict(x)[0]
    assert np.array_equal(whole[[7]], fitted.predict(x[[7]])[0])
    assert fitted.predict(x[:0])[0].shape == (0, 1)
    save(Predictor(fitted, ("width", "depth", "knob"), ("ms",)), tmp_path / "g.npz")
    assert np.array_equal(load(tmp_path / "g.npz").predict(x)[0], whole)


def test_the_subnet_of_a_row() -> None:
    graphs = chains()
    x = np.array([[w / 5.0, d / 2.0, 0.0] for w in range(WIDTHS) for d in range(DEPTHS)])
    assert np.array_equal(graphs.of(x), np.arange(WIDTHS * DEPTHS))


def test_it_needs_graphs_that_fit() -> None:
    with pytest.raises(ArgumentError, match=r"call on\(graphs\)"):
        SMALL.fit(*rows(10, 0), np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="number of subnets"):
        replace(chains(), shape=np.zeros(3, dtype=int))
