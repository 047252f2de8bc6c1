"""Inverse Gaussian process: from wanted objectives back to the variables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, speaks
from dmo.history import History
from dmo.responses.gaussian_process import Kernel, Linear, fit
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array

OFFSET = 0.01  # of a target's variance, so that the best value of an objective is varied too


@dataclass(frozen=True)
class IGP:
    """Sample targets around the last front and map them to variables by a Gaussian process.

    kernel: of the process, over the objectives; noise: standard deviation, as a share of the
    process's own. The process is fitted to the last non-dominated set, objectives to variables. Each
    target is normal around a member of the front, with the variance |f - ideal| + 0.01 in each
    objective. One target for each member of the set; random points fill up.
    Source: Zhang, Ding, Jiang, Tan & Chai, Inverse Gaussian Process Modeling for Evolutionary Dynamic
    Multiobjective Optimization, IEEE Trans. Cybernetics 52(10), 2022; kernel, noise and the variance
    of the targets as in the public programs of it (gjianzx/DMOEAs, pydmoo).
    Deviation: every member has a target, where the former program samples half of them and leaves
    the others at zero. Objectives are scaled by their largest values and the process is zero in the
    middle of the space, so that neither units nor the origin matter.
    """

    kernel: Kernel = field(default_factory=Linear)
    noise: float = 0.01

    def __post_init__(self) -> None:
        speaks("kernel", self.kernel, ("matrix",))
        at_least("noise", self.noise, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Points expected to attain the targets, and random ones."""
        answer = history.answers[-1]
        size = np.abs(answer.f).max(axis=0)
        f = answer.f / np.where(size > 0.0, size, 1.0)
        chosen = take(f, min(n, len(f)), rng)
        spread = np.sqrt(np.abs(chosen - f.min(axis=0)) + OFFSET)
        targets = chosen + spread * rng.standard_normal(chosen.shape)
        middle = 0.5 * (space.lower + space.upper)
        x = middle + fit(f, answer.x - middle, self.kernel, self.noise).predict(targets)
        return np.concatenate([space.repair(x), space.sample(n - len(x), rng)])
