"""Trace: a recording of a real machine's memory and load, played back as budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dmo.checks import at_least, fraction
from dmo.errors import DataError
from dmo.types import Array
from problems.deployment.scenario import Budgets, ascending, environment
from problems.deployment.scenarios.columns import read_columns

SHIPPED = Path(__file__).parent.parent / "data" / "trace.csv"
NEEDED = ("seconds", "memory_available_mib", "memory_total_mib", "load_1", "cores")
OPTIONAL = {"cpu_some_avg10": 0.0, "memory_some_avg10": 0.0}


@dataclass(frozen=True, eq=False)
class Trace:
    """What `python -m experiments.record` sampled, one environment per sample.

    The recording gives the course; its scale is SIMULATED, for the machine has far more memory than
    a network needs: the memory budget is the least share `memory[0]` of the full network's peak
    where the least memory was available, `memory[1]` where the most was, and linear between. Latency
    is slowed down by the processes that wanted a core, load_1 / cores, where more than 1; contention
    is the number of such processes beyond the first for each core, at most `levels` - 1.

    file: None for the recording that ships. deadline: share of the full network's latency;
    accuracy_loss: points that may be given up. Raises DataError when the file is something else.
    """

    file: str | None = None
    memory: Sequence[float] = (0.2, 1.1)
    deadline: float = 1.0
    accuracy_loss: float = 0.03
    levels: int = 3

    def __post_init__(self) -> None:
        ascending("memory", self.memory)
        ascending("deadline", (self.deadline,) * 2)
        fraction("accuracy_loss", self.accuracy_loss)
        at_least("levels", self.levels, 1)
        object.__setattr__(self, "memory", tuple(self.memory))
        _ = self.columns

    @property
    def environments(self) -> int:
        """One per sample."""
        return len(self.columns["seconds"])

    def at(self, t: float) -> Budgets:
        """The budgets at time t. Raises ArgumentError for t outside [0, environments)."""
        k = environment(t, self.environments)
        available = self.columns["memory_available_mib"]
        spread = float(np.ptp(available))
        share = (available[k] - available.min()) / spread if spread > 0.0 else 1.0
        low, high = self.memory
        wanted = float(self.columns["load_1"][k] / self.columns["cores"][k])
        return Budgets(
            float(low + (high - low) * share),
            self.deadline,
            self.accuracy_loss,
            f"{self.columns['seconds'][k]:.0f} s",
            contention=min(max(int(np.ceil(wanted - 1.0)), 0), self.levels - 1),
            slowdown=max(1.0, wanted),
        )

    def identity(self) -> Mapping[str, Any]:
        """What the file says, not where it lies, and the scale."""
        scale = {k: getattr(self, k) for k in ("memory", "deadline", "accuracy_loss", "levels")}
        return {**self.columns, **scale}

    @cached_property
    def columns(self) -> Mapping[str, Array]:
        """The samples, (environments,) each, by name."""
        file = Path(self.file) if self.file else SHIPPED
        found = read_columns(file, NEEDED, OPTIONAL)
        for name, column in found.items():
            good = column > 0.0 if name == "cores" else column >= 0.0
            if not good.all():
                k = int(np.argmin(good))
                raise DataError(f"{file}: {name} in row {k + 1} is {column[k]:g}; record it again")
        return found
