"""LegoDNN's rule: an integer linear program over blocks whose costs add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from dmo.errors import ArgumentError, DmoError
from dmo.types import Array, IntArray
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.policies.single import LAYERS
from problems.deployment.tabulated import Tabulated

PENALTY = 1e3  # of a limit exceeded once over: far more than any cost


@dataclass(frozen=True)
class ILP:
    """One level for each knob, such that costs which add up are least within the limits.

    layers: whose knobs it may turn. What each level adds to latency, memory and error is fitted to the
    predictions by least squares.
    Source: Han et al., LegoDNN (MobiCom 2021), and its published code: one variant of each block by an
    integer program, of least summed loss of accuracy within limits of summed latency and size, blocks
    profiled one by one. Deviations: the sums are fitted to whole networks, for blocks here cannot be run
    alone; the preference's cost is minimised, and accuracy is a limit as well; only combinations of the
    table may be chosen; limits that cannot be kept are exceeded as little as can be, where LegoDNN raises
    that of memory in steps and then that of latency; contention is told, where LegoDNN rescales its
    blocks' latencies by those of the running model.
    """

    layers: Sequence[str] = ("model",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers or not set(self.layers) <= set(LAYERS):
            raise ArgumentError("layers", f"some of {LAYERS}", repr(self.layers), "name at least one")

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Programming(problem, self.layers)


class _Programming(Unmoved):
    def __init__(self, problem: Tabulated, layers: Sequence[str]) -> None:
        self.problem = problem
        self.rows = np.flatnonzero(problem.adapts(*layers))
        self.levels = problem.x[self.rows].astype(int)
        self.sizes = problem.problem.strategies.sizes

    def choose(self, t: float) -> int:
        problem = self.problem
        predicted = problem.predicted(t)
        base, parts = added(self.levels, self.sizes, predicted.f[self.rows])
        full = problem.problem.full
        weights = getattr(problem.prefers(t), "weights", np.ones(3))
        memory, latency, error = problem.problem.limits(t)
        return int(
            self.rows[
                solve(
                    base / full,
                    [part / full for part in parts],
                    np.array([latency, memory, error]) / full,
                    weights / weights.sum(),
                    self.levels,
                )
            ]
        )


def added(levels: IntArray, sizes: IntArray, f: Array) -> tuple[Array, list[Array]]:
    """f, (n, m), of (n, d) levels as a base, (m,), and what each level of each knob adds, (size, m) each.

    Least squares, a little drawn to 0, so that levels that never occur add nothing.
    """
    first = np.concatenate([[0], np.cumsum(sizes)])
    design = np.zeros((len(levels), first[-1]))
    np.put_along_axis(design, levels + first[:-1], 1.0, axis=1)
    base = f.mean(axis=0)
    small = 1e-3 * np.eye(first[-1])
    found = np.linalg.solve(design.T @ design + small, design.T @ (f - base))
    return base, [found[a:b] for a, b in pairwise(first)]


def solve(base: Array, parts: Sequence[Array], limits: Array, weights: Array, rows: IntArray) -> int:
    """The row of `rows`, (n, d) levels, whose sum is least by `weights` within `limits`.

    base: (m,); parts: (levels, m) that each level of each of d knobs adds; limits: (m,), exceeded by
    as little as possible, summed as shares of them, where they cannot be kept; weights: (m,).
    """
    n, m = len(rows), len(base)
    sizes = [len(part) for part in parts]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    knobs = first[-1]
    values = np.concatenate(parts)  # (knobs, m)
    # Variables: each knob's levels (0 or 1), each row (0 or 1), each limit's excess (>= 0).
    one = csr_array((np.ones(n), (np.zeros(n, int), knobs + np.arange(n))), shape=(1, knobs + n + m))
    taken = rows + first[:-1]
    d = len(parts)
    entries = (
        np.concatenate([np.ones(knobs), -np.ones(n * d)]),
        (
            np.concatenate([np.arange(knobs), taken.ravel()]),
            np.concatenate([np.arange(knobs), np.repeat(knobs + np.arange(n), d)]),
        ),
    )
    linked = csr_array(entries, shape=(knobs, knobs + n + m))  # a level is on when its row is
    kept = np.concatenate([values.T, np.zeros((m, n)), -np.diag(np.abs(limits))], axis=1)
    found = milp(
        np.concatenate([values @ weights, np.zeros(n), np.full(m, PENALTY)]),
        integrality=np.concatenate([np.zeros(knobs), np.ones(n), np.zeros(m)]),
        bounds=Bounds(0.0, np.concatenate([np.ones(knobs + n), np.full(m, np.inf)])),
        constraints=[
            LinearConstraint(vstack([one, linked]), np.eye(1, 1 + knobs)[0], np.eye(1, 1 + knobs)[0]),
            LinearConstraint(csr_array(kept), -np.inf, limits - base),
        ],
    )
    if found.x is None:
        raise DmoError(f"the integer program was not solved: {found.message}")
    return int(np.argmax(found.x[knobs : knobs + n]))
