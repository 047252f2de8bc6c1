"""JY9 and JY10: problems that change the type of their change.

Source of both: Jiang & Yang, Evolutionary Dynamic Multiobjective Optimization: Benchmarks and Algorithm
Comparisons, IEEE Transactions on Cybernetics 47(1), 2017; read through its ports, see jy.py. They count
generations: the type is sigma = floor(tau / (tau_t rho_t)) mod 3.
Deviation: a problem here is a function of x and t alone, so that the type follows from the number of the
environment, k = t n_t, which makes n_t, the severity of the schedule, a parameter of the problem. This
is the same where all environments are equally long; where the first is longer, it counts as one.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.types import Array
from problems.analytic import Analytic, squares, wave
from problems.synthetic.jy import kneed
from problems.synthetic.sequence import draws, environment


@dataclass(frozen=True)
class Mixed(Analytic):
    """A problem whose type sigma, 0, 1 or 2, lasts for some environments; abstract.

    severity: n_t of the schedule, environments per unit of time; period: rho_t, environments of a type.
    Raises ArgumentError when severity is not positive or period not a whole number of at least 1.
    """

    severity: float = 10.0
    period: int = 5

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("severity", self.severity, 1e-9)
        at_least("period", self.period, 1)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, max(self.distance[0], self._goal(t)))

    def _distance(self, x: Array, t: float) -> Array:
        """1 + g of x, (n,)."""
        return 1.0 + squares(x[:, 1:] - self._goal(t))

    def _goal(self, t: float) -> float:
        """Where distance variables would best be: between -2 and 1, while -1 is the least they can be."""
        return abs(wave(t)) - self.type(t)

    @abstractmethod
    def type(self, t: float) -> int:
        """sigma of the paper, 0, 1 or 2."""


@final
@dataclass(frozen=True)
class JY9(Mixed):
    """Three types of change in turn: of the set alone, of set and front, and of the front alone.

    Moves: with sigma = 0 the set (distance variables at |G|); with 1 the set (at |G| - 1) and the front
    (its knees, W = floor(-6 cos(pi t / 2))); with 2 the front, as the set rests at the bound -1 while the
    goal |G| - 2 beyond it moves, which scales the front by 1 + (n - 1) (1 - |G|)^2.
    Source: JY9. Deviation: the type is counted by environments; see the head of the file.
    """

    def _evaluate(self, x: Array, t: float) -> Batch:
        waves = np.floor(6.0 * wave(t - 1.0) ** self.type(t))
        return kneed(x, x[:, 0], self._distance(x, t), 0.05, waves)

    def type(self, t: float) -> int:
        return environment(t, self.severity) // self.period % 3


@final
@dataclass(frozen=True)
class JY10(Mixed):
    """Three types of change in random order: of the set alone, and two of set and front.

    seed: a whole number >= 0 that the order of the types follows from.
    Moves: the set (distance variables at |G| - sigma, or at the bound -1) and, unless sigma = 0, the front
    (exponent 1 + sigma |G|; with sigma = 2 also its scale, as in JY9).
    Source: JY10, sigma = (floor(tau / (tau_t rho_t)) + R) mod 3, R drawn from 1, 2 and 3.
    Deviation: counted by environments, see the head of the file; R is drawn once for each period, from
    a sequence that the seed alone determines (of the ports one draws it at the start, one at every
    evaluation). One port has amplitude 0.5 for 0.05, with which objectives are not defined everywhere.

    Raises ArgumentError when the seed is not such a number, too.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("seed", self.seed, 0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        a = 1.0 + self.type(t) * abs(wave(t))
        return kneed(x, x[:, 0], self._distance(x, t), 0.05, 6.0, (a, a))

    def type(self, t: float) -> int:
        index = environment(t, self.severity) // self.period
        return (index + 1 + int(3.0 * draws(self.seed, index)[0])) % 3
