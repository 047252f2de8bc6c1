"""Which sizes a network can take: a Shape is one of them, Elastic all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dmo.errors import ArgumentError

if TYPE_CHECKING:
    from torch import nn

Build = Callable[..., "nn.Module"]  # of width and depth, and of exit where there are early exits


@dataclass(frozen=True)
class Shape:
    """One subnet: channels and blocks of each stage, and the side of its square input in pixels.

    exit: the stage after which it classifies, counted from 1; None for a network without early exits.
    """

    width: tuple[int, ...]
    depth: tuple[int, ...]
    resolution: int
    exit: int | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """Each size by the name of its knob, as in Elastic.levels."""
        return {
            **{f"width_{s + 1}": w for s, w in enumerate(self.width)},
            **{f"depth_{s + 1}": d for s, d in enumerate(self.depth)},
            **({} if self.exit is None else {"exit": self.exit}),
            "resolution": self.resolution,
        }

    def build(self, module: Build) -> nn.Module:
        """The torch module of this size, with weights of its own."""
        sizes = self.width, self.depth
        return module(*sizes) if self.exit is None else module(*sizes, exit=self.exit)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON has them; no `exit` where there are no early exits."""
        plain = {"width": list(self.width), "depth": list(self.depth), "resolution": self.resolution}
        return plain if self.exit is None else {**plain, "exit": self.exit}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Shape:
        """The shape that to_dict wrote; KeyError or TypeError when it is something else."""
        exit = int(plain["exit"]) if "exit" in plain else None
        width, depth = (tuple(map(int, plain[name])) for name in ("width", "depth"))
        return cls(width, depth, int(plain["resolution"]), exit)


@dataclass(frozen=True)
class Elastic:
    """Which subnets a network has: the levels of each stage's width and depth, and of the resolution.

    Levels ascend; the last is the full network's. Without stages, a network of one size. exit: the
    stages after which a subnet may classify, counted from 1, the last of them among these; none for a
    network without early exits.
    """

    width: tuple[tuple[int, ...], ...]
    depth: tuple[tuple[int, ...], ...]
    resolution: tuple[int, ...]
    exit: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", tuple(tuple(map(int, levels)) for levels in self.width))
        object.__setattr__(self, "depth", tuple(tuple(map(int, levels)) for levels in self.depth))
        object.__setattr__(self, "resolution", tuple(map(int, self.resolution)))
        object.__setattr__(self, "exit", tuple(map(int, self.exit)))
        for name, levels in (
            *(("width", w) for w in self.width),
            *(("depth", d) for d in self.depth),
            ("resolution", self.resolution),
            *((("exit", self.exit),) if self.exit else ()),
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
        if self.exit and self.exit[-1] != len(self.width):
            raise ArgumentError(
                "exit",
                f"stages up to the last, {len(self.width)}",
                repr(self.exit),
                "add the last stage, or leave exit empty",
            )

    @cached_property
    def levels(self) -> dict[str, tuple[int, ...]]:
        """The levels of each size that can be chosen, by the name of its knob."""
        if not self.width and len(self.resolution) == 1:
            return {}
        return {
            **{f"width_{s + 1}": levels for s, levels in enumerate(self.width)},
            **{f"depth_{s + 1}": levels for s, levels in enumerate(self.depth)},
            **({"exit": self.exit} if self.exit else {}),
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
            full.get("exit"),
        )

    @property
    def largest(self) -> Shape:
        return self._at(-1)

    @property
    def smallest(self) -> Shape:
        return self._at(0)

    def _at(self, i: int) -> Shape:
        return Shape(
            tuple(w[i] for w in self.width),
            tuple(d[i] for d in self.depth),
            self.resolution[i],
            self.exit[i] if self.exit else None,
        )

    def sample(self, rng: np.random.Generator) -> Shape:
        """A subnet with each level drawn uniformly."""

        def draw(levels: Sequence[int]) -> int:
            return int(levels[rng.integers(len(levels))])

        width, depth = tuple(map(draw, self.width)), tuple(map(draw, self.depth))
        return Shape(width, depth, draw(self.resolution), draw(self.exit) if self.exit else None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON has them; no `exit` where there are no early exits."""
        plain: dict[str, Any] = {
            "width": [list(levels) for levels in self.width],
            "depth": [list(levels) for levels in self.depth],
            "resolution": list(self.resolution),
        }
        return {**plain, "exit": list(self.exit)} if self.exit else plain
