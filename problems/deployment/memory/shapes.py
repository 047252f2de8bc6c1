"""The shapes of a graph's tensors, for one image: inferred, or found by running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import DataError

if TYPE_CHECKING:
    from onnx import ModelProto


def for_one_image(model: ModelProto) -> ModelProto:
    """The model for one image, without any claim about sizes but its inputs'."""
    fixed = type(model)()
    fixed.CopyFrom(model)
    for value in fixed.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if not dim.HasField("dim_value") or dim.dim_value < 1:
                dim.dim_value = 1
    for value in fixed.graph.output:
        value.type.tensor_type.ClearField("shape")
    del fixed.graph.value_info[:]
    return fixed


def run_once(model: ModelProto, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """These tensors, found by running the model once, on zeros, with all of them as outputs.

    Raises DataError when it does not run.
    """
    import onnxruntime
    from onnx import helper

    fixed = for_one_image(model)
    weights = {w.name for w in fixed.graph.initializer}
    inputs = {i.name: i.type.tensor_type for i in fixed.graph.input if i.name not in weights}
    fed = {
        name: np.zeros([d.dim_value for d in t.shape.dim], helper.tensor_dtype_to_np_dtype(t.elem_type))
        for name, t in inputs.items()
    }
    wanted = [name for name in names if name not in inputs]
    del fixed.graph.output[:]
    fixed.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in wanted)
    try:
        session = onnxruntime.InferenceSession(fixed.SerializeToString(), providers=["CPUExecutionProvider"])
        values = session.run(wanted, fed)
    except Exception as error:  # the engine's errors share no base but Exception
        raise DataError(
            f"the shapes of this graph can be neither inferred nor found by running it ({error}); "
            "write them into the file first: onnxruntime.tools.symbolic_shape_infer"
        ) from error
    return {name: found for name, found in (*fed.items(), *zip(wanted, values, strict=True)) if name in names}
