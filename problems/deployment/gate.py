"""Wait until other processes leave the machine alone: they disturb a measurement more than anything else."""

from __future__ import annotations

import time
from dataclasses import dataclass

from dmo.checks import at_least, fraction
from problems.deployment.process import ticks


@dataclass(frozen=True)
class Gate:
    """Opens when others take at most `share` of all cores over `window` seconds, or after `most` seconds."""

    share: float = 0.25
    window: float = 0.2
    most: float = 10.0

    def __post_init__(self) -> None:
        fraction("gate.share", self.share)
        at_least("gate.window", self.window, 0.0)
        at_least("gate.most", self.most, 0.0)

    def wait(self) -> float:
        """Wait while the gate is shut, and return the seconds it took; this process must be idle itself."""
        began = time.monotonic()
        while busy_share(self.window) > self.share and time.monotonic() - began < self.most:
            pass
        return time.monotonic() - began


def busy_share(seconds: float) -> float:
    """The share of all cores' time that any process or the hypervisor takes during the next seconds."""
    total, idle, _ = ticks()
    time.sleep(seconds)
    total_after, idle_after, _ = ticks()
    return 1.0 - (idle_after - idle) / max(total_after - total, 1)
