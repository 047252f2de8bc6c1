"""An elastic network: how to build each size of it, and its shared trained weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dmo.errors import DataError
from dmo.files import UNREADABLE, reason, replacing
from problems.deployment.elastic.shape import Build, Elastic, Shape
from problems.deployment.inert import RESIDUAL
from problems.deployment.knobs import Inert

if TYPE_CHECKING:
    from torch import Tensor, nn

SHIPPED = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Network:
    """A family of networks with shared weights.

    name: of its files; module: build(width, depth) -> torch module, build(width, depth, exit=stage)
    where elastic has early exits; elastic: the sizes it can take; inert: where knobs change nothing
    in what is executed of it.
    """

    name: str
    module: Build
    elastic: Elastic
    inert: tuple[Inert, ...] = RESIDUAL

    @property
    def weights_file(self) -> Path:
        """Where the weights that ship are."""
        return SHIPPED / f"{self.name}_weights.npz"

    def save(self, weights: dict[str, Tensor], file: Path, note: dict[str, Any], half: bool = False) -> None:
        """Write the shared weights, with their sizes and a note of how they came about.

        half: store them as float16, in half the space; they are float32 again when read.
        """
        import torch

        stored = torch.float16 if half else torch.float32
        meta = json.dumps({"network": self.name, "elastic": self.elastic.to_dict(), **note})
        with replacing(file) as partial:
            np.savez(partial, meta=np.array(meta), **{k: p.to(stored).numpy() for k, p in weights.items()})

    def load(self, file: Path | None = None) -> dict[str, Tensor]:
        """The shared weights by parameter name, from `file` or those that ship.

        Raises DataError when the file is missing, damaged or of another size.
        """
        file = file or self.weights_file
        again = f"make it with: python -m experiments.train network={self.name}"
        weights, meta = read(file, again)
        there, wanted = _weighing(meta.get("elastic")), _weighing(self.elastic.to_dict())
        if there != wanted:
            raise DataError(f"{file} holds weights for sizes {there}, the network has {wanted}; {again}")
        return weights

    def subnet(self, weights: dict[str, Tensor], shape: Shape) -> nn.Module:
        """The network of this size with its share of the weights, standing alone.

        Its batch-norm statistics do not fit yet: see elastic.recalibrate.
        """
        from problems.deployment.elastic.sharing import materialise

        return materialise(weights, shape.build(self.module)).eval()


def _weighing(elastic: dict[str, Any] | None) -> dict[str, Any] | None:
    """The sizes that weights depend on: all but the resolution."""
    return elastic and {name: levels for name, levels in elastic.items() if name != "resolution"}


def read(file: Path, remedy: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The weights of a file by parameter name, as float32, and the note beside them.

    Raises DataError, ending in `remedy`, when it is missing or damaged.
    """
    import torch

    if not file.is_file():
        raise DataError(f"no weights at {file}; {remedy}")
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            meta = json.loads(str(stored["meta"]))
            weights = {k: torch.from_numpy(stored[k]).float() for k in stored.files if k != "meta"}
    except UNREADABLE as error:
        raise DataError(f"{file} cannot be read as weights ({reason(error)}); {remedy}") from error
    return weights, meta
