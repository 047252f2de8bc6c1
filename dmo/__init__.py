"""dmo: dynamic multi-objective optimisation. A searcher is an optimiser times a change response."""

from typing import TYPE_CHECKING, Any

from dmo.batch import Batch
from dmo.detectors import Announced, Reevaluate
from dmo.errors import DmoError
from dmo.intervals import Irregular, irregular
from dmo.loop import run
from dmo.metrics import measure
from dmo.oracle import Oracle
from dmo.problem import Problem
from dmo.result import Result
from dmo.schedule import Schedule, cec2018, cec2023, fixed, platemo, pps, pymoo, xiamen
from dmo.search import Environment, Search, Searcher
from dmo.space import Space

if TYPE_CHECKING:
    from dmo.evolve import Evolve

__all__ = [
    "Announced",
    "Batch",
    "DmoError",
    "Environment",
    "Evolve",
    "Irregular",
    "Oracle",
    "Problem",
    "Reevaluate",
    "Result",
    "Schedule",
    "Search",
    "Searcher",
    "Space",
    "cec2018",
    "cec2023",
    "fixed",
    "irregular",
    "measure",
    "platemo",
    "pps",
    "pymoo",
    "run",
    "xiamen",
]


def __getattr__(name: str) -> Any:
    """Evolve when it is first asked for: its optimisers load scipy, which --help and workers do without."""
    if name == "Evolve":
        from dmo.evolve import Evolve

        return Evolve
    raise AttributeError(f"module 'dmo' has no attribute {name!r}")
