"""Branches: divided convolutions compute what they did, in as many operators as the knob says."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import onnx
import pytest

from dmo.errors import ArgumentError
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.engines import load
from problems.deployment.graph.branches import branch
from problems.deployment.plan import Plan, build
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import LEVELS, Strategy

SHAPE = Shape((16, 32, 32), (1, 1, 1), 16)


@pytest.fixture
def plan(module, images, folder):
    return lambda **choices: build(Strategy(SHAPE, threads=2, **choices), module, images[:8], folder)


@pytest.mark.parametrize(
    "choice",
    [
        *({"level": level} for level in LEVELS),
        *({"patches": 2}, {"segments": 2}, {"preoptimised": True}, {"fusion": "both"}, {"arena": False}),
    ],
    ids=str,
)
def test_output_is_torchs(plan, images, expected, choice) -> None:
    session = load(plan(branches=2, **choice))
    for _ in range(2):
        np.testing.assert_allclose(session(images[:20]), expected[:20], rtol=1e-4, atol=1e-4)


def test_heavy_convolutions_are_divided_and_nothing_is_lost(plan) -> None:
    whole, divided = (onnx.load(plan(level="basic", branches=b).model) for b in (1, 2))
    before, after = (Counter(n.op_type for n in m.graph.node) for m in (whole, divided))
    assert after["Concat"] >= 3
    assert after["Conv"] == before["Conv"] + after["Concat"]
    sizes = [sum(np.prod(w.dims) for w in m.graph.initializer if len(w.dims) == 4) for m in (whole, divided)]
    assert sizes[0] == sizes[1]
    copy = whole.SerializeToString()
    assert branch(whole, 1).graph.node == whole.graph.node
    branch(whole, 2)
    assert whole.SerializeToString() == copy


def test_what_cannot_be_divided_is_told(plan) -> None:
    with pytest.raises(ArgumentError, match="branches"):
        branch(onnx.load(plan().model), 64)


def test_the_session_runs_them_at_once(plan) -> None:
    options = load(plan(branches=2)).raw.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 2)
    assert "PARALLEL" in str(options.execution_mode)
    ready = plan(branches=2)
    assert Plan.from_json(ready.to_json()) == ready


def test_branches_are_a_knob_where_asked_for(module, images, folder) -> None:
    elastic = Elastic(((4,),), ((1,),), (8,))
    plain, wide = StrategySpace(elastic), StrategySpace(elastic, branches=2)
    assert plain.full.key == wide.full.key
    rows = wide.canonical(np.indices(wide.sizes).reshape(wide.dim, -1).T)
    for row in np.unique(rows, axis=0):
        strategy = wide.decode(row)
        if strategy.branches > 1:
            assert strategy.threads > 1
            assert strategy.precision == "fp32"
            assert strategy.pattern
    assert plain.count() < wide.count() < 2 * plain.count()
    # What canonical rows leave out changes no file and no setting.
    for precision, threads in product(("fp32", "int8"), (1, 2)):
        if (precision, threads) != ("fp32", 2):
            made = (
                build(Strategy(SHAPE, precision, threads=threads, branches=b), module, images[:8], folder)
                for b in (1, 2)
            )
            assert len({(p.model, p.branches) for p in made}) == 1
