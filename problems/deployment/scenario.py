"""Scenario: how the budgets of a deployment move, a pure function of time and a seed; scenarios/ has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.deployment.choice import Chooser


@dataclass(frozen=True)
class Budgets:
    """What a deployment may use at one time, relative to the static full network undisturbed.

    memory: share of its peak memory; deadline: share of its latency; accuracy_loss: points of
    accuracy (as a fraction of 1) that may be given up; label: the state's name. contention: which
    of the table's levels of competing processes there is; slowdown: SIMULATED factor of every
    latency, for a table that was not profiled at that level; preference: the user's present one,
    None where the problem's own holds.
    """

    memory: float
    deadline: float
    accuracy_loss: float
    label: str
    contention: int = 0
    slowdown: float = 1.0
    preference: Chooser | None = None


class Scenario(Protocol):
    """Environment k is what holds at t = k."""

    def at(self, t: float) -> Budgets:
        """The budgets at time t >= 0; constant within a unit of time."""


def environment(t: float, environments: int) -> int:
    """The number of the environment at time t. Raises ArgumentError for t outside [0, environments)."""
    k = int(np.floor(t + 1e-9))
    if not 0 <= k < environments:
        raise ArgumentError(
            "t",
            f"a time in [0, {environments})",
            repr(t),
            "raise scenario.environments or lower schedule.n_env",
        )
    return k


def ramps(n: int, bounds: Sequence[float], lengths: Sequence[int], rng: Generator) -> Array:
    """(n,) values that ramp down from the upper bound and up again, each ramp of random length.

    Every turning point lies in its own half of the bounds; lengths: least and greatest, in environments.
    """
    low, high = bounds
    knots, values = [0], [high]
    while knots[-1] < n:
        knots.append(knots[-1] + int(rng.integers(lengths[0], lengths[1] + 1)))
        half = rng.random() * 0.5 * (high - low)
        values.append(low + half if len(values) % 2 else high - half)
    return np.interp(np.arange(n), knots, values)


def spells(n: int, lengths: Sequence[int], rng: Generator) -> Array:
    """(n,) number of the spell that each environment is in, each spell of random length."""
    number, spell = np.empty(n, dtype=int), 0
    k = 0
    while k < n:
        length = int(rng.integers(lengths[0], lengths[1] + 1))
        number[k : k + length] = spell
        k, spell = k + length, spell + 1
    return number


def ascending(name: str, values: Sequence[float], least: float = 0.0) -> None:
    """Raise ArgumentError unless `values` is a pair of a least and a greatest value, both > 0."""
    for value in values:
        at_least(name, value, least)
    if len(values) != 2 or not 0.0 < values[0] <= values[1]:
        raise ArgumentError(name, "a pair 0 < least <= greatest", repr(list(values)), "give both ends")


def share_at_least(name: str, values: Sequence[float], least: float, each: str) -> None:
    """Raise ArgumentError unless there are `values`, all finite and at least `least`."""
    for value in values:
        at_least(name, value, least)
    if not values:
        raise ArgumentError(name, f"at least one value, {each}", "none", "list them")
