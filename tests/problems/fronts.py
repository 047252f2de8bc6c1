"""What tests of true fronts share: times, and points that would beat a front which is wrong."""

from __future__ import annotations

from collections.abc import Callable

import moocore
import numpy as np

from dmo.types import Array
from problems.analytic import Analytic

TIMES = (
    0.0,
    0.1,
    0.25,
    1 / 3,
    0.5,
    0.7,
    0.9,
    1.0,
    1.1,
    1.3,
    1.5,
    1.66,
    1.8,
    2.0,
    2.05,
    2.3,
    2.5,
    2.75,
    2.9,
    3.0,
)


def beaten(front: Array, f: Array, by: float = 1e-6) -> int:
    """How many rows of the front some row of f betters by more than `by` in every objective."""
    kept = moocore.is_nondominated(np.vstack([front, f + by]), keep_weakly=True)
    return int(np.count_nonzero(~kept[: len(front)]))


def missed(front: Array, f: Array, spare: float) -> int:
    """How many rows of f no row of the front dominates even though `spare` is added to their objectives.

    With the gap between points of the front to spare, a whole front leaves none.
    """
    kept = moocore.is_nondominated(np.vstack([front, f + spare]), keep_weakly=True)
    return int(np.count_nonzero(kept[len(front) :]))


def candidates(
    problem: Analytic, t: float, rng: np.random.Generator, best: Callable[[Array], Array]
) -> Array:
    """Points that would beat a wrong front: near the set, off it along the front, and of least distance.

    best is written independently of the problem.
    """
    space, k = problem.space, problem.n_obj - 1
    near = np.repeat(problem.set(t, 200), 4, axis=0)
    moved = near.copy()
    near += rng.choice([1e-4, 1e-2], (len(near), 1)) * rng.normal(size=near.shape)
    moved[:, :k] = space.sample(len(moved), rng)[:, :k]
    places = space.sample(3_000, rng)[:, :k]
    ends = rng.random(places.shape)
    places = np.where(ends < 0.05, space.lower[0], np.where(ends > 0.95, space.upper[0], places))
    return space.repair(np.vstack([near, moved, best(places)]))
