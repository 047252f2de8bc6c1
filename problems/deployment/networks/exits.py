"""Stages in a row, any of which may be the last: early exits."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class Exits(nn.Module):
    """The stages up to the exit, mean pool and that exit's own linear head.

    stages: all of them, from image to image; width: channels each gives; exit: the stage after
    which it classifies, counted from 1, None for the last. Stages behind it and the other exits'
    heads are left out; what remains is named as in the full network.
    Source: Teerapittayanon et al., BranchyNet (2016).
    Deviation: where to leave is chosen for a deployment, not for each image.
    """

    def __init__(
        self, stages: Sequence[nn.Module], width: Sequence[int], classes: int, exit: int | None
    ) -> None:
        super().__init__()
        last = len(stages) if exit is None else exit
        self.stages = nn.ModuleList(stages[:last])
        self.heads = nn.ModuleDict({str(last): nn.Linear(width[last - 1], classes)})

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.stages:
            x = stage(x)
        (head,) = self.heads.values()
        y: Tensor = head(x.mean(dim=(2, 3)))
        return y
