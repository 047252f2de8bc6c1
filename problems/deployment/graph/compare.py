"""Where knobs of ONNX Runtime change nothing, found by comparing the graphs that would be executed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from problems.deployment.graph.optimise import optimise
from problems.deployment.knobs import Inert
from problems.deployment.strategy import FUSIONS, LEVELS, PASSES, PRECISIONS, Fusion, Level, Precision

if TYPE_CHECKING:
    from onnx import ModelProto

# Operators whose kernels keep constant weights a second time, in an order of their own.
PACKED = frozenset(
    {"MatMul", "FusedMatMul", "Gemm", "FusedGemm", "QLinearConv", "QLinearMatMul", "QGemm", "MatMulInteger"}
    | {"DynamicQuantizeMatMul", "ConvTranspose", "LSTM", "GRU", "Attention", "QAttention"}
)
NOTICEABLE = 64 * 1024  # bytes of weights below which storing them twice shows in no measurement


def compared(files: Callable[[Precision, int, Level], Path], patches: Sequence[int]) -> tuple[Inert, ...]:
    """The rules of level, fusion, preoptimised and prepacking for one network.

    files: the model file of a precision, a number of patches and a level, before the engine
    optimises it. Every combination of level and fusion is optimised; of those whose graphs are
    equal one stands for all: the engine's default, or else that of the lowest level and fewest
    passes off. Applied in their order, once is enough.
    """
    # Stable: all else ascends.
    choices = sorted(product(LEVELS, FUSIONS), key=lambda choice: choice != ("all", "none"))
    rules: list[Inert] = []
    for precision, tiles in product(PRECISIONS, patches):
        where = {"engine": ("onnxruntime",), "precision": (precision,), "patches": (tiles,)}
        known: dict[str, tuple[Level, Fusion]] = {}
        for level, fusion in choices:
            graph = _optimised(files(precision, tiles, level), level, PASSES[fusion])
            first = known.setdefault(_digest(graph), (level, fusion))
            at = {**where, "level": (level,), "fusion": (fusion,)}
            if first != (level, fusion):
                rules.append(Inert(at, {"level": first[0], "fusion": first[1]}))
            elif _packed(graph) < NOTICEABLE:
                rules.append(Inert(at, {"prepacking": True}))
    # A rule on prepacking may have come before one that moves a row to where it matches.
    rules.sort(key=lambda rule: "prepacking" in rule.then)
    # Optimised not at all, the file optimised beforehand is the file itself.
    return (*rules, Inert({"engine": ("onnxruntime",), "level": ("disabled",)}, {"preoptimised": False}))


def _optimised(source: Path, level: Level, passes_off: Sequence[str]) -> ModelProto:
    import onnx

    with TemporaryDirectory() as folder:
        file = Path(folder) / "optimised.onnx"
        optimise(source, level, passes_off, file)
        return onnx.load(str(file))


def _digest(model: ModelProto) -> str:
    """Of what is executed: operators in order, their attributes, and the sizes of what they read."""
    sizes = {w.name: (tuple(w.dims), w.data_type) for w in model.graph.initializer}
    lines = [
        (
            node.domain,
            node.op_type,
            tuple(sorted(a.SerializeToString(deterministic=True) for a in node.attribute)),
            tuple(sizes.get(name, ()) for name in node.input),
        )
        for node in model.graph.node
    ]
    return hashlib.sha256(repr(sorted(map(repr, lines))).encode()).hexdigest()


def _packed(model: ModelProto) -> int:
    """Bytes of the weights that kernels would store again."""
    sizes = {w.name: prod(w.dims) for w in model.graph.initializer}
    return sum(
        max((sizes.get(name, 0) for name in node.input), default=0)
        for node in model.graph.node
        if node.op_type in PACKED
    )
