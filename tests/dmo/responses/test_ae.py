"""Autoencoding: a linear map between sets is found and applied once more."""

import numpy as np
import pytest
from histories import batch, box, history, restart

from dmo.errors import ArgumentError
from dmo.responses import AE
from dmo.responses.ae import fit
from dmo.responses.tracks import tracks

RNG = np.random.default_rng(3)


def trade_off(n):
    a = np.sort(RNG.random(n))
    return np.stack([a, 1.0 - a], axis=1)


def test_a_known_map_is_recovered():
    source, matrix = RNG.random((30, 4)), RNG.normal(size=(4, 4))
    assert np.allclose(fit(source, source @ matrix), matrix)


def test_of_many_maps_the_one_of_least_norm():
    source = np.repeat(RNG.random((30, 1)), 2, axis=1)
    matrix = fit(source, source[:, :1] @ [[2.0, 2.0]])
    assert np.allclose(matrix, [[1.0, 1.0], [1.0, 1.0]])


def test_the_map_is_applied_to_the_last_set():
    f, x = trade_off(30), 0.2 + 0.2 * RNG.random((30, 3))
    matrix = np.array([[1.1, 0.0, 0.1], [0.05, 0.9, 0.0], [0.0, 0.1, 1.0]])
    order = RNG.permutation(30)  # the pairing is found, whatever the order
    past = history(batch(x[order], f[order]), batch(x @ matrix, 3.0 * f - 1.0))
    assert np.allclose(AE().probe(past, box(3), RNG), x @ matrix @ matrix)


def test_tracks_pair_what_makes_the_same_trade_off():
    f, x = trade_off(25), RNG.random((25, 3))
    orders = [RNG.permutation(25) for _ in range(3)]
    paths = tracks([batch(x[o] + k, (k + 1.0) * f[o] - k) for k, o in enumerate(orders)])
    assert paths.shape == (3, 25, 3)
    for k in range(3):
        assert np.allclose(paths[k], x[orders[-1]] + k)


def test_the_population_is_mapped_old_and_random():
    f, x = trade_off(20), RNG.random((20, 3))
    past = history(batch(x, f), batch(x, f))
    new = restart(AE(), past, box(3), 100)
    known = {tuple(p) for p in x}
    assert np.allclose(new[:20], x)
    assert len(new) == 100
    assert sum(tuple(p) in known for p in new[20:]) == 20


def test_after_the_first_change_half_is_random():
    f, x = trade_off(20), RNG.random((20, 3))
    new = restart(AE(), history(batch(x, f)), box(3), 20)
    assert sum(tuple(p) in {tuple(q) for q in x} for p in new) == 10


def test_bad_settings_are_refused():
    with pytest.raises(ArgumentError):
        AE(share=2.0)
