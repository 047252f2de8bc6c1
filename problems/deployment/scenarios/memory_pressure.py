"""Memory pressure: a phone's trim level moves as a Markov chain while the deadline ramps up and down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.deployment.scenario import Budgets, ascending, environment, ramps

TRIM_LEVELS = ("normal", "moderate", "low", "critical")


@dataclass(frozen=True)
class MemoryPressure:
    """SIMULATED: a phone's trim level moves as a Markov chain while the deadline ramps up and down.

    environments: how many units of time are defined; seed: of the chain and the ramps; exit: chance
    to leave `normal` in one step, to `moderate` (not published, hence a parameter); memory: share
    of the full network's peak memory that each trim level leaves; deadline: least and greatest
    share of its latency; ramp: least and greatest length of a ramp, in environments;
    accuracy_loss: points that may be given up throughout.

    The rows of the other levels are the published transitions of heavily loaded phones.
    Source: "Coal Not Diamonds" (CoNEXT 2022), transitions between onTrimMemory levels.
    """

    environments: int = 60
    seed: int = 0
    exit: float = 0.5
    memory: Sequence[float] = (1.1, 0.4, 0.27, 0.2)
    deadline: Sequence[float] = (0.1, 1.2)
    ramp: Sequence[int] = (5, 12)
    accuracy_loss: float = 0.03

    def __post_init__(self) -> None:
        at_least("environments", self.environments, 1)
        at_least("seed", self.seed, 0)
        fraction("exit", self.exit)
        fraction("accuracy_loss", self.accuracy_loss)
        _descending("memory", self.memory, len(TRIM_LEVELS))
        ascending("deadline", self.deadline)
        ascending("ramp", self.ramp)
        for length in self.ramp:
            at_least("ramp", length, 1)
        for name in ("memory", "deadline", "ramp"):  # lists, as configurations have them, are mutable
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def at(self, t: float) -> Budgets:
        """The budgets at time t. Raises ArgumentError for t outside [0, environments)."""
        k = environment(t, self.environments)
        levels, deadlines = self._course
        level = int(levels[k])
        return Budgets(self.memory[level], float(deadlines[k]), self.accuracy_loss, TRIM_LEVELS[level])

    @cached_property
    def _course(self) -> tuple[Array, Array]:
        # Two streams, so that a longer course begins with the shorter one.
        chain, course = np.random.default_rng(self.seed).spawn(2)
        chance = np.array(
            [
                [1.0 - self.exit, self.exit, 0.0, 0.0],
                [0.734, 0.0, 0.231, 0.035],
                [0.111, 0.647, 0.0, 0.242],
                [0.136, 0.192, 0.672, 0.0],
            ]
        )
        levels = np.zeros(self.environments)
        for k in range(1, self.environments):
            levels[k] = chain.choice(4, p=chance[int(levels[k - 1])])
        return levels, ramps(self.environments, self.deadline, self.ramp, course)


def _descending(name: str, values: Sequence[float], n: int) -> None:
    for value in values:
        at_least(name, value, 0.0)
    if len(values) != n or list(values) != sorted(values, reverse=True) or min(values) <= 0.0:
        raise ArgumentError(
            name,
            f"{n} shares > 0, one per level of {TRIM_LEVELS}, none greater than the one before",
            repr(list(values)),
            "list them from normal to critical",
        )
