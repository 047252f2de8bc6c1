"""An elastic network: how to build each size of it, and its shared trained weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dmo.errors import DataError
from dmo.files import UNREADABLE, replacing
from problems.deployment.elastic.shape import Elastic, Shape

if TYPE_CHECKING:
    from torch import Tensor, nn

SHIPPED = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Network:
    """A family of networks with shared weights.

    name: of its files; module: build(width, depth) -> torch module; elastic: the sizes it can take.
    """

    name: str
    module: Callable[[Sequence[int], Sequence[int]], nn.Module]
    elastic: Elastic

    @property
    def weights_file(self) -> Path:
        """Where the weights that ship are."""
        return SHIPPED / f"{self.name}_weights.npz"

    def save(self, weights: dict[str, Tensor], file: Path, note: dict[str, Any]) -> None:
        """Write the shared weights, with their sizes and a note of how they came about."""
        meta = json.dumps({"network": self.name, "elastic": asdict(self.elastic), **note})
        with replacing(file) as partial:
            np.savez(partial, meta=np.array(meta), **{name: p.numpy() for name, p in weights.items()})

    def load(self, file: Path | None = None) -> dict[str, Tensor]:
        """The shared weights by parameter name, from `file` or those that ship.

        Raises DataError when the file is missing, damaged or of another size.
        """
        import torch

        file = file or self.weights_file
        again = f"make it with: python -m experiments.train network={self.name}"
        if not file.is_file():
            raise DataError(f"no weights at {file}; {again}")
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
                meta = json.loads(str(stored["meta"]))
                weights = {name: torch.from_numpy(stored[name]) for name in stored.files if name != "meta"}
        except UNREADABLE as error:
            raise DataError(f"{file} cannot be read as weights ({error}); {again}") from error
        wanted = json.loads(json.dumps(asdict(self.elastic)))
        if meta.get("elastic") != wanted:
            raise DataError(
                f"{file} holds weights for sizes {meta.get('elastic')}, the network has {wanted}; {again}"
            )
        return weights

    def subnet(self, weights: dict[str, Tensor], shape: Shape) -> nn.Module:
        """The network of this size with its share of the weights, standing alone.

        Its batch-norm statistics do not fit yet: see elastic.recalibrate.
        """
        from problems.deployment.elastic.sharing import materialise

        return materialise(weights, self.module(shape.width, shape.depth)).eval()
