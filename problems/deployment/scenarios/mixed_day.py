"""A mixed day: memory pressure, contention, deadlines by the hour and a simulated battery, together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.deployment.choice import Chooser, Preference
from problems.deployment.scenario import Budgets, ascending, environment
from problems.deployment.scenarios.contention import ProcessorContention
from problems.deployment.scenarios.memory_pressure import MemoryPressure


@dataclass(frozen=True)
class MixedDay:
    """SIMULATED: one day from 0 to 24 o'clock in equal environments.

    Memory and contention move as in MemoryPressure and ProcessorContention while the device is in
    use, from `wake` to `sleep` o'clock, and are as good as can be at night. A SIMULATED battery
    (this host has no power meter) is full in the morning, loses `drain` of its charge in an hour of
    use and more by contention, and is charged at night; what is deployed does not change its
    course, so that all policies live through the same day. Under `low` charge the user saves
    energy: `saver` is the preference, and accuracy_loss[1] may be given up instead of [0].

    deadline: least and greatest share of the full network's latency, the least at noon and in the
    evening. Raises ArgumentError where hours are not in order.
    """

    environments: int = 96
    seed: int = 0
    wake: float = 6.0
    sleep: float = 23.0
    drain: float = 0.06
    low: float = 0.3
    deadline: Sequence[float] = (0.25, 1.2)
    accuracy_loss: Sequence[float] = (0.02, 0.04)
    slowdown: Sequence[float] = (1.0, 1.5, 2.5)
    saver: Chooser = field(default_factory=lambda: Preference(0.5, 0.1, 0.4))

    def __post_init__(self) -> None:
        at_least("environments", self.environments, 1)
        at_least("seed", self.seed, 0)
        for name in ("drain", "low"):
            fraction(name, getattr(self, name))
        ascending("deadline", self.deadline)
        ascending("accuracy_loss", self.accuracy_loss)
        if not 0.0 <= self.wake < self.sleep <= 24.0:
            raise ArgumentError(
                "wake, sleep", "hours 0 <= wake < sleep <= 24", f"{self.wake}, {self.sleep}", "swap them"
            )
        for name in ("deadline", "accuracy_loss", "slowdown"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def at(self, t: float) -> Budgets:
        """The budgets at time t. Raises ArgumentError for t outside [0, environments)."""
        k = environment(t, self.environments)
        hour, battery = self.hours[k], self.battery[k]
        used = self.wake <= hour < self.sleep
        memory, contention = self._memory.at(k if used else 0.0), self._contention.at(k)
        level = contention.contention if used else 0
        saving = bool(battery < self.low)
        # Two busy times of the day, each some hours wide.
        busy = np.exp(-0.5 * ((hour - 12.5) / 1.5) ** 2) + np.exp(-0.5 * ((hour - 19.5) / 2.0) ** 2)
        low, high = self.deadline
        return Budgets(
            memory.memory,
            float(high - (high - low) * min(busy, 1.0)),
            self.accuracy_loss[1 if saving else 0],
            f"{int(hour):02d} h {battery:.0%}" + " saving" * saving,
            contention=level,
            slowdown=self.slowdown[level],
            preference=self.saver if saving else None,
        )

    @cached_property
    def hours(self) -> Array:
        """The hour at which each environment begins, (environments,)."""
        return np.arange(self.environments) * 24.0 / self.environments

    @cached_property
    def battery(self) -> Array:
        """The SIMULATED charge as each environment begins, (environments,), of 1."""
        length = 24.0 / self.environments
        used = (self.hours >= self.wake) & (self.hours < self.sleep)
        level = np.array([self._contention.at(k).contention for k in range(self.environments)])
        # One level of contention costs a third of the drain more.
        lost = np.where(used, self.drain * length * (1.0 + level / 3.0), -length)
        charge = np.empty(self.environments)
        now = 1.0
        for k in range(self.environments):
            charge[k] = now
            now = float(np.clip(now - lost[k], 0.0, 1.0))
        return charge

    @cached_property
    def _memory(self) -> MemoryPressure:
        return MemoryPressure(self.environments, self.seed)

    @cached_property
    def _contention(self) -> ProcessorContention:
        return ProcessorContention(self.environments, self.seed, slowdown=self.slowdown)
