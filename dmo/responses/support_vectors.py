"""Support vector regression of many small problems at once."""

from __future__ import annotations

import numpy as np

from dmo.types import Array

STEPS = 60  # far more than any problem was seen to need (about 25)
CENTERING = 0.1  # how far a step aims to lower the complementarity
REACH = 0.99  # share of the way to the nearest bound that a step may go


def fit(kernel: Array, y: Array, penalty: float, tube: float, tolerance: float = 1e-6) -> tuple[Array, Array]:
    """Weights (b, n) and constants (b,) of b epsilon-regressions, each kernel @ weights + constant.

    kernel: (b, n, n) positive semi-definite; y: (b, n); penalty: C > 0, the bound of each weight;
    tube: epsilon > 0, the error that costs nothing; tolerance: of the optimality conditions in units
    of y, and of the duality gap relative to the objective. All problems are solved together by a
    primal-dual interior-point method, a step of which is one n x n system each.
    Source: Smola & Schoelkopf, A tutorial on support vector regression (2004), eq. 10 (the dual) and
    section 5.2 (its solution by interior points).
    """
    n = y.shape[1]
    # Where the tube holds all of y no weight is needed, and of the constants that do the middle is taken.
    weights, constants = np.zeros_like(y), 0.5 * (y.max(axis=1) + y.min(axis=1))
    open_ = np.flatnonzero(np.ptp(y, axis=1) > 2.0 * tube)  # problems not yet solved
    kernel, y = kernel[open_], y[open_]
    # a[:, 0] and a[:, 1] pull up and down: weights = a[:, 0] - a[:, 1]. low and high are the multipliers
    # of a >= 0 and of a <= penalty. All three are (problems, 2, n).
    signs = np.array([1.0, -1.0])[:, None]
    a = np.full((len(y), 2, n), 0.5 * min(penalty, 1.0))
    low, high = np.ones_like(a), np.ones_like(a)
    constant = y.mean(axis=1)
    for _ in range(STEPS):
        w, room = a[:, 0] - a[:, 1], penalty - a
        image = (kernel @ w[..., None])[..., 0]
        error = image + constant[:, None] - y
        gradient = signs * error[:, None] + tube - low + high
        product = (low * a + high * room).mean(axis=(1, 2))
        balance = w.sum(axis=1)
        objective = 0.5 * (w * image).sum(axis=1) - (w * y).sum(axis=1) + tube * a.sum(axis=(1, 2))
        weights[open_], constants[open_] = w, constant
        rest = (
            (np.abs(gradient).max(axis=(1, 2)) > tolerance)
            | (4 * n * product > tolerance * (tube + np.abs(objective)))
            | (np.abs(balance) > tolerance * (1.0 + np.abs(w).max(axis=1)))
        )
        if not rest.any():
            break
        if not rest.all():
            open_, kernel, y, a, room = open_[rest], kernel[rest], y[rest], a[rest], room[rest]
            low, high, constant = low[rest], high[rest], constant[rest]
            gradient, product, balance = gradient[rest], product[rest], balance[rest]
        target = CENTERING * product[:, None, None]
        stiffness = low / a + high / room
        push = (target / a - low) - (target / room - high) - gradient
        give = (1.0 / stiffness).sum(axis=1)
        free = (signs * push / stiffness).sum(axis=1) / give
        # Rounding alone could make the matrix of a singular kernel singular; it needs no more than this.
        system = kernel + np.eye(n) * (1.0 / give[:, None] + 1e-12)
        solved = np.linalg.solve(system, np.stack([free, np.ones_like(free)], axis=-1))
        shift = (solved[..., 0].sum(axis=1) + balance) / solved[..., 1].sum(axis=1)
        moved = solved[..., 0] - shift[:, None] * solved[..., 1]
        # kernel @ moved + shift, in the form in which da[:, 0] - da[:, 1] is `moved` to the last digit.
        pull = free - moved / give
        da = (push - signs * pull[:, None]) / stiffness
        dlow = (target - low * da) / a - low
        dhigh = (target + high * da) / room - high
        # One step length for all of a problem's variables keeps its conditions linear.
        fall = np.maximum(np.maximum(-da / a, da / room), np.maximum(-dlow / low, -dhigh / high))
        step = np.minimum(1.0, REACH / np.maximum(fall.max(axis=(1, 2)), 1e-300))
        a = a + step[:, None, None] * da
        low = low + step[:, None, None] * dlow
        high = high + step[:, None, None] * dhigh
        constant = constant + step * shift
    return weights, constants
