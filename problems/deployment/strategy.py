"""A Strategy: every choice of one deployment, on the model, graph and memory layers together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from dmo.errors import ArgumentError
from problems.deployment.elastic.shape import Shape

Precision = Literal["int8", "fp32"]
Level = Literal["disabled", "basic", "extended", "all"]
Fusion = Literal["none", "nchwc", "activation", "both"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
LEVELS: tuple[Level, ...] = get_args(Level)
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)

# The optimiser passes that a level of the knob `fusion` switches off.
PASSES: Mapping[Fusion, tuple[str, ...]] = MappingProxyType(
    {
        "none": (),
        "nchwc": ("NchwcTransformer",),
        "activation": ("ConvActivationFusion",),
        "both": ("NchwcTransformer", "ConvActivationFusion"),
    }
)


@dataclass(frozen=True)
class Strategy:
    """One way to deploy an elastic network.

    Model layer: shape (which subnet, at which resolution), precision.
    Graph layer: level (how far the graph is optimised), fusion (which fusion passes are switched
    off), threads, preoptimised (the graph was optimised beforehand and is loaded as it stands).
    Memory layer: arena (freed memory is kept for reuse), pattern (one block for all activations,
    planned from the first run), prepacking (weights stored a second time in the kernels' own
    order), patches (the first layers run tile by tile on a patches x patches grid).

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

    def __post_init__(self) -> None:
        for name, levels in (("precision", PRECISIONS), ("level", LEVELS), ("fusion", FUSIONS)):
            if getattr(self, name) not in levels:
                raise ArgumentError(
                    name, f"one of {levels}", repr(getattr(self, name)), "choose one of these"
                )
        for name in ("threads", "patches"):
            if getattr(self, name) < 1:
                raise ArgumentError(name, "a whole number >= 1", repr(getattr(self, name)), "use 1 or more")

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
        """Plain values, as JSON has them."""
        plain = asdict(self)
        plain["shape"] = {
            "width": list(self.shape.width),
            "depth": list(self.shape.depth),
            "resolution": self.shape.resolution,
        }
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Strategy:
        """The strategy that to_dict wrote. Raises ArgumentError when a name is unknown or missing."""
        known = {name: value for name, value in plain.items() if name != "shape"}
        try:
            shape = plain["shape"]
            sizes = Shape(
                tuple(map(int, shape["width"])), tuple(map(int, shape["depth"])), int(shape["resolution"])
            )
            return cls(sizes, **known)
        except (KeyError, TypeError) as error:
            raise ArgumentError(
                "plain", "what Strategy.to_dict writes", str(dict(plain)), f"correct it ({error})"
            ) from error

    def __str__(self) -> str:
        """For example `32-64-128 x 2-2-2 @32 fp32 | all, 2 threads | arena pattern prepacking`."""
        shape = self.shape
        model = f"{_dashed(shape.width)} x {_dashed(shape.depth)} @{shape.resolution} {self.precision}"
        graph = [self.level, f"{self.threads} thread{'s' if self.threads > 1 else ''}"]
        graph += [f"-{name}" for name in self.passes_off] + ["preoptimised"] * self.preoptimised
        memory = [name for name in ("arena", "pattern", "prepacking") if getattr(self, name)]
        memory += [f"{self.patches}x{self.patches} patches"] * (self.patches > 1)
        return f"{model} | {', '.join(graph)} | {' '.join(memory) or 'bare'}"


def _dashed(sizes: tuple[int, ...]) -> str:
    return "-".join(map(str, sizes))
