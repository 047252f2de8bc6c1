"""Irregular: a clock whose environments differ in length."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import final

import numpy as np

from dmo.checks import at_least, fraction
from dmo.schedule import Schedule


@final
@dataclass(frozen=True)
class Irregular(Schedule):
    """A schedule whose changes come at irregular intervals, which a searcher can neither know nor plan for.

    The first environment has its `first` (or `evals`) evaluations; each later one a length between
    (1 - spread) evals and (1 + spread) evals, drawn evenly among the multiples of `unit`, a generation say:
    a pure function of `seed`, the same for every run. Times are those of a regular schedule.

    spread: a share of evals; unit: evaluations that are not torn apart; seed: of the lengths.
    Raises ArgumentError as Schedule does, and when spread is no share or unit or seed is out of range.
    """

    spread: float = 0.5
    unit: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction("spread", self.spread)
        at_least("unit", self.unit, 1)
        at_least("seed", self.seed, 0)

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        """Evaluations made when each environment ends."""
        units, span = self.evals / self.unit, self.spread * self.evals / self.unit
        low, high = max(1, int(np.ceil(units - span))), max(1, int(np.floor(units + span)))
        drawn = np.random.default_rng(self.seed).integers(low, max(low, high), self.n_env - 1, endpoint=True)
        return tuple(accumulate([self.opening, *(self.unit * drawn).tolist()]))

    @property
    def total(self) -> int:
        """Evaluations in the whole run."""
        return self._ends[-1]

    def index(self, count: int) -> int:
        """The environment of evaluation number `count`, from 0; n_env when the budget is spent."""
        return bisect_right(self._ends, count)

    def end(self, index: int) -> int:
        """The number of evaluations made when environment `index` ends."""
        return self._ends[index]


def irregular(
    pop_size: int = 100,
    frequency: int = 10,
    severity: float = 10.0,
    n_env: int = 31,
    opening: int = 50,
    spread: float = 0.5,
    seed: int = 0,
    announced: bool = True,
) -> Irregular:
    """The clock of CEC2018 with environments of 5 to 15 generations, not of 10 each, after the first.

    As `cec2018`; spread: how far a length may be from frequency, as a share of it; seed: of the lengths.
    """
    at_least("pop_size", pop_size, 1)
    at_least("frequency", frequency, 1)
    at_least("opening", opening, 1)
    evals, first = pop_size * frequency, pop_size * opening
    return Irregular(evals, n_env, severity, first, announced, spread, pop_size, seed)
