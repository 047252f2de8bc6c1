"""Result: what one run found, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from dmo.batch import Batch
from dmo.types import Array


@dataclass(frozen=True, eq=False)
class Result:
    """The answers of one run.

    answers: one Batch per environment, evaluated at that environment's time; times: (n_env,) t_k;
    evaluations: how many the searcher was charged for; told: all of them in order, where they were
    kept; wall_seconds of the whole run; search_seconds spent inside the searcher.
    """

    answers: tuple[Batch, ...]
    times: Array
    evaluations: int
    told: Batch | None
    wall_seconds: float
    search_seconds: float
