"""Replay: budgets of one's own from a CSV file, one row for each environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dmo.errors import DataError
from dmo.types import Array
from problems.deployment.scenario import Budgets, environment
from problems.deployment.scenarios.columns import read_columns

SHIPPED = Path(__file__).parent.parent / "data" / "budgets.csv"


@dataclass(frozen=True, eq=False)
class Replay:
    """The budgets that a CSV file lists.

    file: with a header; columns memory and deadline (shares of the static full network's, > 0) and
    accuracy_loss (0 to 1), and if there are any, contention (whole, >= 0) and slowdown (>= 1); other
    columns are left alone. None: the example that ships.
    Raises DataError when it is missing or something else.
    """

    file: str | None = None

    def __post_init__(self) -> None:
        _ = self.columns  # read now: a mistake is told when the configuration is built

    @property
    def environments(self) -> int:
        """One per row."""
        return len(self.columns["memory"])

    def at(self, t: float) -> Budgets:
        """The budgets at time t. Raises ArgumentError for t outside [0, environments)."""
        k = environment(t, self.environments)
        value = {name: float(column[k]) for name, column in self.columns.items()}
        return Budgets(
            value["memory"],
            value["deadline"],
            value["accuracy_loss"],
            f"row {k}",
            contention=int(value["contention"]),
            slowdown=value["slowdown"],
        )

    def identity(self) -> Mapping[str, Any]:
        """What the file says, not where it lies."""
        return self.columns

    @cached_property
    def columns(self) -> Mapping[str, Array]:
        """The numbers, (environments,) each, by name."""
        file = Path(self.file) if self.file else SHIPPED
        found = read_columns(
            file, ("memory", "deadline", "accuracy_loss"), {"contention": 0.0, "slowdown": 1.0}
        )
        checks = {
            "memory": (found["memory"] > 0.0, "> 0"),
            "deadline": (found["deadline"] > 0.0, "> 0"),
            "accuracy_loss": ((found["accuracy_loss"] >= 0.0) & (found["accuracy_loss"] <= 1.0), "in 0..1"),
            "contention": (
                (found["contention"] >= 0.0) & (found["contention"] == np.rint(found["contention"])),
                "a whole number >= 0",
            ),
            "slowdown": (found["slowdown"] >= 1.0, ">= 1"),
        }
        for name, (good, wanted) in checks.items():
            if not good.all():
                k = int(np.argmin(good))
                raise DataError(
                    f"{file}: {name} in row {k + 1} is {found[name][k]:g}, expected {wanted}; correct it"
                )
        return found
