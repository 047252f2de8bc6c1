"""Once-for-All's rule: an evolutionary search from scratch in every environment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.types import Array
from problems.deployment.choice import choose
from problems.deployment.policies.protocol import Play, Unmoved
from problems.deployment.tabulated import Tabulated


@dataclass(frozen=True)
class FromScratch:
    """A genetic search for one best strategy, which forgets everything at each change.

    population, generations; mutation: chance of each knob to be drawn anew; parents, mutated: shares
    of a generation that are kept and that come by mutation, the others by crossover.
    Source: Cai et al., Once-for-All (ICLR 2020), and its published code's evolutionary search with its
    constants (100, 0.1, 0.25, 0.5). Deviations: all knobs, not the model's alone, and resolution mutates
    like the others (there with 0.5); the fitness is limits first, then the preference's cost, by
    surrogates, where Once-for-All draws until a candidate is within its one limit; parents are part of
    the population, there they come on top of 100 children; 10 generations and not 500, the budget of the
    other searchers.
    """

    population: int = 100
    generations: int = 10
    mutation: float = 0.1
    parents: float = 0.25
    mutated: float = 0.5

    def __post_init__(self) -> None:
        at_least("population", self.population, 4)
        at_least("generations", self.generations, 1)
        for name in ("mutation", "parents", "mutated"):
            fraction(name, getattr(self, name))

    def start(self, problem: Tabulated, rng: Generator) -> Play:
        return _Evolving(problem, self, rng)


class _Evolving(Unmoved):
    def __init__(self, problem: Tabulated, settings: FromScratch, rng: Generator) -> None:
        self.problem, self.settings, self.rng = problem, settings, rng

    def choose(self, t: float) -> int:
        problem, settings, rng = self.problem, self.settings, self.rng
        x = problem.space.sample(settings.population, rng)
        kept = max(1, round(settings.parents * settings.population))
        for _ in range(settings.generations - 1):
            best = x[self._order(x, t)[:kept]]
            children = settings.population - kept
            mutants = round(settings.mutated * children)
            x = np.concatenate([best, self._mutated(best, mutants), self._crossed(best, children - mutants)])
        batch = problem.evaluate(x, t)
        return int(problem.row(x[[choose(batch, problem.problem.full, problem.prefers(t))]])[0])

    def _order(self, x: Array, t: float) -> np.ndarray:
        batch = self.problem.evaluate(x, t)
        return np.lexsort((self.problem.cost(batch.f, t), batch.violation))

    def _mutated(self, parents: Array, n: int) -> Array:
        x = parents[self.rng.integers(len(parents), size=n)]
        fresh = self.problem.space.sample(n, self.rng) if n else x
        return np.where(self.rng.random(x.shape) < self.settings.mutation, fresh, x)

    def _crossed(self, parents: Array, n: int) -> Array:
        first, second = (parents[self.rng.integers(len(parents), size=n)] for _ in range(2))
        return np.where(self.rng.random(first.shape) < 0.5, first, second)
