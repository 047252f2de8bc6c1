"""Which sizes a network can take: a Shape is one of them, Elastic all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dmo.errors import ArgumentError


@dataclass(frozen=True)
class Shape:
    """One subnet: channels and blocks of each stage, and the side of its square input in pixels."""

    width: tuple[int, ...]
    depth: tuple[int, ...]
    resolution: int


@dataclass(frozen=True)
class Elastic:
    """Which subnets a network has: the levels of each stage's width and depth, and of the resolution.

    Levels ascend; the last is the full network's.
    """

    width: tuple[tuple[int, ...], ...]
    depth: tuple[tuple[int, ...], ...]
    resolution: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", tuple(tuple(map(int, levels)) for levels in self.width))
        object.__setattr__(self, "depth", tuple(tuple(map(int, levels)) for levels in self.depth))
        object.__setattr__(self, "resolution", tuple(map(int, self.resolution)))
        for name, levels in (
            *(("width", w) for w in self.width),
            *(("depth", d) for d in self.depth),
            ("resolution", self.resolution),
        ):
            if not levels or min(levels) < 1 or list(levels) != sorted(set(levels)):
                raise ArgumentError(
                    name, "ascending whole numbers >= 1", repr(levels), "list each level once, smallest first"
                )
        if not self.width or len(self.width) != len(self.depth):
            raise ArgumentError(
                "width, depth",
                "levels for the same number of stages",
                f"{len(self.width)} and {len(self.depth)}",
                "give one list per stage",
            )

    @property
    def largest(self) -> Shape:
        return Shape(tuple(w[-1] for w in self.width), tuple(d[-1] for d in self.depth), self.resolution[-1])

    @property
    def smallest(self) -> Shape:
        return Shape(tuple(w[0] for w in self.width), tuple(d[0] for d in self.depth), self.resolution[0])

    def sample(self, rng: np.random.Generator) -> Shape:
        """A subnet with each level drawn uniformly."""

        def draw(levels: Sequence[int]) -> int:
            return int(levels[rng.integers(len(levels))])

        return Shape(tuple(map(draw, self.width)), tuple(map(draw, self.depth)), draw(self.resolution))
