"""Where a graph comes from: a torch module, or an ONNX file that somebody brings."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dmo.errors import DataError
from problems.deployment.graph.export import export
from problems.deployment.graph.optimise import optimise

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import nn

OLDEST = 13  # of opsets: those before have neither quantisation per channel nor slices by tensors


class Source(Protocol):
    """What the model files of strategies are made of."""

    @property
    def identity(self) -> str:
        """A short name of structure and weights."""
        ...

    def shape(self, side: int) -> tuple[int, ...]:
        """The last dimensions of an input at this resolution."""
        ...

    def write(self, side: int, file: Path, fold: bool) -> None:
        """Write it as ONNX for inputs of this resolution; fold: with batch norms merged."""
        ...


@dataclass(frozen=True)
class TorchSource:
    """A torch module of square images, ready to use (batch-norm statistics fit)."""

    module: nn.Module

    @cached_property
    def identity(self) -> str:
        total = hashlib.sha256(repr(self.module).encode())
        for name, tensor in self.module.state_dict().items():
            total.update(name.encode())
            total.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return total.hexdigest()[:12]

    def shape(self, side: int) -> tuple[int, ...]:
        return side, side

    def write(self, side: int, file: Path, fold: bool) -> None:
        export(self.module, side, file, fold)


@dataclass(frozen=True)
class OnnxSource:
    """An ONNX file with one float32 input, of which at most the first dimension is open (the batch)."""

    file: Path

    @cached_property
    def identity(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()[:12]

    @cached_property
    def input(self) -> tuple[int, ...]:
        """The input's dimensions behind the first.

        Raises DataError when the file is missing, no model, or not of this kind.
        """
        model = self.model()
        weights = {w.name for w in model.graph.initializer}
        inputs = [i for i in model.graph.input if i.name not in weights]
        tensor = inputs[0].type.tensor_type if len(inputs) == 1 else None
        dims = [d.dim_value for d in tensor.shape.dim] if tensor else []
        if tensor is None or tensor.elem_type != 1 or len(dims) < 2 or min(dims[1:]) < 1 or dims[0] > 1:
            raise DataError(
                f"{self.file} has inputs {[i.name for i in inputs]} of dimensions {dims}, not one float32 "
                "input (1 or n, fixed, ...); export it with fixed sizes and a batch of 1 or open"
            )
        opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
        if opset < OLDEST:
            raise DataError(
                f"{self.file} has opset {opset}; convert it to {OLDEST} or later: "
                "onnx.version_converter.convert_version"
            )
        return tuple(dims[1:])

    def model(self) -> ModelProto:
        """The graph. Raises DataError when the file is missing or no model."""
        import onnx

        try:
            return onnx.load(str(self.file))
        except Exception as error:  # the parser's errors share no base but Exception
            raise DataError(f"{self.file} is no ONNX model ({error}); export it again") from error

    def shape(self, side: int) -> tuple[int, ...]:
        return self.input

    def write(self, side: int, file: Path, fold: bool) -> None:
        if fold:
            optimise(self.file, "basic", (), file)
        else:
            shutil.copyfile(self.file, file)
