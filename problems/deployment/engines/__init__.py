"""Engines execute plans: `load(plan)` gives a session, `session(x)` the network's output.

An engine is a module named `<engine>_engine` here. It has a function `load`, and HONOURS, the names
of the knobs that change what it executes; it imports its library in `load` only, so that a space of
strategies needs no engine. Another one needs no registration: a strategy names it by that module
name or, from outside, by a dotted path.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError

if TYPE_CHECKING:
    from problems.deployment.graph.source import Source
    from problems.deployment.plan import Plan
    from problems.deployment.strategy import Strategy


class Session(Protocol):
    """A loaded network."""

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The outputs (n, classes) of inputs (n, channels, r, r)."""
        ...


def load(plan: Plan) -> Session:
    """Load a plan with the engine it names.

    Raises ArgumentError when there is no such engine, or it is not installed.
    """
    if plan.parts:
        from problems.deployment.memory.paging import PagedSession

        return PagedSession.of(plan)
    module = _module(plan.engine)
    with _installed(plan.engine):
        session: Session = module.load(plan)
    return session


@cache
def honours(engine: str) -> frozenset[str]:
    """The names of the knobs that change what this engine executes; it need not be installed."""
    return frozenset(_module(engine).HONOURS)


def version(engine: str) -> str | None:
    """The installed version of an engine's package, None when it is not installed."""
    try:
        return importlib.metadata.version(getattr(_module(engine), "PACKAGE", engine))
    except importlib.metadata.PackageNotFoundError:
        return None


def compiled(engine: str) -> str:
    """The ending of the files that the engine optimised beforehand."""
    return str(getattr(_module(engine), "COMPILED", ".onnx"))


def preoptimise(source: Path, strategy: Strategy, file: Path) -> None:
    """Write a model file as the engine optimises it at the strategy's settings."""
    with _installed(strategy.engine):
        _module(strategy.engine).preoptimise(source, strategy, file)


def makes(engine: str) -> str | None:
    """The ending of the model files that the engine makes itself, None when it reads ONNX."""
    ending: str | None = getattr(_module(engine), "MODEL", None)
    return ending


def make(strategy: Strategy, source: Source, calibration: NDArray[np.float32], file: Path) -> None:
    """Write a strategy in the engine's own format."""
    with _installed(strategy.engine):
        _module(strategy.engine).make(strategy, source, calibration, file)


def start(plan: Plan) -> bool:
    """Set up what the engine sets up once in a process, where it knows how; whether it does."""
    begin = getattr(_module(plan.engine), "start", None)
    if begin is None:
        return False
    with _installed(plan.engine):
        begin(plan)
    return True


@contextmanager
def _installed(engine: str) -> Iterator[None]:
    """Raise ArgumentError with the remedy when the engine's library is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ArgumentError(
            "engine",
            "an engine that is installed",
            repr(engine),
            f"pip install 'dmo-lab[engines]', or use `onnxruntime` ({error})",
        ) from error


def _module(engine: str) -> ModuleType:
    path = engine if "." in engine else f"{__name__}.{engine}_engine"
    try:
        return import_module(path)
    except ModuleNotFoundError as error:
        raise ArgumentError(
            "engine",
            "an engine here or the dotted path of a module",
            repr(engine),
            f"use `onnxruntime` ({error})",
        ) from error
