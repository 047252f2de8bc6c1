"""ONNX Runtime on the processor: every setting of a plan, really set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import DataError

if TYPE_CHECKING:
    import onnxruntime

    from problems.deployment.plan import Plan
    from problems.deployment.strategy import Level, Strategy

HONOURS = (
    *("level", "fusion", "threads", "preoptimised"),
    *("arena", "pattern", "prepacking", "patches", "segments", "branches"),
)

_LEVEL = {
    "disabled": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
_ERRORS_ONLY = 3


class OnnxRuntimeSession:
    """A loaded plan. session(x): (n, channels, r, r) float32 -> (n, classes) float32."""

    def __init__(self, plan: Plan) -> None:
        import onnxruntime

        settings = options(
            level=plan.level,
            threads=plan.threads,
            arena=plan.arena,
            pattern=plan.pattern,
            prepacking=plan.prepacking,
            branches=plan.branches,
        )
        try:
            self.raw = onnxruntime.InferenceSession(
                plan.model,
                settings,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=list(plan.passes_off),
            )
        # ONNX Runtime's own exceptions share no base but Exception.
        except Exception as error:
            raise DataError(f"{plan.model} does not load: {error}; build the plan again") from error
        self._input = self.raw.get_inputs()[0].name

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        y: NDArray[np.float32] = self.raw.run(None, {self._input: x})[0]
        return y


def load(plan: Plan) -> OnnxRuntimeSession:
    """Load a plan. Raises DataError when its file is missing or not a model."""
    return OnnxRuntimeSession(plan)


def preoptimise(source: Path, strategy: Strategy, file: Path) -> None:
    """Write source as the optimiser leaves it."""
    from problems.deployment.graph.optimise import optimise

    optimise(source, strategy.level, strategy.passes_off, file)


def options(
    level: Level,
    threads: int,
    arena: bool = True,
    pattern: bool = True,
    prepacking: bool = True,
    branches: int = 1,
) -> onnxruntime.SessionOptions:
    """Session options with everything set that a strategy decides.

    With branches, so many operators run at once, and each has its share of the threads.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, _LEVEL[level])
    mode = onnxruntime.ExecutionMode
    settings.intra_op_num_threads = max(threads // branches, 1)
    settings.inter_op_num_threads = min(branches, threads)
    settings.execution_mode = mode.ORT_PARALLEL if branches > 1 else mode.ORT_SEQUENTIAL
    settings.enable_cpu_mem_arena = arena
    settings.enable_mem_pattern = pattern
    settings.log_severity_level = _ERRORS_ONLY
    settings.add_session_config_entry("session.disable_prepacking", "0" if prepacking else "1")
    return settings
