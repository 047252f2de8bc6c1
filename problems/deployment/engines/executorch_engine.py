"""ExecuTorch: programs compiled ahead of time, with their memory planned ahead of time too.

XNNPACK executes all it can (`delegate`), in memory of its own; or the portable kernels do, slowly,
in the one arena that ExecuTorch's planner laid out: its own greedy or naive one, or ours
(`planner`). Its Python runtime is built on torch, so a measured process imports that as well.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import DataError

if TYPE_CHECKING:
    from problems.deployment.graph.source import Source
    from problems.deployment.plan import Plan
    from problems.deployment.strategy import Strategy

HONOURS = ("threads", "delegate", "planner")
MODEL = ".pte"


class ExecuTorchSession:
    """A loaded plan. session(x): (n, channels, r, r) float32 -> (n, classes) float32, image by image."""

    def __init__(self, plan: Plan) -> None:
        import torch

        runtime = _runtime()
        runtime._unsafe_reset_threadpool(plan.threads)
        try:
            self.raw = runtime._load_for_executorch(plan.model)
        except (RuntimeError, OSError) as error:
            raise DataError(f"{plan.model} does not load: {error}; build the plan again") from error
        self._tensor = torch.from_numpy

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        images = (self._tensor(np.ascontiguousarray(x[i : i + 1])) for i in range(len(x)))
        return np.concatenate([self.raw.forward((image,))[0].numpy().copy() for image in images])


def load(plan: Plan) -> ExecuTorchSession:
    """Load a plan. Raises DataError when its file is missing or no program."""
    return ExecuTorchSession(plan)


def start(plan: Plan) -> None:
    """The runtime and its threads."""
    _runtime()._unsafe_reset_threadpool(plan.threads)


def make(strategy: Strategy, source: Source, calibration: NDArray[np.float32], file: Path) -> None:
    """Write the program of a strategy; see graph.executorch."""
    from problems.deployment.graph.executorch import compile_program

    compile_program(strategy, source, calibration, file)


def _runtime() -> ModuleType:
    import torch  # noqa: F401 - the extension finds its libraries in it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Not its package, which also imports the compiler.
        from executorch.extension.pybindings import _C
    module: ModuleType = _C
    return module
