"""Mixed moments, and the two responses that sample them: in the variables and in the objectives."""

import numpy as np
import pytest
from histories import batch, box, history, restart

from dmo.errors import ArgumentError
from dmo.responses import IMKT, KTMM
from dmo.responses.moments import mixed, moments

RNG = np.random.default_rng(11)


def plain_mixture(now, past, pool, own):
    """The formula once more, set by set."""
    pairs = []
    for x in past:
        mean, deviation = x.mean(0), x.std(0)
        r = np.sqrt(sum((mean - now[0]) ** 2) + sum((deviation - now[1]) ** 2))
        pairs.append((r, mean, deviation))
    pairs = sorted(pairs, key=lambda p: p[0])[:pool]
    weights = np.array([1.0 / (r + 1e-8) for r, _, _ in pairs])
    weights = weights / (weights.sum() + own)
    mean = (1.0 - weights.sum()) * now[0] + sum(w * m for w, (_, m, _) in zip(weights, pairs, strict=True))
    spread = (1.0 - weights.sum()) * now[1] + sum(w * s for w, (_, _, s) in zip(weights, pairs, strict=True))
    return np.stack([mean, spread])


@pytest.mark.parametrize(("pool", "own"), [(1, 0.5), (3, 0.5), (20, 2.0), (20, 0.0)])
def test_the_mixture_is_that_of_the_formula(pool, own):
    past, now = [RNG.random((9, 4)) for _ in range(7)], moments(RNG.random((30, 4)))
    assert np.allclose(mixed(now, past, pool, own), plain_mixture(now, past, pool, own))


def test_a_past_set_that_equals_the_new_one_is_taken_as_it_is():
    past = [RNG.random((9, 4)) for _ in range(7)]
    assert np.allclose(mixed(moments(past[3]), past, 7, 0.5), moments(past[3]), atol=1e-6)


def test_without_weight_on_the_past_the_new_moments_stay():
    now = moments(RNG.random((30, 4)))
    assert np.allclose(mixed(now, [RNG.random((9, 4))], 1, 1e12), now)


def around(centre, n=20):
    return np.clip(centre + 0.02 * RNG.standard_normal((n, 3)), 0.0, 1.0)


def away_from(goal):
    return lambda x: batch(x, np.stack([((x - goal) ** 2).sum(1), ((x - goal - 0.05) ** 2).sum(1)], axis=1))


def test_the_environment_that_resembles_the_new_one_is_found_again():
    # The random points say on which side the optimum is, and the past has a set there.
    past = history(*[away_from(goal)(around(goal)) for goal in (0.2, 0.8, 0.1, 0.25)])
    new = restart(KTMM(pool=1, own=0.0), past, box(3), 200, 3, away_from(np.full(3, 0.8)))
    sampled = new[20:]
    assert np.abs(sampled.mean(axis=0) - 0.8).max() < 0.1


def test_as_many_points_are_probed_as_the_population_has():
    past = history(batch(around(0.5)), batch(around(0.6)))
    for response in (KTMM(), IMKT()):
        assert len(response.probe(past, box(3), RNG)) == 20


def test_the_moved_population_lies_one_displacement_on():
    past = history(batch(around(0.4)), batch(around(0.5)))
    moved = IMKT(radius=0.0).probe(past, box(3), np.random.default_rng(0))
    assert np.abs(moved.mean(axis=0) - 0.6).max() < 0.06


def test_objectives_are_mapped_back_along_a_linear_set():
    a = np.linspace(0.0, 1.0, 40)
    f = np.stack([1.0 + a, 2.0 - a], axis=1)
    x = 0.5 + f @ (np.array([[0.1, -0.05, 0.02], [-0.02, 0.05, 0.1]]))

    past = history(batch(x, f), probes=batch(x, f))
    new = IMKT(scaled=True).respond(past, box(3), 60, np.random.default_rng(0))
    inside = ((new > 0.0) & (new < 1.0)).all(axis=1)
    plane = np.linalg.svd(x - 0.5)[2][:2]
    off = (new - 0.5) - (new - 0.5) @ plane.T @ plane
    assert inside.all()
    assert np.abs(off).max() < 1e-9


@pytest.mark.parametrize("response", [KTMM, IMKT])
def test_bad_settings_are_refused(response):
    with pytest.raises(ArgumentError):
        response(pool=0)
    with pytest.raises(ArgumentError):
        response(own=-0.1)
