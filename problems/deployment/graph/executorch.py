"""From a torch module to an ExecuTorch program, memory planned."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from problems.deployment.graph.source import Source, TorchSource
from problems.deployment.memory.buffers import Buffers
from problems.deployment.memory.planner import hill_climb

if TYPE_CHECKING:
    from torch import nn

    from problems.deployment.strategy import Strategy


def compile_program(strategy: Strategy, source: Source, calibration: NDArray[np.float32], file: Path) -> None:
    """Write the program of a torch module for one image.

    int8: per channel, symmetric, by XNNPACK's quantiser, ranges from the calibration images.
    Raises ArgumentError for a source that is no torch module, or integers without the delegate.
    """
    if not isinstance(source, TorchSource):
        raise ArgumentError(
            "engine", "an engine that reads ONNX files", "'executorch'", "use onnxruntime or openvino"
        )
    if strategy.precision == "int8" and not strategy.delegate:
        raise ArgumentError("delegate", "true in int8", "false", "the portable kernels compute in fp32")
    with _quiet():
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.exir import ExecutorchBackendConfig, memory_planning, to_edge_transform_and_lower
        from executorch.exir.passes import MemoryPlanningPass
        from torch import export, zeros

        channels = calibration.shape[1]
        image = (zeros(1, channels, strategy.shape.resolution, strategy.shape.resolution),)
        module = source.module.eval()
        if strategy.precision == "int8":
            module = _quantised(module, calibration)
        partitioner = [XnnpackPartitioner()] if strategy.delegate else []
        lowered = to_edge_transform_and_lower(export.export(module, image), partitioner=partitioner)
        planner = {"naive": memory_planning.naive, "greedy": memory_planning.greedy, "ours": ours}
        suite = memory_planning.MemoryPlanningAlgorithmSuite(algo_list=[planner[strategy.planner]])
        settings = ExecutorchBackendConfig(
            memory_planning_pass=MemoryPlanningPass(memory_planning_algo=suite)
        )
        file.write_bytes(lowered.to_executorch(settings).buffer)


def ours(alignment: int, specs: Any, graph: Any, signature: Any, extra_padding: int = 0) -> Any:
    """planner.hill_climb as an algorithm of ExecuTorch's planner suite; arguments as there."""
    from executorch.exir.memory_planning import MemoryAlgoResult, SpecAllocResult

    # A set has no order of its own; equal results need one.
    ordered = sorted(specs, key=lambda s: (tuple(s.lifetime), -s.allocated_memory))
    for spec in ordered:
        spec.realign(alignment)
    homes = [spec for spec in ordered if spec.storage_base is None]
    spans = np.array([spec.lifetime for spec in homes], dtype=np.int64).reshape(-1, 2)
    sizes = np.array([spec.allocated_memory for spec in homes], dtype=np.int64)
    arena = hill_climb(Buffers(sizes, spans[:, 0], spans[:, 1]), np.random.default_rng(0))
    used = getattr(graph, "input_mem_buffer_sizes", None) or [0, 0]
    start = used[1] if len(used) > 1 else 0
    places = {
        spec: SpecAllocResult(1, k, start + int(offset))
        for k, (spec, offset) in enumerate(zip(homes, arena.offset, strict=True))
    }
    for spec in ordered:
        inside, base = 0, spec
        while base.storage_base is not None:
            inside += base.storage_base_offset
            base = base.storage_base
        if base is not spec:
            home = places[base]
            places[spec] = SpecAllocResult(1, home.mem_obj_id, home.mem_offset + inside)
    return MemoryAlgoResult(places, [0, start + arena.size + extra_padding])


def _quantised(module: nn.Module, calibration: NDArray[np.float32]) -> nn.Module:
    import torch
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    images = torch.from_numpy(np.ascontiguousarray(calibration)).split(1)
    traced = torch.export.export(module, (images[0],)).module()
    quantiser = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))
    observed = prepare_pt2e(traced, quantiser)
    with torch.no_grad():
        for image in images:
            observed(image)
    converted: nn.Module = convert_pt2e(observed)
    return converted


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the announcements of the compiler and what it imports."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
