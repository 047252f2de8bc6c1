"""Laws that the test of every constrained suite holds against its problems."""

from __future__ import annotations

from collections.abc import Callable

import moocore
import numpy as np
from fronts import beaten

from dmo.types import Array
from problems.constrained.planar import Planar

TIMES = (0.0, 0.1, 1 / 3, 0.7, 0.9, 1.0, 1.3, 1.5, 2.0, 2.3, 2.75, 3.0)
Scalar = Callable[[list[float], float], tuple[list[float], list[float]]]


def agrees(problem: Planar, theirs: Scalar, rng: np.random.Generator, on_front: bool = True) -> None:
    """evaluate() is what a plain loop over points says, f and g, at random points and on the front."""
    for t in TIMES:
        x = problem.space.sample(30, rng)
        x = np.vstack([x, problem.set(t, 10)]) if on_front else x
        batch = problem.evaluate(x, t)
        f, g = zip(*(theirs(row, t) for row in x.tolist()), strict=True)
        np.testing.assert_allclose(batch.f, f, rtol=1e-12, atol=1e-10, err_msg=f"t = {t}")
        np.testing.assert_allclose(batch.g, g, rtol=1e-12, atol=1e-10, err_msg=f"t = {t}")


def sample(problem: Planar, t: float, rng: np.random.Generator, n: int = 20_000) -> Array:
    """Objectives of feasible points at any position and distance, most near the least distance."""
    p = np.concatenate([rng.random(n), rng.choice([0.0, 1.0], n // 50)])
    far = problem.rays(t).top(p) - 1.0
    x = problem.at(p, 1.0 + far * rng.random(len(p)) ** 4, t)
    batch = problem.evaluate(x, t)
    return batch.f[batch.feasible]


def whole(problem: Planar, t: float, rng: np.random.Generator) -> None:
    """No feasible point betters the front, and none is left undominated by it but for its spacing."""
    front = problem.front(t, 3000)
    f = sample(problem, t, rng)
    assert beaten(front, f) == 0, f"t = {t}"
    spacing = np.ptp(front, axis=0).sum() / 3000 + 1e-9  # no piece of a front is longer than the sum
    kept = moocore.is_nondominated(np.vstack([front, f + spacing]), keep_weakly=True)
    assert not kept[len(front) :].any(), f"t = {t}: part of the front is missing"


def even(problem: Planar, t: float) -> None:
    """Neighbours on the front are equally far apart, but for the gaps between its pieces."""
    f = problem.front(t, 400)
    f = f[np.argsort(f[:, 0])]
    gaps = np.hypot(*np.diff(f, axis=0).T)
    typical = np.median(gaps)
    within = gaps[gaps < 1.5 * typical]
    assert len(within) > 0.9 * len(gaps), t
    assert within.min() > 0.5 * typical, t
