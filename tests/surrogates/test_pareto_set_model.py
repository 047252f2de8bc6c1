"""Pareto set learning: sets are learnt from preferences and surroundings, and what is not known is old."""

import numpy as np
import pytest

from dmo import Batch, Environment, Evolve, Space
from dmo.check import check_searcher
from dmo.errors import ArgumentError
from dmo.history import History
from dmo.optimisers import MOEAD, NSGA2, RMMEDA
from surrogates.pareto_set_model import ParetoSetModel, preferences, surroundings

RNG = np.random.default_rng(41)
MODEL = ParetoSetModel(epochs=300)


def box(d=3):
    return Space.box(np.zeros(d), np.ones(d), 2)


def front(offset, n=40, d=3):
    """A curved set: where a point lies on the front, plus an offset."""
    a = np.linspace(0.0, 1.0, n)
    x = np.stack([a, *[offset + 0.2 * a**2] * (d - 1)], axis=1)
    batch = Batch(x, np.stack([a, 1.0 - a], axis=1), np.empty((n, 0)))
    for array in (batch.x, batch.f, batch.g):
        array.flags.writeable = False
    return batch


def history(batches, contexts=None, now=None):
    contexts = [None] * len(batches) if contexts is None else [np.array(c, dtype=float) for c in contexts]
    environments = tuple(Environment(k, None, c) for k, c in enumerate(contexts))
    present = Environment(len(batches), None, None if now is None else np.array(now, dtype=float))
    return History(tuple(batches), tuple(batches), environments, present, batches[-1][:0])


def set_for(past, model=MODEL, n=20):
    whole = model.respond(past, box(), 2 * n, np.random.default_rng(0))
    return whole[: round(model.share * 2 * n)]


def test_a_moving_set_is_continued():
    past = history([front(0.1 + 0.05 * k) for k in range(6)])
    found = set_for(past)
    expected = 0.4 + 0.2 * found[:, 0] ** 2
    stayed = 0.35 + 0.2 * found[:, 0] ** 2
    assert np.abs(found[:, 1] - expected).mean() < 0.5 * np.abs(found[:, 1] - stayed).mean()
    assert np.ptp(found[:, 0]) > 0.8


def test_preferences_choose_along_the_set():
    past = history([front(0.1 + 0.02 * k) for k in range(6)])
    network = MODEL.train(past, box(), np.random.default_rng(0))
    a = np.linspace(0.0, 1.0, 11)
    x = network.solutions(np.array([0.2]), np.stack([a, 1.0 - a], axis=1), box())
    assert np.allclose(x[:, 0], a, atol=0.05)


@pytest.mark.parametrize("context", [0.25, 0.5, 0.75])
def test_a_context_in_between_is_interpolated(context):
    contexts = [0.0, 1.0, 0.4, 0.1, 0.8, 0.6]
    past = history([front(0.5 * c) for c in contexts], [[c] for c in contexts], [context])
    found = set_for(past)
    assert np.abs(found[:, 1] - (0.5 * context + 0.2 * found[:, 0] ** 2)).mean() < 0.03


def test_contexts_of_any_length_and_unit():
    contexts = RNG.random((5, 4)) * [1e9, 1.0, 0.0, 1e-9]
    scaled = surroundings(history([front(0.3)] * 5, contexts, contexts[2]))
    assert scaled.shape == (6, 4)
    assert np.abs(scaled).max() <= 1.0
    assert np.array_equal(scaled[-1], scaled[2])
    assert surroundings(history([front(0.3)] * 5, [[]] * 5, [])).shape == (6, 1)


def test_a_context_beyond_the_known_ones_is_the_nearest_of_them():
    past = [history([front(0.2), front(0.4)], [[0.0], [1.0]], [now]) for now in (1.0, 50.0)]
    assert np.array_equal(set_for(past[0]), set_for(past[1]))


@pytest.mark.parametrize(
    "past",
    [history([front(0.2)]), history([front(0.2)] * 3, [[1.0]] * 3, [2.0])],
    ids=["one environment", "one context"],
)
def test_where_nothing_tells_members_are_old_or_random(past):
    x = MODEL.respond(past, box(), 20, np.random.default_rng(0))
    known = {tuple(p) for p in past.populations[-1].x}
    assert [tuple(p) in known for p in x] == [True] * 16 + [False] * 4


def test_preferences_sum_to_one_even_where_a_front_is_one_point():
    for f in (RNG.random((9, 3)), np.ones((4, 2)), np.zeros((1, 2))):
        found = preferences(Batch(np.zeros((len(f), 2)), f, np.empty((len(f), 0))))
        assert np.allclose(found.sum(axis=1), 1.0)
        assert (found >= 0.0).all()


def test_the_same_seed_gives_the_same_bits_whatever_torch_has_drawn():
    torch = pytest.importorskip("torch")
    past = history([front(0.1 + 0.05 * k) for k in range(3)])
    first = MODEL.respond(past, box(), 20, np.random.default_rng(3))
    state = torch.random.get_rng_state()
    torch.rand(7)
    assert np.array_equal(first, MODEL.respond(past, box(), 20, np.random.default_rng(3)))
    torch.random.set_rng_state(state)
    MODEL.respond(past, box(), 20, np.random.default_rng(3))
    assert torch.equal(state, torch.random.get_rng_state())


def test_integers_bounds_of_one_value_and_few_members():
    space = Space(np.array([0.0, 0.5, -2.0]), np.array([1.0, 0.5, 3.0]), np.array([False, False, True]), 2)
    for rows in (1, 4, 30):
        x = space.sample(rows, RNG)
        made = [Batch(x, RNG.random((rows, 2)), np.ones((rows, 1))) for _ in range(3)]
        for n in (2, 10, 50):
            new = ParetoSetModel(epochs=5).respond(history(made), space, n, np.random.default_rng(0))
            assert new.shape == (n, 3)
            assert space.contains(new).all()


@pytest.mark.parametrize("optimiser", [NSGA2(6), MOEAD(6), RMMEDA(6)], ids=["NSGA2", "MOEAD", "RMMEDA"])
def test_searchers_keep_their_contract(optimiser):
    check_searcher(Evolve(optimiser, ParetoSetModel(epochs=2)))


def test_bad_settings_are_refused():
    for bad in ({"share": 1.5}, {"share": 0.9, "random": 0.2}, {"hidden": 0}, {"epochs": 0}, {"rate": 0.0}):
        with pytest.raises(ArgumentError):
            ParetoSetModel(**bad)
