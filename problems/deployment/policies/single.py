"""Adaptation of one layer alone, and uniform compression: the best predicted row of a part of the table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.errors import ArgumentError
from dmo.types import BoolArray
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.sampling import uniform
from problems.deployment.tabulated import Tabulated

LAYERS = ("model", "graph", "memory")


@dataclass(frozen=True)
class OneLayer:
    """Turns the knobs of one layer only; those of the others stay the full network's.

    layer: model, graph or memory. Raises ArgumentError for another.
    """

    layer: str

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            raise ArgumentError("layer", f"one of {LAYERS}", repr(self.layer), "choose one of these")

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Among(problem, problem.adapts(self.layer))


@dataclass(frozen=True)
class UniformCompression:
    """Shrinks every stage by the same share, in fp32 or int8, and nothing else."""

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        known = {tuple(row) for row in uniform(problem.problem.strategies).tolist()}
        return _Among(problem, np.array([tuple(row) in known for row in problem.x.tolist()]))


class _Among(Unmoved):
    """The best predicted of some rows in each environment."""

    def __init__(self, problem: Tabulated, among: BoolArray) -> None:
        self.problem, self.among = problem, among

    def choose(self, t: float) -> int:
        return self.problem.pick(self.problem.predicted(t), t, self.among)
