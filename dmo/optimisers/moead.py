"""MOEA/D: one population member for each of many single-objective subproblems, which help each other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from dmo.batch import Batch
from dmo.checks import at_least, fraction, speaks
from dmo.dominance import nondominated
from dmo.optimisers.breeding import Genetic, breed, mutate
from dmo.optimisers.decomposition import Decomposition, Tchebycheff
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.weights import weights
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray
from dmo.variation import differential


@dataclass(frozen=True)
class MOEAD(Genetic):
    """Multiobjective evolutionary algorithm based on decomposition, its differential evolution variant.

    pop_size: subproblems; decomposition: what a subproblem minimises; children: points asked for at
    once, all made from the same members; neighbours: T, subproblems that may mate and replace each
    other; local: delta, chance to keep to the neighbours instead of the whole population;
    replaced: n_r, the most subproblems that one child may take; differential: children by
    differential evolution, else by crossover of two; scale: F of the former; crossover: share of
    the variables that a differential child takes from the difference, CR, or of pairs that cross;
    eta_crossover: of the latter; mutation: chance of each variable, 1/d where None; normalise:
    whether objectives are divided by their range, from the best value seen since begin to the worst
    of the non-dominated members: set it where their units differ.
    Source: Li & Zhang, Multiobjective optimization problems with complicated Pareto sets, MOEA/D and
    NSGA-II (2009), algorithm 1 of section III; with differential=False, Zhang & Li, MOEA/D (2007).
    Constraints: smaller violation wins, then the smaller value (Jan & Khanum, MOEA/D-CDP, 2013).
    Deviations: the source has one child at a time, children=1. Children asked for together do not see
    each other as parents, but compete one after the other, as there, with the ideal point of them
    all; the fewer, the better and the slower. Points to begin from are matched to subproblems one
    to one. Any pop_size has directions: see `weights`. Normalising is no part of the source.
    """

    decomposition: Decomposition = field(default_factory=Tchebycheff)
    children: int = 20
    neighbours: int = 20
    local: float = 0.9
    replaced: int = 2
    differential: bool = True
    scale: float = 0.5
    crossover: float = 1.0
    eta_crossover: float = 20.0
    normalise: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("children", self.children, 1)
        at_least("neighbours", self.neighbours, 2)
        at_least("replaced", self.replaced, 1)
        at_least("scale", self.scale, 0.0)
        fraction("local", self.local)
        speaks("decomposition", self.decomposition, ("value",))

    def start(self, space: Space, rng: Generator) -> MOEADEvolution:
        """A new evolution."""
        return MOEADEvolution(self, space, rng)


class MOEADEvolution:
    """The members of one MOEA/D, row i that of subproblem i."""

    def __init__(self, settings: MOEAD, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._members = nobody(space)
        self._ideal = np.full(space.n_obj, np.inf)
        self._weights = weights(settings.pop_size, space.n_obj)
        near = min(settings.neighbours, settings.pop_size)
        self._near = cdist(self._weights, self._weights).argsort(axis=1, kind="stable")[:, :near]
        # may[i, j]: whether a child of subproblem i, made among its neighbours, may replace j's member.
        self._may = np.zeros((settings.pop_size, settings.pop_size), dtype=bool)
        np.put_along_axis(self._may, self._near, True, axis=1)
        self._asked: BoolArray = self._may[:0]  # the rows of points asked for and not yet told
        self._turn: IntArray = np.empty(0, dtype=np.intp)  # subproblems left in this generation

    @property
    def population(self) -> Batch:
        """The members without repetitions, in the order of their subproblems."""
        return distinct(self._members)

    def begin(self, batch: Batch) -> None:
        """Match points to subproblems, one to one while they last, the others get the best for them."""
        n = self._settings.pop_size
        self._ideal = batch.f.min(axis=0)
        values = self._values(batch, self._scale(batch))
        # Any violation costs more than every value: matching is by violation first.
        worst = values.max() + 1.0
        cost = values + worst * n * batch.violation[:, None] / max(batch.violation.max(), 1e-300)
        chosen = np.asarray(cost.argmin(axis=0))
        points, subproblems = linear_sum_assignment(cost)
        chosen[subproblems] = points
        self._members = batch[chosen]
        self._asked, self._turn = self._may[:0], self._turn[:0]

    def ask(self) -> Array:
        """A child for each of the next subproblems: in a generation all have their turn, in random order."""
        settings, space, rng = self._settings, self._space, self._rng
        n, near = self._near.shape
        if len(self._turn) == 0:
            self._turn = rng.permutation(n)
        own, self._turn = self._turn[: settings.children], self._turn[settings.children :]
        at_home = rng.random(len(own)) < settings.local
        mates = np.where(at_home, near, n)
        first = rng.integers(mates)
        second = rng.integers(np.maximum(mates - 1, 1))
        second = (second + (second >= first)) % mates
        a, b = (np.where(at_home, self._near[own, np.minimum(k, near - 1)], k) for k in (first, second))
        self._asked = self._may[own] | ~at_home[:, None]
        x = self._members.x
        if not settings.differential:
            return breed(x[a], x[b], len(own), settings, space, rng)
        children = differential(x[own], x[a], x[b], space, rng, scale=settings.scale)
        if settings.crossover < 1.0:
            taken = rng.random(children.shape) < settings.crossover
            taken[np.arange(len(own)), rng.integers(space.dim, size=len(own))] = True
            children = np.where(taken, children, x[own])
        return mutate(children, settings, space, rng)

    def tell(self, batch: Batch) -> None:
        """Children take the places of members that are no better, one child after the other."""
        from dmo.optimisers.loops import replacing

        if len(self._asked) == 0:  # not children, but more points to begin from
            self.begin(Batch.concat(self.population, batch))
            return
        may, self._asked = self._asked[: len(batch)], self._asked[len(batch) :]
        self._ideal = np.minimum(self._ideal, batch.f.min(axis=0))
        scale = self._scale(self._members)
        value = np.ascontiguousarray(self._values(batch, scale))
        source = replacing(
            may,
            batch.violation,
            value,
            self._members.violation,
            self._own(scale),
            self._settings.replaced,
            self._rng,
        )
        self._members = Batch.concat(self._members, batch)[source]

    def _scale(self, batch: Batch) -> Array:
        if not self._settings.normalise:
            return np.ones(self._space.n_obj)
        span = np.asarray(batch.f[nondominated(batch)].max(axis=0) - self._ideal)
        return np.where(span > 0.0, span, 1.0)

    def _values(self, batch: Batch, scale: Array) -> Array:
        """Value of each point for each subproblem, (k, n)."""
        f = (batch.f - self._ideal) / scale
        return self._settings.decomposition.value(f[:, None], self._weights)

    def _own(self, scale: Array) -> Array:
        """Value of each member for its own subproblem, (n,)."""
        f = (self._members.f - self._ideal) / scale
        return self._settings.decomposition.value(f, self._weights)
