"""Associative memory: the environment that comes back is recognised, by its context or by values."""

from dataclasses import replace

import numpy as np
import pytest
from histories import batch, box, history, restart

from dmo import Environment
from dmo.errors import ArgumentError
from dmo.responses import AssociativeMemory

RNG = np.random.default_rng(31)
GOALS = (0.1, 0.4, 0.7, 0.9, 0.5)


def evaluate(goal, constraint=None):
    def values(x):
        f = np.stack([((x - goal) ** 2).sum(1), ((x - goal - 0.05) ** 2).sum(1)], axis=1)
        return batch(x, f, None if constraint is None else x[:, :1] - constraint)

    return values


def around(goal, n=20):
    return np.clip(goal + 0.05 * RNG.random((n, 3)), 0.0, 1.0)


def past(contexts=None, now=None):
    made = history(*[evaluate(goal)(around(goal)) for goal in GOALS])
    if contexts is None:
        return made
    environments = tuple(Environment(k, None, np.asarray(c, dtype=float)) for k, c in enumerate(contexts))
    return replace(
        made, environments=environments, now=Environment(len(GOALS), None, np.asarray(now, dtype=float))
    )


@pytest.mark.parametrize("which", range(len(GOALS)))
def test_values_tell_which_environment_comes_back(which):
    memory, before = AssociativeMemory(sentinels=2), past()
    probes = evaluate(GOALS[which])(memory.probe(before, box(3), RNG))
    assert memory.order(replace(before, probes=probes))[0] == which


@pytest.mark.parametrize("which", range(len(GOALS)))
def test_the_set_of_that_environment_is_restored(which):
    before = past()
    new = restart(AssociativeMemory(share=0.5), before, box(3), 30, 0, evaluate(GOALS[which]))[10:]
    known = {tuple(p) for p in before.answers[which].x}
    assert len(new) == 20
    assert sum(tuple(p) in known for p in new) == min(10, len(known))


def test_constraints_tell_too():
    x = np.full((4, 3), 0.5)
    before = history(*[batch(x, np.zeros((4, 2)), np.full((4, 1), g)) for g in (-0.35, -0.2, -0.1)])
    probes = batch(x[:1].repeat(3, axis=0), np.zeros((3, 2)), np.full((3, 1), -0.2))
    assert AssociativeMemory(sentinels=1).order(replace(before, probes=probes)).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("now", "first"),
    [((100.0, 0.5), 0), ((250.0, 0.1), 1), ((400.0, 0.5), 3), ((250.0, 0.9), 2)],
)
def test_contexts_tell_and_cost_nothing(now, first):
    contexts = [(100.0, 0.5), (250.0, 0.1), (250.0, 0.9), (400.0, 0.5), (100.0, 0.1)]
    memory, before = AssociativeMemory(), past(contexts, now)
    assert len(memory.probe(before, box(3), RNG)) == 0
    assert memory.order(before)[0] == first
    new = memory.respond(before, box(3), 10, RNG)
    known = {tuple(p) for p in before.answers[first].x}
    assert sum(tuple(p) in known for p in new) >= min(7, len(known))


def test_units_of_a_context_do_not_matter():
    contexts = RNG.random((5, 3))
    now = RNG.random(3)
    orders = [
        AssociativeMemory().order(past(contexts * unit, now * unit)) for unit in (1.0, [1e9, 1.0, 1e-9])
    ]
    assert np.array_equal(*orders)


def test_of_equal_environments_the_latest_comes_first():
    assert AssociativeMemory().order(past([(1.0,)] * 5, (1.0,))).tolist() == [4, 3, 2, 1, 0]
    assert AssociativeMemory().order(past([()] * 5, ())).tolist() == [4, 3, 2, 1, 0]


def test_where_one_context_is_missing_values_tell():
    before = past([(1.0,)] * 5, (1.0,))
    environments = (Environment(0, None, None), *before.environments[1:])
    assert len(AssociativeMemory().probe(replace(before, environments=environments), box(3), RNG)) == 10


def test_a_recurring_point_is_restored_once_while_there_are_others():
    x = np.array([[0.1, 0.1, 0.1], [0.2, 0.2, 0.2]])
    f = np.array([[0.0, 1.0], [1.0, 0.0]])
    before = history(batch(x + 0.5, f), batch(x, f), batch(x, f))
    now = Environment(3, None, np.ones(1))
    before = replace(before, environments=(now, now, now), now=now)
    new = AssociativeMemory(share=1.0).respond(before, box(3), 4, RNG)
    assert np.array_equal(np.unique(new, axis=0), np.unique(np.concatenate([x, x + 0.5]), axis=0))


def test_bad_settings_are_refused():
    for bad in ({"share": 1.5}, {"sentinels": 0}):
        with pytest.raises(ArgumentError):
            AssociativeMemory(**bad)
