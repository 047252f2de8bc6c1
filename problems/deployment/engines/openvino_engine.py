"""OpenVINO on the processor: its own optimiser, kernels and threads.

It fuses and lays out what it executes by itself and offers no choice about it; a model compiled
beforehand (`preoptimised`) is read back without that work.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import DataError

if TYPE_CHECKING:
    from problems.deployment.plan import Plan
    from problems.deployment.strategy import Strategy

HONOURS = ("threads", "preoptimised", "patches", "segments")
COMPILED = ".blob"


class OpenVinoSession:
    """A loaded plan. session(x): (n, channels, r, r) float32 -> (n, classes) float32."""

    def __init__(self, plan: Plan) -> None:
        import openvino

        core, model = openvino.Core(), Path(plan.model)
        try:
            if model.suffix == COMPILED:
                compiled = core.import_model(BytesIO(model.read_bytes()), "CPU", _settings(plan.threads))
            else:
                compiled = core.compile_model(model, "CPU", _settings(plan.threads))
        except (RuntimeError, OSError) as error:
            raise DataError(f"{plan.model} does not load: {error}; build the plan again") from error
        self.raw = compiled.create_infer_request()

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        y: NDArray[np.float32] = self.raw.infer([x], share_inputs=True)[0].copy()
        return y


def load(plan: Plan) -> OpenVinoSession:
    """Load a plan. Raises DataError when its file is missing or not a model."""
    return OpenVinoSession(plan)


def preoptimise(source: Path, strategy: Strategy, file: Path) -> None:
    """Write source as OpenVINO compiles it for the processor of this machine."""
    import openvino

    compiled = openvino.Core().compile_model(source, "CPU", _settings(strategy.threads))
    stream = BytesIO()
    compiled.export_model(stream)
    file.write_bytes(stream.getvalue())


def _settings(threads: int) -> dict[str, Any]:
    return {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": "1",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",  # no silent bfloat16
        "ENABLE_CPU_PINNING": False,  # the device decides which cores
    }
