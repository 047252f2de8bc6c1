"""Which strategies are measured: landmarks always, then a balanced sample."""

from __future__ import annotations

import numpy as np
import pytest

from problems.deployment.elastic.shape import Elastic
from problems.deployment.sampling import designed, landmarks, layers, sample, uniform
from problems.deployment.space import StrategySpace

SPACE = StrategySpace(Elastic(((8, 16, 24, 32), (16, 32, 48, 64)), ((1, 2), (1, 2)), (16, 24, 32)), threads=2)
MODEL = np.array([knob.layer == "model" for knob in SPACE.knobs])


def test_landmarks_are_full_smallest_and_every_single_change():
    rows = landmarks(SPACE)
    keys = {SPACE.decode(row).key for row in rows}
    assert len(keys) == len(rows)
    assert {SPACE.full.key, SPACE.smallest.key} <= keys
    full = SPACE.encode(SPACE.full)
    changed = [k for k in range(SPACE.dim) for _ in range(SPACE.sizes[k] - 1)]
    assert len(rows) <= 2 + len(changed)
    for k in np.flatnonzero(MODEL):  # model knobs always change what is executed
        only = (rows != full).sum(axis=1) == 1
        assert (only & (rows[:, k] != full[k])).sum() == SPACE.sizes[k] - 1


@pytest.mark.parametrize("samples", [1, 20, 200])
def test_rows_are_canonical_different_and_as_many_as_asked_for(samples):
    rows = sample(SPACE, samples, seed=3)
    assert len(rows) == len(np.unique(rows, axis=0)) == samples
    np.testing.assert_array_equal(SPACE.canonical(rows), rows)
    known = landmarks(SPACE)[:samples]
    np.testing.assert_array_equal(rows[: len(known)], known)


def test_layers_change_one_layer_of_the_full_network_or_compress_it_uniformly():
    full = SPACE.encode(SPACE.full)
    rows = layers(SPACE, np.random.default_rng(0))
    by_layer = {name: np.array([k.layer == name for k in SPACE.knobs]) for name in ("graph", "memory")}
    kinds = {name: (rows[:, ~columns] == full[~columns]).all(axis=1) for name, columns in by_layer.items()}
    known = {tuple(row) for row in uniform(SPACE)}
    for row, graph, memory in zip(rows, kinds["graph"], kinds["memory"], strict=True):
        assert graph or memory or tuple(row) in known
    # fp32 weights are not packed again: arena, pattern and patches are left, all combinations
    assert kinds["memory"].sum() == 2 * 2 * 3
    for row in uniform(SPACE):
        shape = SPACE.decode(row).shape
        assert shape.width[1] == 2 * shape.width[0]
        assert shape.depth[0] == shape.depth[1]


def test_every_other_subnet_is_measured_with_the_full_networks_settings_too():
    rows = sample(SPACE, 300, 0)
    plain = (rows[:, ~MODEL] == SPACE.encode(SPACE.full)[~MODEL]).all(axis=1)
    subnets = np.unique(rows[:, MODEL], axis=0)
    assert len(np.unique(rows[plain][:, MODEL], axis=0)) >= len(subnets) - 1


def test_a_seed_is_a_sample():
    np.testing.assert_array_equal(sample(SPACE, 90, 1), sample(SPACE, 90, 1))
    assert not np.array_equal(sample(SPACE, 90, 1), sample(SPACE, 90, 2))


def test_subnets_are_the_same_for_every_device():
    """So their accuracies are found once."""
    one = StrategySpace(SPACE.elastic, threads=1)
    found = []
    for space in (SPACE, one):
        rows = sample(space, 300, 0)[len(designed(space, np.random.default_rng(0))) :]
        found.append({tuple(row) for row in rows[:, MODEL].tolist()})
    fewer, more = sorted(found, key=len)
    assert fewer <= more


def test_accuracies_to_be_found_stay_bounded():
    rows = sample(SPACE, 300, 0)
    first = len(designed(SPACE, np.random.default_rng(0)))
    assert len(np.unique(rows[first:, MODEL], axis=0)) <= (300 - first) / 3 + 5


def test_levels_of_each_model_knob_are_equally_frequent():
    rows = sample(SPACE, 300, 0)[len(designed(SPACE, np.random.default_rng(0))) :]
    for k in np.flatnonzero(MODEL):
        counts = np.bincount(rows[:, k].astype(int), minlength=SPACE.sizes[k])
        assert counts.max() - counts.min() <= 0.1 * len(rows)


def test_a_small_space_is_nearly_exhausted():
    tiny = StrategySpace(Elastic(((4,),), ((1,),), (16,)), threads=1)
    rows = sample(tiny, 10**6, 0)
    assert 0.8 * tiny.count() < len(rows) == len(np.unique(rows, axis=0)) <= tiny.count()
