"""Which sizes a network can take: a Shape is one of them, Elastic all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dmo.errors import ArgumentError


@dataclass(frozen=True)
class Shape:
    """One subnet: channels and blocks of each stage, and the side of its square input in pixels."""

    width: tuple[int, ...]
    depth: tuple[int, ...]
    resolution: int

    @property
    def sizes(self) -> dict[str, int]:
        """Each size by the name of its knob, as in Elastic.levels."""
        return {
            **{f"width_{s + 1}": w for s, w in enumerate(self.width)},
            **{f"depth_{s + 1}": d for s, d in enumerate(self.depth)},
            "resolution": self.resolution,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON has them."""
        return {"width": list(self.width), "depth": list(self.depth), "resolution": self.resolution}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Shape:
        """The shape that to_dict wrote; KeyError or TypeError when it is something else."""
        return cls(tuple(map(int, plain["width"])), tuple(map(int, plain["depth"])), int(plain["resolution"]))


@dataclass(frozen=True)
class Elastic:
    """Which subnets a network has: the levels of each stage's width and depth, and of the resolution.

    Levels ascend; the last is the full network's. Without stages, a network of one size.
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
        if len(self.width) != len(self.depth):
            raise ArgumentError(
                "width, depth",
                "levels for the same number of stages",
                f"{len(self.width)} and {len(self.depth)}",
                "give one list per stage",
            )

    @cached_property
    def levels(self) -> dict[str, tuple[int, ...]]:
        """The levels of each size that can be chosen, by the name of its knob."""
        if not self.width and len(self.resolution) == 1:
            return {}
        return {
            **{f"width_{s + 1}": levels for s, levels in enumerate(self.width)},
            **{f"depth_{s + 1}": levels for s, levels in enumerate(self.depth)},
            "resolution": self.resolution,
        }

    def shape(self, sizes: Mapping[str, int]) -> Shape:
        """The subnet of these sizes by name; those not given are the full network's."""
        full = {**self.largest.sizes, **sizes}
        stages = range(1, len(self.width) + 1)
        return Shape(
            tuple(full[f"width_{s}"] for s in stages),
            tuple(full[f"depth_{s}"] for s in stages),
            full["resolution"],
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
