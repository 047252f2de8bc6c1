"""Histories made by hand, and those at the edge of what a search can produce."""

from dataclasses import replace

import numpy as np

from dmo import Batch, Environment, Space
from dmo.dominance import nondominated
from dmo.history import History


def batch(x, f=None, g=None):
    """Points whose objectives are, if not given, the first variable and its opposite: all non-dominated."""
    x = np.asarray(x, dtype=float)
    f = np.stack([x[:, 0], -x[:, 0]], axis=1) if f is None else np.asarray(f, dtype=float)
    parts = Batch(x.copy(), f, np.empty((len(x), 0)) if g is None else np.asarray(g, dtype=float))
    for array in (parts.x, parts.f, parts.g):
        array.flags.writeable = False
    return parts


def history(*populations, probes=None):
    """The history whose past populations these are, oldest first."""
    answers = tuple(p[nondominated(p)] for p in populations)
    environments = tuple(Environment(k, k / 10.0, None) for k in range(len(populations)))
    now = Environment(len(populations), len(populations) / 10.0, None)
    return History(populations, answers, environments, now, populations[-1][:0] if probes is None else probes)


def box(d, lower=0.0, upper=1.0, n_obj=2):
    return Space.box(np.full(d, lower), np.full(d, upper), n_obj)


def segment(n, d, offset, rng=None):
    """n points along the first variable, all others at `offset`, in random order where rng is given."""
    x = np.full((n, d), offset, dtype=float)
    x[:, 0] = np.linspace(0.0, 1.0, n)
    return x if rng is None else x[rng.permutation(n)]


def restart(response, past, space, n, seed=0, evaluate=None):
    """All points of the new population, as Evolve would have them evaluated: the probes, then the rest."""
    rng = np.random.default_rng(seed)
    probed = response.probe(past, space, rng)
    probes = batch(probed) if evaluate is None else evaluate(probed)
    if len(probed):
        past = replace(past, probes=probes)
    return np.concatenate([probed, response.respond(past, space, n, rng)])


def edges():
    """Spaces and histories at the edge, by name: (space, history)."""
    rng = np.random.default_rng(7)
    real, two, three = box(3), box(3), box(4, n_obj=3)
    moving = [batch(rng.random((10, 3)) * 0.1 + 0.02 * k) for k in range(12)]
    flat = Space.box(np.array([0.0, 0.5, -1.0]), np.array([1.0, 0.5, 2.0]), 2)
    mixed = Space(np.array([0.0, 0.0, -3.0]), np.array([1.0, 1.0, 4.0]), np.array([False, True, True]), 2)
    tiny = np.full((6, 3), 5e-324)
    crowd = [rng.random((30, 4)) for _ in range(3)]
    return {
        "one environment": (real, history(moving[0])),
        "many": (real, history(*moving)),
        "one member": (real, history(*[m[:1] for m in moving])),
        "four members": (real, history(*[m[:4] for m in moving])),
        "more members than n": (three, history(*[batch(x, rng.random((30, 3))) for x in crowd])),
        "all equal": (two, history(*[batch(np.full((10, 3), 0.3)) for _ in range(9)])),
        "never moved": (two, history(*[moving[0]] * 9)),
        "the smallest numbers": (two, history(*[batch(tiny * (k % 2)) for k in range(9)])),
        "huge steps": (two, history(*[batch(np.full((10, 3), float(k % 2))) for k in range(9)])),
        "all infeasible": (real, history(*[batch(m.x, m.f, rng.random((10, 2)) + 1.0) for m in moving])),
        "partly feasible": (real, history(*[batch(m.x, m.f, rng.random((10, 1)) - 0.5) for m in moving])),
        "one objective varies": (real, history(*[batch(m.x, np.c_[m.x[:, 0], np.ones(10)]) for m in moving])),
        "one value allowed": (flat, history(*[batch(flat.sample(10, rng)) for _ in range(9)])),
        "integers": (mixed, history(*[batch(mixed.sample(10, rng)) for _ in range(9)])),
        "sizes differ": (real, history(*[batch(rng.random((k, 3))) for k in (1, 7, 3, 10, 4, 10, 2, 9)])),
        "one variable": (box(1), history(*[batch(rng.random((8, 1))) for _ in range(9)])),
    }
