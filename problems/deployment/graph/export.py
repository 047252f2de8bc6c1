"""From a torch module to an ONNX file."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

INPUT, OUTPUT = "x", "y"
OPSET = 17


def export(module: nn.Module, resolution: int, file: Path, fold: bool) -> None:
    """Write the module as an ONNX model of input x (n, channels, resolution, resolution) and output y.

    The number of images n stays free. fold: merge each batch norm into the convolution before it,
    which quantisation needs; otherwise they stay nodes of their own, so that the engine's
    optimisation level decides (merging them is what its level `basic` does).

    Only the module's evaluation behaviour is exported; the module itself is left as it is.
    """
    import onnx
    import torch

    still = copy.deepcopy(module).eval()
    mode = torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE
    with warnings.catch_warnings():
        # The TorchScript exporter announces its successor, which takes 3-8 s against 0.3 s.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            still,
            (torch.zeros(1, _channels(still), resolution, resolution),),
            str(file),
            dynamo=False,
            training=mode,
            do_constant_folding=fold,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
        )
    model = onnx.load(str(file))
    _drop_aliases(model.graph)
    onnx.save(model, str(file))


def _channels(module: nn.Module) -> int:
    """Input channels of the first convolution."""
    from torch import nn

    return next((m.in_channels for m in module.modules() if isinstance(m, nn.Conv2d)), 1)


def _drop_aliases(graph) -> None:  # type: ignore[no-untyped-def]
    """Remove the Identity nodes that the exporter makes of weights which happen to be equal."""
    weights = {w.name for w in graph.initializer}
    aliases = {
        n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity" and n.input[0] in weights
    }
    kept = [n for n in graph.node if n.output[0] not in aliases]
    for node in kept:
        for i, name in enumerate(node.input):
            node.input[i] = aliases.get(name, name)
    del graph.node[:]
    graph.node.extend(kept)
