"""Engines execute plans: `load(plan)` gives a session, `session(x)` the network's output.

An engine is a module named `<engine>_engine` here, with a function `load`. Another one needs no
registration: a plan names it by that module name or, from outside, by a dotted path.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError

if TYPE_CHECKING:
    from problems.deployment.plan import Plan


class Session(Protocol):
    """A loaded network."""

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The outputs (n, classes) of inputs (n, channels, r, r)."""
        ...


def load(plan: Plan) -> Session:
    """Load a plan with the engine it names. Raises ArgumentError when there is no such engine."""
    path = plan.engine if "." in plan.engine else f"{__name__}.{plan.engine}_engine"
    try:
        module = import_module(path)
    except ModuleNotFoundError as error:
        raise ArgumentError(
            "engine", "an engine that is installed", repr(plan.engine), f"use `onnxruntime` ({error})"
        ) from error
    session: Session = module.load(plan)
    return session
