"""A Strategy: every choice of one deployment, on the model, graph and memory layers together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, get_args

from dmo.errors import ArgumentError
from problems.deployment import engines
from problems.deployment.elastic.shape import Shape

Precision = Literal["int8", "fp32"]
Level = Literal["disabled", "basic", "extended", "all"]
Fusion = Literal["none", "nchwc", "activation", "both"]
Planner = Literal["naive", "ours", "greedy"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
LEVELS: tuple[Level, ...] = get_args(Level)
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)
PLANNERS: tuple[Planner, ...] = get_args(Planner)

# The optimiser passes that a level of the knob `fusion` switches off.
PASSES: Mapping[Fusion, tuple[str, ...]] = MappingProxyType(
    {
        "none": (),
        "nchwc": ("NchwcTransformer",),
        "activation": ("ConvActivationFusion",),
        "both": ("NchwcTransformer", "ConvActivationFusion"),
    }
)

# Choices that came after tables had been measured: at their defaults they do not alter a key.
LATER = frozenset({"engine", "delegate", "planner", "segments", "rank", "branches"})


@dataclass(frozen=True)
class Strategy:
    """One way to deploy an elastic network.

    Model layer: shape (which subnet, at which resolution), precision, rank (per cent of their
    multiply-adds that layers keep as two thin ones each; 100: as they are).
    Graph layer: engine (which executes it), level (how far the graph is optimised), fusion (which
    fusion passes are switched off), threads, preoptimised (the graph was optimised beforehand and
    is loaded as it stands), delegate (the engine hands over to a library of faster kernels), branches
    (so many parts of each heavy convolution, by output channels, run side by side).
    Memory layer: arena (freed memory is kept for reuse), pattern (one block for all activations,
    planned from the first run), prepacking (weights stored a second time in the kernels' own
    order), patches (the first layers run tile by tile on a patches x patches grid), planner (which
    algorithm gives activations their places in an arena, ahead of time), segments (so many parts of
    the network, each loaded when it is its turn and released after it).

    Raises ArgumentError for a value that no engine knows.
    """

    shape: Shape
    precision: Precision = "fp32"
    level: Level = "all"
    fusion: Fusion = "none"
    threads: int = 1
    preoptimised: bool = False
    arena: bool = True
    pattern: bool = True
    prepacking: bool = True
    patches: int = 1
    engine: str = "onnxruntime"
    delegate: bool = True
    planner: Planner = "greedy"
    segments: int = 1
    rank: int = 100
    branches: int = 1

    def __post_init__(self) -> None:
        for name, levels in (
            ("precision", PRECISIONS),
            ("level", LEVELS),
            ("fusion", FUSIONS),
            ("planner", PLANNERS),
        ):
            if getattr(self, name) not in levels:
                raise ArgumentError(
                    name, f"one of {levels}", repr(getattr(self, name)), "choose one of these"
                )
        for name in ("threads", "patches", "segments", "rank", "branches"):
            if getattr(self, name) < 1:
                raise ArgumentError(name, "a whole number >= 1", repr(getattr(self, name)), "use 1 or more")
        if self.rank > 100:
            raise ArgumentError(
                "rank", "per cent up to 100", repr(self.rank), "use 100 for layers as they are"
            )

    @property
    def key(self) -> str:
        """A short name of exactly these choices, the same in every process and on every machine."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def passes_off(self) -> tuple[str, ...]:
        """The optimiser passes that are switched off."""
        return PASSES[self.fusion]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON has them; a choice of LATER that is the default is left out."""
        defaults = {field.name: field.default for field in fields(self)}
        plain = {k: v for k, v in asdict(self).items() if k not in LATER or v != defaults[k]}
        return {**plain, "shape": self.shape.to_dict()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Strategy:
        """The strategy that to_dict wrote. Raises ArgumentError when a name is unknown or missing."""
        known = {name: value for name, value in plain.items() if name != "shape"}
        try:
            return cls(Shape.from_dict(plain["shape"]), **known)
        except (KeyError, TypeError) as error:
            raise ArgumentError(
                "plain", "what Strategy.to_dict writes", str(dict(plain)), f"correct it ({error})"
            ) from error

    def __str__(self) -> str:
        """For example `32-64-128 x 2-2-2 @32 fp32 | all, 2 threads | arena pattern prepacking`."""
        shape, honoured = self.shape, engines.honours(self.engine)
        sizes = [_dashed(shape.width), "x", _dashed(shape.depth)] if shape.width else []
        sizes += [] if shape.exit is None else [f"exit {shape.exit}"]
        sizes += [f"@{shape.resolution}", self.precision] + [f"rank {self.rank} %"] * (self.rank < 100)
        model = " ".join(sizes)
        graph = [self.engine] * (self.engine != "onnxruntime") + [self.level] * ("level" in honoured)
        graph += [f"{self.threads} thread{'s' if self.threads > 1 else ''}"]
        graph += [f"-{name}" for name in self.passes_off] + ["preoptimised"] * self.preoptimised
        graph += ["portable"] * (not self.delegate)
        graph += [f"{self.branches} branches"] * (self.branches > 1)
        memory = [n for n in ("arena", "pattern", "prepacking") if n in honoured and getattr(self, n)]
        memory += [f"{self.planner} arena"] * ("planner" in honoured and not self.delegate)
        memory += [f"{self.patches}x{self.patches} patches"] * (self.patches > 1)
        memory += [f"{self.segments} segments"] * (self.segments > 1)
        bare = "bare" if "arena" in honoured else "plain"
        return f"{model} | {', '.join(graph)} | {' '.join(memory) or bare}"


def _dashed(sizes: tuple[int, ...]) -> str:
    return "-".join(map(str, sizes))
