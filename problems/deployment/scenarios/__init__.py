"""Scenarios: how budgets, contention and preference move; each a pure function of time."""

from problems.deployment.scenarios.contention import ProcessorContention
from problems.deployment.scenarios.demand import UserDemand
from problems.deployment.scenarios.memory_pressure import TRIM_LEVELS, MemoryPressure
from problems.deployment.scenarios.mixed_day import MixedDay
from problems.deployment.scenarios.replay import Replay
from problems.deployment.scenarios.trace import Trace

__all__ = [
    "TRIM_LEVELS",
    "MemoryPressure",
    "MixedDay",
    "ProcessorContention",
    "Replay",
    "Trace",
    "UserDemand",
]
