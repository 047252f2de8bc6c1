"""dmo: dynamic multi-objective optimisation. A searcher is an optimiser times a change response.

Names load when they are first asked for: --help does without numpy, and a worker without scipy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dmo.batch import Batch
    from dmo.detectors import Announced, Reevaluate
    from dmo.errors import DmoError
    from dmo.evolve import Evolve
    from dmo.intervals import Irregular, irregular
    from dmo.loop import run
    from dmo.metrics import measure
    from dmo.oracle import Oracle
    from dmo.problem import Problem
    from dmo.result import Result
    from dmo.schedule import Schedule, cec2018, cec2023, fixed, platemo, pps, pymoo, xiamen
    from dmo.search import Environment, Search, Searcher
    from dmo.space import Space

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

_MODULES = {
    "batch": ("Batch",),
    "detectors": ("Announced", "Reevaluate"),
    "errors": ("DmoError",),
    "evolve": ("Evolve",),
    "intervals": ("Irregular", "irregular"),
    "loop": ("run",),
    "metrics": ("measure",),
    "oracle": ("Oracle",),
    "problem": ("Problem",),
    "result": ("Result",),
    "schedule": ("Schedule", "cec2018", "cec2023", "fixed", "platemo", "pps", "pymoo", "xiamen"),
    "search": ("Environment", "Search", "Searcher"),
    "space": ("Space",),
}


def __getattr__(name: str) -> Any:
    """What the package exports, from the module that has it."""
    for module, names in _MODULES.items():
        if name in names:
            globals()[name] = found = getattr(import_module(f"dmo.{module}"), name)
            return found
    raise AttributeError(f"module 'dmo' has no attribute {name!r}")
