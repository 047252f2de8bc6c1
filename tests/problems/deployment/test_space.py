"""The strategy space: vectors and strategies, canonical rows, costs, features."""

from __future__ import annotations

import sys
import time
from dataclasses import astuple, replace
from types import ModuleType

import numpy as np
import pytest

from dmo.errors import ArgumentError
from problems.deployment.cost import CostTable, cost
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.networks.resnet import ResNet
from problems.deployment.space import Inert, StrategySpace
from problems.deployment.strategy import Strategy

ELASTIC = Elastic(
    width=((8, 16, 24, 32), (16, 32, 48, 64), (32, 64, 96, 128)),
    depth=((1, 2), (1, 2), (1, 2)),
    resolution=(16, 20, 24, 28, 32),
)
TINY = Elastic(width=((4, 8),), depth=((1,),), resolution=(8,))


@pytest.fixture(scope="module")
def space() -> StrategySpace:
    return StrategySpace(ELASTIC, threads=2, costs=CostTable.of(ResNet, ELASTIC))


@pytest.fixture
def points(space: StrategySpace) -> np.ndarray:
    return space.space(3).sample(1000, np.random.default_rng(0))


def closed_form(shape: Shape) -> tuple[float, float]:
    """Multiply-adds and parameters of the residual network, written out by hand."""
    side, inputs = shape.resolution, shape.width[0]
    macs, weights = 9 * inputs * side**2, 9 * inputs + 2 * inputs
    for stage, (width, depth) in enumerate(zip(shape.width, shape.depth, strict=True)):
        for block in range(depth):
            halves = stage > 0 and block == 0
            side = -(-side // 2) if halves else side
            convs = 9 * inputs * width + 9 * width * width + (inputs * width if halves else 0)
            macs += convs * side**2
            weights += convs + (6 if halves else 4) * width
            inputs = width
    return macs + 10 * inputs, weights + 10 * inputs + 10


def test_costs_are_exact() -> None:
    rng = np.random.default_rng(1)
    for shape in (ELASTIC.smallest, ELASTIC.largest, *(ELASTIC.sample(rng) for _ in range(5))):
        counted = cost(ResNet, shape)
        assert (counted.macs, counted.parameters) == closed_form(shape)


def test_the_table_agrees_with_counting_each_subnet(space: StrategySpace) -> None:
    rng = np.random.default_rng(2)
    levels = (*ELASTIC.width, *ELASTIC.depth, ELASTIC.resolution)
    for _ in range(12):
        index = [int(rng.integers(len(knob))) for knob in levels]
        sizes = [knob[i] for knob, i in zip(levels, index, strict=True)]
        shape = Shape(tuple(sizes[:3]), tuple(sizes[3:6]), sizes[6])
        assert tuple(space.costs(np.array([index]))[0]) == astuple(cost(ResNet, shape))


def test_the_smallest_subnet_is_an_eighth_or_less() -> None:
    assert cost(ResNet, ELASTIC.smallest).macs <= cost(ResNet, ELASTIC.largest).macs / 8


def test_vectors_and_strategies_map_one_to_one(space: StrategySpace, points: np.ndarray) -> None:
    for row in points[:200]:
        strategy = space.decode(row)
        assert np.array_equal(space.encode(strategy), row)
        assert Strategy.from_dict(strategy.to_dict()) == strategy
    strategies = [space.decode(row) for row in np.unique(points, axis=0)]
    assert len({s.key for s in strategies}) == len({str(s) for s in strategies}) == len(strategies)


def test_full_is_the_engines_default(space: StrategySpace) -> None:
    full = space.full
    assert full == Strategy(Shape((32, 64, 128), (2, 2, 2), 32), threads=2)
    assert str(full) == "32-64-128 x 2-2-2 @32 fp32 | all, 2 threads | arena pattern prepacking"
    for strategy in (full, space.smallest):
        row = space.encode(strategy)[None]
        assert np.array_equal(space.canonical(row), row)


def test_canonical_is_idempotent_and_leaves_the_model_alone(space: StrategySpace, points: np.ndarray) -> None:
    before = points.copy()
    once = space.canonical(points)
    assert np.array_equal(space.canonical(once), once)
    assert np.array_equal(points, before)
    model = [k for k, knob in enumerate(space.knobs) if knob.layer == "model"]
    assert np.array_equal(once[:, model], points[:, model])


@pytest.mark.parametrize(
    ("strategy", "same_as"),
    [
        ({"level": "basic", "fusion": "both"}, {"level": "basic"}),
        ({"level": "disabled", "preoptimised": True}, {"level": "disabled"}),
        ({"level": "extended", "fusion": "both"}, {"level": "basic"}),
        ({"level": "all", "fusion": "activation"}, {}),
        ({"precision": "int8", "fusion": "nchwc"}, {"precision": "int8"}),
        (
            {"precision": "int8", "level": "basic", "preoptimised": True},
            {"precision": "int8", "level": "disabled"},
        ),
        ({"prepacking": False}, {}),
    ],
)
def test_inert_knobs_have_one_representative(space: StrategySpace, strategy: dict, same_as: dict) -> None:
    rows = [space.encode(Strategy(ELASTIC.largest, **choices)) for choices in (strategy, same_as)]
    canonical = space.canonical(np.array(rows))
    assert np.array_equal(canonical[0], canonical[1])
    assert np.array_equal(canonical[1], rows[1])


@pytest.mark.parametrize(
    ("strategy", "other"),
    [
        ({"level": "all", "fusion": "both"}, {"level": "all", "fusion": "nchwc"}),
        ({"arena": False, "pattern": False}, {"arena": False}),
        ({"precision": "int8", "prepacking": False}, {"precision": "int8"}),
        ({"precision": "int8", "level": "basic", "patches": 2}, {"level": "basic", "patches": 2}),
        ({"preoptimised": True}, {}),
        ({"threads": 2}, {}),
    ],
)
def test_knobs_that_matter_are_kept(space: StrategySpace, strategy: dict, other: dict) -> None:
    rows = np.array([space.encode(Strategy(ELASTIC.largest, **choices)) for choices in (strategy, other)])
    assert np.array_equal(space.canonical(rows), rows)


def test_count_is_that_of_all_canonical_rows(space: StrategySpace) -> None:
    tiny = StrategySpace(TINY, threads=2)
    every = np.indices(tiny.sizes).reshape(tiny.dim, -1).T.astype(float)
    assert tiny.count() == len(np.unique(tiny.canonical(every), axis=0))
    assert space.count() == tiny.count() // 2 * 4**3 * 2**3 * 5
    assert space.count() >= 100_000


def test_without_rules_every_vector_counts() -> None:
    assert StrategySpace(TINY, threads=1, inert=()).count() == np.prod(StrategySpace(TINY, threads=1).sizes)


def test_features_follow_the_execution_and_are_fast(space: StrategySpace, points: np.ndarray) -> None:
    features = space.features(points)
    assert features.shape == (1000, len(space.feature_names))
    assert np.isfinite(features).all()
    assert np.array_equal(features, space.features(space.canonical(points)))
    columns = dict(zip(space.feature_names, space.features(space.encode(space.full)[None])[0], strict=True))
    assert columns["log_macs"] == columns["log_macs_with_halo"] == np.log(closed_form(ELASTIC.largest)[0])
    assert (columns["level=all"], columns["level=basic"], columns["resolution"]) == (1.0, 0.0, 1.0)
    spent = []
    for _ in range(20):
        start = time.perf_counter()
        space.features(points)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 2e-3  # 0.6 ms; the rest is for a slow machine


def test_distinct_executions_have_distinct_features(space: StrategySpace, points: np.ndarray) -> None:
    canonical = np.unique(space.canonical(points), axis=0)
    assert len(np.unique(space.features(canonical), axis=0)) == len(canonical)


def test_errors_name_knob_levels_value_and_remedy(space: StrategySpace) -> None:
    row = space.encode(space.full)
    row[[knob.name for knob in space.knobs].index("level")] = 7
    with pytest.raises(ArgumentError, match=r"\(level\): expected a whole index 0\.\.3 .*got 7\.0; repair"):
        space.decode(row)
    with pytest.raises(ArgumentError, match=r"expected shape \(n, 16\), got \(3, 2\)"):
        space.canonical(np.zeros((3, 2)))
    with pytest.raises(ArgumentError, match=r"resolution: expected one of \(16, .* got 17"):
        space.encode(Strategy(Shape((8, 16, 32), (1, 1, 1), 17)))
    with pytest.raises(ArgumentError, match=r"precision: expected one of .*'int8'.* got 'int4'"):
        Strategy(ELASTIC.largest, precision="int4")
    with pytest.raises(ArgumentError, match="threads"):
        StrategySpace(ELASTIC, threads=0)
    with pytest.raises(ArgumentError, match=r"StrategySpace\.of"):
        StrategySpace(ELASTIC).features(space.encode(space.full)[None])
    with pytest.raises(ArgumentError, match="plain"):
        Strategy.from_dict({"shape": {"width": [8]}})


def test_a_network_that_breaks_the_additive_rule_is_refused() -> None:
    import torch
    from torch import nn

    def build(width, depth):
        # One layer of two stages' product: neither change alone says how it grows with both.
        return nn.Sequential(nn.Conv2d(1, width[0] * width[1], 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())

    elastic = Elastic(width=((1, 2), (1, 2)), depth=((1,), (1,)), resolution=(4, 8))
    assert isinstance(build((1, 1), (1, 1))(torch.zeros(1, 1, 4, 4)), torch.Tensor)
    with pytest.raises(ArgumentError, match="layers each belong to one stage"):
        CostTable.of(build, elastic)


def test_rules_of_another_network_can_be_given() -> None:
    rules = (Inert({"patches": (2, 3)}, {"patches": 1}),)
    assert StrategySpace(TINY, inert=rules).count() == StrategySpace(TINY, inert=()).count() // 3


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> StrategySpace:
    """A space with an engine from outside, which has threads and tiles and nothing else."""
    engine = ModuleType("lab.quick")
    engine.HONOURS = ("threads", "patches")
    monkeypatch.setitem(sys.modules, "lab.quick", engine)
    return StrategySpace(TINY, threads=2, engines=("lab.quick", "onnxruntime"))


def test_engines_widen_the_space_by_the_rows_that_they_execute(wide: StrategySpace) -> None:
    default = StrategySpace(TINY, threads=2)
    assert [k.name for k in wide.knobs if k.name != "engine"] == [k.name for k in default.knobs]
    # width, precision, threads and patches are all that the other engine can vary
    assert wide.count() == default.count() + 2 * 2 * 2 * 3
    rows = np.indices(wide.sizes).reshape(wide.dim, -1).T.astype(float)
    canonical = wide.canonical(rows)
    assert np.array_equal(wide.canonical(canonical), canonical)
    assert len(np.unique(canonical, axis=0)) == wide.count()
    for row in canonical[:: len(canonical) // 50]:
        strategy = wide.decode(row)
        assert np.array_equal(wide.encode(strategy), row)
        assert Strategy.from_dict(strategy.to_dict()) == strategy
        if strategy.engine == "lab.quick":
            plain = Strategy(strategy.shape, strategy.precision, engine="lab.quick")
            assert strategy == replace(plain, threads=strategy.threads, patches=strategy.patches)
        else:
            assert strategy in [default.decode(default.encode(strategy))]
    assert {k.name: k.engines for k in wide.knobs}["arena"] == ("onnxruntime",)
    assert wide.full == default.full


def test_a_knob_that_no_engine_honours_is_not_there(wide: StrategySpace) -> None:
    alone = StrategySpace(TINY, threads=2, engines=("lab.quick",))
    assert [k.name for k in alone.knobs if k.layer != "model"] == ["threads", "patches"]
    assert alone.full.engine == alone.decode(np.zeros(alone.dim)).engine == "lab.quick"
    assert str(alone.full).endswith("fp32 | lab.quick, 2 threads | plain")
    with pytest.raises(ArgumentError, match="engine: expected one of"):
        alone.encode(wide.full)
    with pytest.raises(ArgumentError, match="name each engine once"):
        StrategySpace(TINY, engines=("onnxruntime", "onnxruntime"))


def test_a_network_of_one_size_has_no_sizes_to_choose() -> None:
    fixed = StrategySpace(Elastic((), (), (24,)), threads=1, patches=1)
    assert [k.name for k in fixed.knobs][:2] == ["precision", "level"]
    assert fixed.full.shape == Shape((), (), 24)
    assert str(fixed.full) == "@24 fp32 | all, 1 thread | arena pattern prepacking"


def test_the_keys_of_the_table_that_ships_stay() -> None:
    """Journals and tables name strategies by key: new choices at their defaults do not alter one."""
    assert Strategy(Shape((32, 64, 128), (2, 2, 2), 32), threads=2).key == "234eef01ec17"
