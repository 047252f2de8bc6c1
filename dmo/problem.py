"""What is optimised: a pure function of the variables and the time."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dmo.batch import Batch
from dmo.space import Space
from dmo.types import Array


class Problem(Protocol):
    """A dynamic problem: no clock, no counter, no random numbers; the same (x, t) gives the same bits."""

    @property
    def space(self) -> Space:
        """The decision space; it does not change with time."""

    def evaluate(self, x: Array, t: float) -> Batch:
        """Objectives and constraints of x, (n, d), at time t; x itself is neither changed nor kept."""

    def front(self, t: float, n: int) -> Array | None:
        """At most about n points of the true front at time t, (k, m), or None where it is not known."""


@runtime_checkable
class HasSet(Protocol):
    """A problem whose optimal set is known, or is where that of a problem inside it is."""

    def set(self, t: float, n: int) -> Array | None:
        """About n points of the optimal set at time t, (k, d), which evaluate onto front(t, n), or None."""


@runtime_checkable
class HasContext(Protocol):
    """A problem that tells an announced change's cause: budgets, deadline, contention, preference."""

    def context(self, t: float) -> Array | None:
        """The state of the surroundings at time t, (c,), or None."""
