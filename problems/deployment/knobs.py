"""Knobs: the variables of a strategy, and which engines honour them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal

from problems.deployment import engines
from problems.deployment.elastic.shape import Elastic
from problems.deployment.strategy import FUSIONS, LEVELS, PLANNERS, PRECISIONS, Strategy

Layer = Literal["model", "graph", "memory"]
CATEGORICAL = frozenset(
    {"engine", "level", "fusion", "planner"}
)  # features one-hot; other knobs' levels are ordered
DEFAULT: Mapping[str, Any] = MappingProxyType({field.name: field.default for field in fields(Strategy)})


@dataclass(frozen=True)
class Knob:
    """One variable of a strategy. levels: its values, last (but for `fusion`) the full network's or the
    engine's default; engines: which engines execute something else when it is turned, or `any`."""

    name: str
    layer: Layer
    levels: tuple[Any, ...]
    engines: tuple[str, ...] = ("any",)


@dataclass(frozen=True)
class Inert:
    """Where a knob changes nothing: strategies that match `when` execute as if they had `then`."""

    when: Mapping[str, tuple[Any, ...]]
    then: Mapping[str, Any]


def model_knobs(elastic: Elastic, ranks: Sequence[int] = (100,)) -> list[Knob]:
    """The sizes of a network, its precision and ranks: they choose another network, whatever the engine."""
    return [
        *(Knob(name, "model", levels) for name, levels in elastic.levels.items()),
        Knob("precision", "model", PRECISIONS),
        *([Knob("rank", "model", tuple(ranks))] if len(ranks) > 1 else []),
    ]


def engine_knobs(
    names: Sequence[str], threads: int, patches: int, segments: int, branches: int = 1
) -> list[Knob]:
    """The knobs of the graph and memory layers that at least one of the engines honours.

    names: of the engines, the default last; threads, patches, segments, branches: the most that a strategy
    may use.
    """
    candidates = (
        *([Knob("engine", "graph", tuple(names))] if len(names) > 1 else []),
        Knob("level", "graph", LEVELS),
        Knob("fusion", "graph", FUSIONS),
        Knob("threads", "graph", tuple(2**i for i in range(threads.bit_length()))),
        Knob("preoptimised", "graph", (True, False)),
        Knob("delegate", "graph", (False, True)),
        *([Knob("branches", "graph", tuple(range(branches, 0, -1)))] if branches > 1 else []),
        Knob("arena", "memory", (False, True)),
        Knob("pattern", "memory", (False, True)),
        Knob("prepacking", "memory", (False, True)),
        Knob("planner", "memory", PLANNERS),
        Knob("patches", "memory", tuple(range(patches, 0, -1))),
        *([Knob("segments", "memory", tuple(range(segments, 0, -1)))] if segments > 1 else []),
    )
    found = []
    for knob in candidates:
        honouring = tuple(name for name in names if knob.name in {*engines.honours(name), "engine"})
        if honouring:
            found.append(Knob(knob.name, knob.layer, knob.levels, honouring))
    return found


def ignored(knobs: Sequence[Knob], names: Sequence[str]) -> list[Inert]:
    """The rules that set a knob to its default for the engines that ignore it."""
    rules = []
    for knob in knobs:
        deaf = tuple(n for n in names if knob.engines != ("any",) and n not in knob.engines)
        if deaf:
            rules.append(Inert({"engine": deaf}, {knob.name: DEFAULT[knob.name]}))
    return rules


def unsplit(branches: int) -> tuple[Inert, ...]:
    """Branches need threads; integer convolutions stay whole; side by side, nothing has a memory pattern."""
    return (
        Inert({"threads": (1,)}, {"branches": 1}),
        Inert({"precision": ("int8",)}, {"branches": 1}),
        Inert({"branches": tuple(range(2, branches + 1))}, {"pattern": True}),
    )


def left_out(elastic: Elastic) -> tuple[Inert, ...]:
    """Behind an early exit nothing is executed: widths and depths there are set to the full network's."""
    stages = range(1, len(elastic.width) + 1)
    return tuple(
        Inert(
            {"exit": (stage,)},
            {
                **{f"width_{s}": elastic.width[s - 1][-1] for s in stages if s > stage},
                **{f"depth_{s}": elastic.depth[s - 1][-1] for s in stages if s > stage},
            },
        )
        for stage in elastic.exit[:-1]
    )


def honoured(knobs: Sequence[Knob], names: Sequence[str]) -> str:
    """A Markdown table of which engine honours which of the knobs."""
    lines = ["| knob | layer | levels | " + " | ".join(names) + " |", "|---" * (3 + len(names)) + "|"]
    for knob in knobs:
        marks = ["yes" if {"any", name} & {*knob.engines} else "" for name in names]
        levels = ", ".join(map(str, knob.levels))
        lines.append(f"| `{knob.name}` | {knob.layer} | {levels} | " + " | ".join(marks) + " |")
    return "\n".join(lines)
