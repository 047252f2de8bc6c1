"""dMOP1 to dMOP3: variations of FDA1 whose front changes, or whose position variable does.

Source of all: Goh, Tan, A Competitive-Cooperative Coevolutionary Paradigm for Dynamic Multiobjective
Optimization, IEEE Transactions on Evolutionary Computation 13(1), 2009, table X.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.space import Space
from dmo.types import Array
from problems.analytic import Analytic, batch, one_of, squares, wave
from problems.synthetic.sequence import draws, environment


@dataclass(frozen=True)
class _Powered(Analytic):
    """A front f2 = g (1 - (f1 / g)^H) whose power H moves between 0.5 and 2; abstract.

    variant: the box of the distance variables, "symmetric" or "original".
    """

    variant: str = "symmetric"

    n_obj = 2
    position = (0.0, 1.0)
    distance = (-1.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(
            "variant",
            self.variant,
            symmetric="distance variables in [-1, 1]",
            original="distance variables in [0, 1]",
        )

    @cached_property
    def space(self) -> Space:
        """The decision space; its lower bounds depend on the variant."""
        low = -1.0 if self.variant == "symmetric" else 0.0
        return Space.box([0.0] + [low] * (self.dim - 1), [1.0] * self.dim, self.n_obj)

    def _evaluate(self, x: Array, t: float) -> Batch:
        f1, g = x[:, 0], self._distance(x[:, 1:], t)
        return batch(x, f1, g * (1.0 - (f1 / g) ** (0.75 * wave(t) + 1.25)))

    @abstractmethod
    def _distance(self, y: Array, t: float) -> Array:
        """g of the distance variables y, (n, dim - 1): (n,)."""


@final
@dataclass(frozen=True)
class DMOP1(_Powered):
    """dMOP1: the front turns between convex and concave over a set at rest.

    Moves: the front (exponent 0.5 to 2); the set stays.
    Sources disagree: variant "original" has distance variables in [0, 1] as published, so that the
    optimum is a corner of the box; variant "symmetric" has [-1, 1], as Zhou, Jin, Zhang (2014) and
    most later studies. Set and front are the same.
    Source: Goh, Tan (2009), table X.

    Raises ArgumentError when the variant is neither.
    """

    def _distance(self, y: Array, t: float) -> Array:
        return 1.0 + 9.0 * squares(y)

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.0)


@final
@dataclass(frozen=True)
class DMOP2(_Powered):
    """dMOP2: the front turns between convex and concave while the set slides.

    Moves: the set (distance variables at G) and the front (exponent 0.5 to 2).
    Sources disagree: variant "original" has distance variables in [0, 1] as published, where G < 0
    (2 < t < 4) is out of reach, the set rests at 0 and the front moves away by g = 1 + (dim - 1) G^2;
    variant "symmetric" has [-1, 1], as Zhou, Jin, Zhang (2014) and most later studies. pymoo's and
    CEC2015's code multiplies the distance by 9; the paper does not, and we follow it.
    Source: Goh, Tan (2009), table X.

    Raises ArgumentError when the variant is neither.
    """

    def _distance(self, y: Array, t: float) -> Array:
        return 1.0 + squares(y - wave(t))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, max(wave(t), self.space.lower[-1]))


@final
@dataclass(frozen=True)
class DMOP3(Analytic):
    """dMOP3: FDA1 whose position variable is drawn anew in each environment, which costs diversity.

    seed: of the sequence of position variables; severity: n_t of the schedule, from which the number of
    the environment, k = t n_t, follows: the position variable is a pure function of seed and k.
    Moves: the set (which variable is the position, and the goal of the others); the front stays.
    Sources disagree: variant "original" has the goal G = sin(pi t / 2) and variables in [0, 1] as
    published, where G < 0 (2 < t < 4) is out of reach, the set rests at 0 and the front moves away by
    g = 1 + (dim - 1) G^2, against the paper's own text; variant "absolute" has |G|, as later studies.
    Ports draw anew at each evaluation (Xiong's DMOP, where moreover x1 stays f1) or at each change; ours
    is the latter. CEC2015's code multiplies the distance by 9; the paper does not.
    Source: Goh, Tan (2009), table X.

    Raises ArgumentError when the variant is neither, severity not positive or seed negative.
    """

    variant: str = "absolute"
    severity: float = 10.0
    seed: int = 0

    n_obj = 2
    position = (0.0, 1.0)
    distance = (0.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("variant", self.variant, absolute="the goal is |G|", original="the goal is G")
        at_least("severity", self.severity, 1e-9)
        at_least("seed", self.seed, 0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        place = self.place(t)
        f1 = x[:, place]
        g = 1.0 + squares(np.delete(x, place, axis=1) - self._goal(t))
        return batch(x, f1, g * (1.0 - np.sqrt(f1 / g)))

    def place(self, t: float) -> int:
        """Which variable is the position variable at time t, from 0."""
        return int(self.dim * draws(self.seed, environment(t, self.severity))[0])

    def _optimal(self, p: Array, t: float) -> Array:
        rest = np.full((len(p), self.dim - 1), max(0.0, self._goal(t)))
        return np.insert(rest, self.place(t), p[:, 0], axis=1)

    def _goal(self, t: float) -> float:
        return abs(wave(t)) if self.variant == "absolute" else wave(t)
