"""What a policy is: settings that start a play, and the play's verbs."""

from __future__ import annotations

from typing import Protocol

from numpy.random import Generator

from dmo.types import Array
from problems.deployment.tabulated import Tabulated


class Play(Protocol):
    """One policy living through the environments, in their order."""

    def choose(self, t: float) -> int:
        """The row of the table that is deployed at time t."""

    def observe(self, t: float, f: Array) -> None:
        """What was then measured of it: latency ms, memory MiB, error, (3,)."""


class Policy(Protocol):
    """Settings of a policy, a frozen dataclass; each play starts anew from them."""

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        """A play among the rows of `problem`; every random number it draws comes from rng."""


class Unmoved:
    """A play that learns nothing from what it deployed."""

    def observe(self, t: float, f: Array) -> None:
        """Nothing."""
