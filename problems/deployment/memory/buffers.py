"""Buffers: how much memory is needed from which step to which, and where a plan puts it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError
from dmo.types import BoolArray


@dataclass(frozen=True, eq=False)
class Buffers:
    """Blocks of memory with a lifetime. size: bytes, (n,); first, last: steps, inclusive, (n,) each.

    Raises ArgumentError for a size below zero, a lifetime that ends before it starts, or other lengths.
    """

    size: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("size", "first", "last"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        if not (self.size.ndim == 1 and self.size.shape == self.first.shape == self.last.shape):
            shapes = f"{self.size.shape}, {self.first.shape}, {self.last.shape}"
            raise ArgumentError("size, first, last", "one shape (n,)", shapes, "give one value per buffer")
        if (self.size < 0).any() or (self.first < 0).any() or (self.last < self.first).any():
            raise ArgumentError(
                "size, first, last", "size >= 0 and 0 <= first <= last", "others", "check the lifetimes"
            )

    def __len__(self) -> int:
        return len(self.size)

    @cached_property
    def live(self) -> NDArray[np.int64]:
        """Bytes alive in each step, (steps,)."""
        steps = int(self.last.max()) + 1 if len(self) else 0
        change = np.zeros(steps + 1, dtype=np.int64)
        np.add.at(change, self.first, self.size)
        np.add.at(change, self.last + 1, -self.size)
        return np.cumsum(change)[:-1]

    @property
    def lower_bound(self) -> int:
        """Bytes that no arena can do without: the most that is alive at once."""
        return int(self.live.max(initial=0))

    @cached_property
    def together(self) -> BoolArray:
        """(n, n): whether two buffers are alive in one step."""
        return (self.first[:, None] <= self.last) & (self.first <= self.last[:, None])

    def clashes(self, offset: NDArray[np.int64]) -> BoolArray:
        """(n, n): whether two different buffers, alive together, share a byte at these offsets."""
        end = offset + self.size
        shared = (offset[:, None] < end) & (offset < end[:, None])
        return np.asarray(self.together & shared & ~np.eye(len(self), dtype=bool))


@dataclass(frozen=True, eq=False)
class Arena:
    """A block of memory in which each buffer has its place. offset: bytes from its start, (n,).

    Raises ArgumentError when two buffers that are alive together would overlap.
    """

    buffers: Buffers
    offset: NDArray[np.int64]

    def __post_init__(self) -> None:
        offset = np.asarray(self.offset, dtype=np.int64)
        object.__setattr__(self, "offset", offset)
        if offset.shape != self.buffers.size.shape or (offset < 0).any():
            raise ArgumentError(
                "offset", f"{len(self.buffers)} values >= 0", str(offset.shape), "one per buffer"
            )
        clash = np.argwhere(self.buffers.clashes(offset))
        if len(clash):
            raise ArgumentError(
                "offset", "buffers apart that are alive together", f"{clash[0].tolist()} overlap", "move one"
            )

    @property
    def size(self) -> int:
        """Bytes of the arena."""
        return int((self.offset + self.buffers.size).max(initial=0))
