"""ONNX Runtime's arena on paper: which of its bytes are touched in a first run, and with a planned block."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

ROUNDED = 256  # bytes; every chunk is a multiple
FIRST_REGION = 2**20
ALWAYS_SPLIT = 128 * 2**20  # a rest of so many bytes is never given along


@dataclass(frozen=True)
class Step:
    """What one node allocates, in bytes, and what is free after it.

    made: tensors by name, in this order; scratch: of its kernel, while it runs; dying: tensors.
    """

    made: Sequence[tuple[Hashable, int]] = ()
    scratch: Sequence[int] = ()
    dying: Sequence[Hashable] = ()


@dataclass
class Regions:
    """An arena that asks the system for regions of doubling size and never gives one back.

    Source: ONNX Runtime 1.32, core/framework/bfc_arena.cc: best fit with coalescing; a chunk is split
    where less than half of it is wanted; kNextPowerOfTwo, from 1 MiB.
    """

    extended: list[int] = field(default_factory=list)  # bytes of each region
    _next: int = FIRST_REGION
    _free: list[tuple[int, int, int]] = field(default_factory=list)  # (bytes, -region, start)
    _used: set[tuple[int, int, int]] = field(
        default_factory=set
    )  # (region, start, end) of what was asked for

    def take(self, size: int) -> tuple[int, int, int]:
        """A chunk of at least so many bytes: (region, start, bytes)."""
        wanted = -(-max(size, 1) // ROUNDED) * ROUNDED
        fitting = [chunk for chunk in self._free if chunk[0] >= wanted]
        if not fitting:
            self._extend(wanted)
            fitting = self._free[-1:]
        chunk = min(fitting)
        self._free.remove(chunk)
        room, region, start = chunk[0], -chunk[1], chunk[2]
        if room >= 2 * wanted or room - wanted >= ALWAYS_SPLIT:
            self._free.append((room - wanted, -region, start + wanted))
            room = wanted
        self._used.add((region, start, start + size))
        return region, start, room

    def give(self, chunk: tuple[int, int, int]) -> None:
        """Take a chunk back, joined with its free neighbours."""
        region, start, room = chunk
        end = start + room
        for other in [c for c in self._free if c[1] == -region and (c[2] == end or c[2] + c[0] == start)]:
            self._free.remove(other)
            start, end = min(start, other[2]), max(end, other[2] + other[0])
        self._free.append((end - start, -region, start))

    @property
    def touched(self) -> int:
        """Bytes that were ever asked for, each place once."""
        total, last = 0, (-1, 0)
        for region, start, end in sorted(self._used):
            reached = last[1] if last[0] == region else 0
            total += max(end - max(start, reached), 0)
            last = region, max(end, reached)
        return total

    def _extend(self, wanted: int) -> None:
        grown = self._next
        while grown < wanted:
            grown *= 2
        self._next = grown if grown > self._next else 2 * grown
        self._free.append((grown, -len(self.extended), 0))
        self.extended.append(grown)


def ran(steps: Sequence[Step], resident: Sequence[int] = ()) -> Regions:
    """The arena of a session after its first run, in which tensors come one after the other.

    resident: bytes of what it allocated when it was loaded.
    """
    arena = Regions()
    for size in resident:
        arena.take(size)
    _run(arena, steps)
    return arena


def ran_planned(arena: Regions, steps: Sequence[Step]) -> None:
    """Another run, with a memory pattern: one block for all tensors, beside the kernels' scratch.

    Source: ONNX Runtime 1.32, core/framework/execution_frame.cc.
    """
    block = planned(steps)
    chunk = arena.take(block) if block else None
    _run(arena, [Step(scratch=step.scratch) for step in steps if step.scratch])
    if chunk:
        arena.give(chunk)


def planned(steps: Sequence[Step]) -> int:
    """Bytes of the block in which every tensor has its place, the smallest gap that is free when it comes.

    Source: ONNX Runtime 1.32, core/framework/mem_pattern_planner.h.
    """
    placed: list[tuple[int, int, Hashable]] = []  # (start, end, tensor), ascending
    block = 0
    for step in steps:
        for name, size in step.made:
            gaps, reached = [], 0
            for start, end, _ in placed:
                if start - reached >= size:
                    gaps.append((start - reached, reached))
                reached = max(reached, end)
            start = min(gaps)[1] if gaps else reached
            placed.append((start, start + size, name))
            placed.sort(key=lambda place: place[:2])
            block = max(block, start + size)
        if step.dying:
            placed = [place for place in placed if place[2] not in step.dying]
    return block


def _run(arena: Regions, steps: Sequence[Step]) -> None:
    there = {}
    for step in steps:
        there.update({name: arena.take(size) for name, size in step.made})
        scratch = [arena.take(size) for size in step.scratch]
        for chunk in scratch:
            arena.give(chunk)
        for name in step.dying:
            arena.give(there.pop(name))
    for chunk in there.values():
        arena.give(chunk)
