"""Where knobs change nothing, of every kind of network: the graphs that would be executed, compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir

from experiments.entry import CONF, build
from problems.deployment.graph.compare import NOTICEABLE, _digest, _optimised, _packed
from problems.deployment.inert import ANY
from problems.deployment.plan import unfinished
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import FUSIONS, LEVELS, PASSES, Strategy

NAMES = ("resnet", "mobilenet", "vgg", "vit")


@pytest.fixture(scope="module", params=NAMES)
def network(request):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return build(compose("train", [f"network={request.param}"]).network)


@pytest.fixture(scope="module")
def graph(network, tmp_path_factory):
    """The graph that is executed of a strategy, its batch-norm statistics those of noise."""
    shape = network.elastic.smallest
    x = np.random.default_rng(0).standard_normal((8, 1, *2 * (shape.resolution,))).astype(np.float32)
    torch.manual_seed(0)
    module = shape.build(network.module)
    with torch.no_grad():
        module(torch.from_numpy(x))
    module.eval()
    folder = tmp_path_factory.mktemp("models")

    def of(strategy: Strategy):
        file = unfinished(strategy, module, x, folder)
        return _optimised(file, strategy.level, PASSES[strategy.fusion])

    return of


def choices(network, precision, patches):
    shape = network.elastic.smallest
    return [
        Strategy(shape, precision, level, fusion, patches=patches)
        for level, fusion in product(LEVELS, FUSIONS)
    ]


@pytest.mark.parametrize(("precision", "patches"), [("fp32", 1), ("fp32", 2), ("int8", 1), ("int8", 2)])
def test_rows_are_equal_if_and_only_if_the_graphs_are(network, graph, precision, patches) -> None:
    space = StrategySpace(network.elastic, inert=network.inert)
    bare = StrategySpace(network.elastic, inert=ANY)
    strategies = choices(network, precision, patches)
    graphs = [_digest(graph(s)) for s in strategies]
    rows = np.array([space.encode(s) for s in strategies])
    own, any_ = ([tuple(row) for row in s.canonical(rows)] for s in (space, bare))
    for i, j in product(range(len(rows)), repeat=2):
        assert (own[i] == own[j]) == (graphs[i] == graphs[j]), (strategies[i], strategies[j])
        assert any_[i] != any_[j] or graphs[i] == graphs[j]


def test_prepacking_is_kept_where_kernels_store_weights_again(network) -> None:
    """Of the full network, in its file as exported and at each level."""
    space = StrategySpace(network.elastic, inert=network.inert)
    shape = network.elastic.largest
    for precision, level in product(("fp32", "int8"), LEVELS):
        strategy = Strategy(shape, precision, level, prepacking=False)
        kept = not space.decode(space.canonical(space.encode(strategy)[None])[0]).prepacking
        products = "vit" in network.name and level != "disabled"
        assert kept == (level in ("extended", "all") if precision == "int8" else products)


def test_a_transformers_products_store_their_weights_again(tmp_path) -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        network = build(compose("train", ["network=vit"]).network)
    shape = replace(network.elastic.largest, resolution=16)
    module = shape.build(network.module).eval()
    packed = {
        level: _packed(_optimised(unfinished(Strategy(shape), module, np.zeros(1), tmp_path), level, ()))
        for level in LEVELS
    }
    assert packed["disabled"] < NOTICEABLE < min(packed[level] for level in LEVELS[1:])
