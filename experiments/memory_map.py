"""A picture of an arena: which bytes are held by what, operator after operator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.figures.style import GREY, RED, SERIES, write
from problems.deployment.memory.buffers import Arena

UNITS = ((2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "bytes"))
NAMED = 40  # operators of which every name is written


def draw(arena: Arena, operators: Sequence[str], file: Path) -> Path:
    """One rectangle per buffer, bytes over operators, under the bytes that are alive in each.

    operators: their names in the order in which they run.
    """
    buffers = arena.buffers
    scale, unit = next(u for u in UNITS if arena.size >= 4 * u[0] or u[0] == 1.0)
    figure = Figure(figsize=(max(6.0, min(0.16 * len(operators) + 2.0, 14.0)), 4.2), layout="constrained")
    axes = figure.add_subplot()
    blocks = [
        Rectangle((first - 0.5, offset / scale), last - first + 1, size / scale)
        for offset, size, first, last in zip(
            arena.offset, buffers.size, buffers.first, buffers.last, strict=True
        )
    ]
    colours = [SERIES[i % len(SERIES)] for i in range(len(blocks))]
    axes.add_collection(
        PatchCollection(blocks, facecolor=colours, edgecolor="white", linewidth=0.5, alpha=0.6)
    )
    steps = range(len(buffers.live))
    axes.step(steps, buffers.live / scale, where="mid", color=RED, linewidth=1.2, label="alive")
    axes.axhline(buffers.lower_bound / scale, color=GREY, linestyle=":", linewidth=1, label="lower bound")
    axes.axhline(arena.size / scale, color="black", linestyle="--", linewidth=1, label="arena")
    axes.set_xlim(-0.5, len(operators) - 0.5)
    axes.set_ylim(0.0, 1.05 * max(arena.size, 1) / scale)
    axes.set_ylabel(f"offset ({unit})")
    every = -(-len(operators) // NAMED)
    axes.set_xticks(range(0, len(operators), every))
    axes.set_xticklabels([short(name) for name in operators[::every]], rotation=90, fontsize=6)
    axes.set_xlabel("operators in the order of execution")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    file.parent.mkdir(parents=True, exist_ok=True)
    return write(figure, file)


def short(name: str) -> str:
    """The end of a long name, where it differs from others."""
    return name if len(name) <= 24 else f"...{name[-22:]}"
