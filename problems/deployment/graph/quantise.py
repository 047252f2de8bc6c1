"""Static int8 quantisation of an ONNX file, calibrated with real images."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from problems.deployment.graph.export import OPSET

BATCH = 32  # every activation of this many images is in memory at once


def quantise(source: Path, calibration: NDArray[np.float32], file: Path) -> None:
    """Write source, an fp32 model without batch norms, as int8: weights per channel, activations uint8.

    calibration: (k, channels, r, r) real inputs of which the range of every activation is taken.
    The file holds QuantizeLinear / DequantizeLinear pairs, which the engine turns into integer
    kernels from its level `extended` on and executes literally below. Weights have 7 bits where the
    engine's sums saturate on this processor, 8 elsewhere.
    Raises ArgumentError when there is no image to calibrate with.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    if calibration.ndim < 2 or len(calibration) == 0:
        raise ArgumentError(
            "calibration",
            "images (k, channels, r, r), k >= 1",
            f"shape {calibration.shape}",
            "pass to_input of some training images",
        )

    graph = onnx.load(str(source), load_external_data=False).graph
    weights = {w.name for w in graph.initializer}
    name, dims = next((i.name, i.type.tensor_type.shape.dim) for i in graph.input if i.name not in weights)
    batch = dims[0].dim_value or BATCH

    class Images(CalibrationDataReader):  # type: ignore[misc]
        """The calibration images, a few at a time."""

        def __init__(self) -> None:
            parts = range(0, len(calibration), batch)
            self.batches = iter([{name: np.ascontiguousarray(calibration[i : i + batch])} for i in parts])

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return next(self.batches, None)

    # It advises a preparation (batch norm folding) that the exporter has done.
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)
    try:
        quantize_static(
            str(source),
            str(file),
            Images(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=sums_saturate(),
        )
    finally:
        root.setLevel(level)


@cache
def sums_saturate() -> bool:
    """Whether integer kernels clip sums of two products to 16 bits, as on x86 processors without VNNI.

    The engine itself is asked, with the largest factors: 7-bit weights are what keeps such sums whole.
    Source: ONNX Runtime, Quantize ONNX models, "When to use reduce-range and per-channel quantization".
    """
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    depth, largest, weight = 64, 255, 127
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "w"], ["sum"])],
        "saturation",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [1, depth])],
        [helper.make_tensor_value_info("sum", TensorProto.INT32, [1, 1])],
        [numpy_helper.from_array(np.full((depth, 1), weight, dtype=np.int8), "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (sums,) = session.run(None, {"a": np.full((1, depth), largest, dtype=np.uint8)})
    return bool(sums[0, 0] != depth * largest * weight)
