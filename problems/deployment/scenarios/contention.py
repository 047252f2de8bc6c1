"""Processor contention: other programs come and go in steps, and now and then in bursts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.deployment.scenario import Budgets, ascending, environment, share_at_least, spells


@dataclass(frozen=True)
class ProcessorContention:
    """SIMULATED: contention climbs and falls by one level at a time, with bursts to the highest.

    environments: how many units of time are defined; seed: of steps and bursts; step: least and
    greatest number of environments between steps; burst: chance of an environment to be a burst;
    slowdown: by level, the SIMULATED factor of every latency where the table was not profiled under
    contention (where it was, its rows of that level hold); memory, deadline: shares of the full
    network's; accuracy_loss: points that may be given up throughout.

    Source: ApproxDet (SenSys 2020), whose contention rises in equal steps.
    """

    environments: int = 60
    seed: int = 0
    step: Sequence[int] = (3, 8)
    burst: float = 0.1
    slowdown: Sequence[float] = (1.0, 1.5, 2.5)
    memory: float = 0.5
    deadline: float = 1.0
    accuracy_loss: float = 0.03

    def __post_init__(self) -> None:
        at_least("environments", self.environments, 1)
        at_least("seed", self.seed, 0)
        ascending("step", self.step, 1)
        fraction("burst", self.burst)
        fraction("accuracy_loss", self.accuracy_loss)
        share_at_least("slowdown", self.slowdown, 1.0, "one for each level of contention")
        if list(self.slowdown) != sorted(self.slowdown):
            raise ArgumentError(
                "slowdown", "factors that do not fall", repr(list(self.slowdown)), "list them by level"
            )
        for name in ("memory", "deadline"):
            ascending(name, (getattr(self, name),) * 2)
        for name in ("step", "slowdown"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def at(self, t: float) -> Budgets:
        """The budgets at time t. Raises ArgumentError for t outside [0, environments)."""
        level = int(self._course[environment(t, self.environments)])
        return Budgets(
            self.memory,
            self.deadline,
            self.accuracy_loss,
            f"level {level}",
            contention=level,
            slowdown=self.slowdown[level],
        )

    @cached_property
    def _course(self) -> Array:
        steps, bursts = np.random.default_rng(self.seed).spawn(2)
        top = len(self.slowdown) - 1
        spell = spells(self.environments, self.step, steps)
        # 0, 1, ..., top, ..., 1, 0, 1, ...: a triangle wave of the spell's number
        level = top - np.abs(spell % (2 * top) - top) if top else np.zeros(self.environments)
        return np.where(bursts.random(self.environments) < self.burst, top, level)
