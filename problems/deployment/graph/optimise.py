"""Optimise an ONNX graph beforehand and keep the result, so that loading it costs less memory and time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from problems.deployment.engines.onnxruntime_engine import options
from problems.deployment.strategy import Level


def optimise(source: Path, level: Level, passes_off: Sequence[str], file: Path) -> None:
    """Write source as the engine's optimiser leaves it at this level without these passes.

    Level `all` lays weights out for the processor of this machine: the file is meant for it only.
    """
    import onnxruntime

    settings = options(level=level, threads=1)
    settings.optimized_model_filepath = str(file)
    onnxruntime.InferenceSession(
        str(source), settings, providers=["CPUExecutionProvider"], disabled_optimizers=list(passes_off)
    )
