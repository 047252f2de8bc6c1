"""Timing: how long a measured process runs its network."""

from __future__ import annotations

from dataclasses import dataclass

from dmo.checks import at_least
from dmo.errors import ArgumentError


@dataclass(frozen=True)
class Timing:
    """How long to time: `warmup` runs untimed, then at least `runs` and `seconds`, at most `most`."""

    runs: int = 30
    seconds: float = 0.25
    most: float = 0.6
    warmup: int = 5

    def __post_init__(self) -> None:
        at_least("timing.runs", self.runs, 1)
        at_least("timing.warmup", self.warmup, 0)
        at_least("timing.seconds", self.seconds, 0.0)
        at_least("timing.most", self.most, 0.0)
        if self.seconds > self.most:
            raise ArgumentError(
                "timing.seconds", f"at most timing.most = {self.most}", repr(self.seconds), "raise most"
            )
