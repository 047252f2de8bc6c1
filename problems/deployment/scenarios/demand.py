"""User demand: deadline and accuracy floor ramp, and the user's preference switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmo.checks import at_least
from dmo.types import Array
from problems.deployment.choice import Chooser, Preference
from problems.deployment.scenario import Budgets, ascending, environment, ramps, share_at_least, spells

PREFERENCES = (
    Preference(0.1, 0.1, 0.8),
    Preference(0.6, 0.1, 0.3),
    Preference(0.1, 0.6, 0.3),
)


@dataclass(frozen=True)
class UserDemand:
    """SIMULATED: what the user asks for changes; the device stays as it is.

    environments: how many units of time are defined; seed: of all courses; memory: share of the
    full network's peak; deadline: least and greatest share of its latency; accuracy_loss: least and
    greatest points that may be given up; ramp: least and greatest length of a ramp and of a spell
    of one preference, in environments; preferences: those that the user switches between.
    """

    environments: int = 60
    seed: int = 0
    memory: float = 0.6
    deadline: Sequence[float] = (0.15, 1.2)
    accuracy_loss: Sequence[float] = (0.005, 0.03)
    ramp: Sequence[int] = (5, 12)
    preferences: Sequence[Chooser] = PREFERENCES

    def __post_init__(self) -> None:
        at_least("environments", self.environments, 1)
        at_least("seed", self.seed, 0)
        for name in ("deadline", "accuracy_loss"):
            ascending(name, getattr(self, name))
        ascending("ramp", self.ramp, 1)
        ascending("memory", (self.memory,) * 2)
        share_at_least("preferences", [1.0] * len(self.preferences), 0.0, "what the user may prefer")
        for name in ("deadline", "accuracy_loss", "ramp", "preferences"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def at(self, t: float) -> Budgets:
        """The budgets at time t. Raises ArgumentError for t outside [0, environments)."""
        k = environment(t, self.environments)
        deadline, loss, spell = self._course
        which = int(spell[k]) % len(self.preferences)
        preference = self.preferences[which]
        return Budgets(
            self.memory,
            float(deadline[k]),
            float(loss[k]),
            f"wish {which}",
            preference=preference,
        )

    @cached_property
    def _course(self) -> tuple[Array, Array, Array]:
        first, second, third = np.random.default_rng(self.seed).spawn(3)
        n = self.environments
        return (
            ramps(n, self.deadline, self.ramp, first),
            ramps(n, self.accuracy_loss, self.ramp, second),
            spells(n, self.ramp, third),
        )
