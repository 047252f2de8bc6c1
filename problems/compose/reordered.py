"""Reordered: the environments of a problem in a random order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.checks import at_least
from dmo.types import IntArray
from problems.compose.composition import Composition
from problems.synthetic.sequence import environment


@final
@dataclass(frozen=True)
class Reordered(Composition):
    """The environments of a problem in a random order, so that the past says nothing of the next change.

    Environment k has the time of environment p(k), p a permutation of 0 to n_env - 1 drawn from `seed`;
    later ones go through further permutations of the same. Times between environments count as the
    earlier one. severity: n_t of the schedule, k = t n_t; n_env: how many times are visited in turn.
    Raises ArgumentError when severity is not positive, n_env below 1 or seed negative.
    """

    severity: float = 10.0
    n_env: int = 31
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("severity", self.severity, 1e-9)
        at_least("n_env", self.n_env, 1)
        at_least("seed", self.seed, 0)

    def order(self, block: int) -> IntArray:
        """The permutation of environments block n_env to (block + 1) n_env - 1, (n_env,)."""
        return np.random.default_rng([self.seed, block]).permutation(self.n_env)

    def _moment(self, t: float) -> float:
        block, place = divmod(environment(t, self.severity), self.n_env)
        return float(self.order(block)[place]) / self.severity
