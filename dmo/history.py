"""History: what a change response may look at."""

from __future__ import annotations

from dataclasses import dataclass

from dmo.batch import Batch
from dmo.search import Environment


@dataclass(frozen=True)
class History:
    """The past of one search, newest last, of bounded length, and the change to respond to.

    populations: the final population of each past environment, as it was valued there; answers:
    the non-dominated part of each; environments: what was known of each; now: the new environment;
    probes: the points that the response had evaluated in the new environment, none while it is
    being asked for them.
    """

    populations: tuple[Batch, ...]
    answers: tuple[Batch, ...]
    environments: tuple[Environment, ...]
    now: Environment
    probes: Batch
