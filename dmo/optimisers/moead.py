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
from dmo.optimisers.breeding import breed, check, mutate
from dmo.optimisers.decomposition import Decomposition, Tchebycheff
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.weights import weights
from dmo.space import Space
from dmo.types import Array, BoolArray, IntArray
from dmo.variation import differential


@dataclass(frozen=True)
class MOEAD:
    """Multiobjective evolutionary algorithm based on decomposition, its differential evolution variant.

    pop_size: subproblems, and points asked for each generation; decomposition: what a subproblem
    minimises; neighbours: T, subproblems that may mate and replace each other; local: delta, chance
    to keep to the neighbours instead of the whole population; replaced: n_r, the most subproblems
    that one child may take; differential: children by differential evolution, else by crossover of
    two; scale: F of the former; crossover, eta_crossover: of the latter; mutation: chance of each
    variable, 1/d where None; normalise: whether objectives are divided by their range, from the best
    value seen since begin to the worst of the non-dominated members: set it where their units differ.
    Source: Li & Zhang, Multiobjective optimization problems with complicated Pareto sets, MOEA/D and
    NSGA-II (2009); with differential=False, Zhang & Li, MOEA/D (2007). Constraints: smaller violation
    wins, then the smaller value (Jan & Khanum, MOEA/D-CDP, 2013).
    Deviations: a generation is asked for and told at once. All its children are made from the same
    parents, and then each subproblem takes the best child that it may have and that is no worse than
    its member; of a child's claims beyond n_r random ones are dropped, and those subproblems choose
    again. Points to begin from are matched to subproblems one to one. Any pop_size has directions:
    see `weights`. Normalising is no part of the source.
    """

    pop_size: int = 100
    decomposition: Decomposition = field(default_factory=Tchebycheff)
    neighbours: int = 20
    local: float = 0.9
    replaced: int = 2
    differential: bool = True
    scale: float = 0.5
    crossover: float = 1.0
    eta_crossover: float = 20.0
    mutation: float | None = None
    eta_mutation: float = 20.0
    normalise: bool = False

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        at_least("neighbours", self.neighbours, 2)
        at_least("replaced", self.replaced, 1)
        at_least("scale", self.scale, 0.0)
        fraction("local", self.local)
        speaks("decomposition", self.decomposition, ("value",))
        check(self)

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
        self._asked = self._may[:0]

    def ask(self) -> Array:
        """A child for every subproblem, in random order."""
        settings, space, rng = self._settings, self._space, self._rng
        n, near = self._near.shape
        order = rng.permutation(n)
        at_home = rng.random(n) < settings.local
        mates = np.where(at_home, near, n)
        first = rng.integers(mates)
        second = rng.integers(np.maximum(mates - 1, 1))
        second = (second + (second >= first)) % mates
        pick = self._near[order]
        rows = np.arange(n)
        a = np.where(at_home, pick[rows, np.minimum(first, near - 1)], first)
        b = np.where(at_home, pick[rows, np.minimum(second, near - 1)], second)
        self._asked = self._may[order] | ~at_home[:, None]
        x = self._members.x
        if settings.differential:
            children = differential(x[order], x[a], x[b], space, rng, scale=settings.scale)
            return mutate(children, settings, space, rng)
        return breed(x[a], x[b], n, settings, space, rng)

    def tell(self, batch: Batch) -> None:
        """Children take the places of members that are no better."""
        if len(self._asked) == 0:  # not children, but more points to begin from
            self.begin(Batch.concat(self.population, batch))
            return
        may, self._asked = self._asked[: len(batch)], self._asked[len(batch) :]
        self._ideal = np.minimum(self._ideal, batch.f.min(axis=0))
        scale = self._scale(self._members)
        child, kept = self._values(batch, scale), self._own(scale)
        theirs, ours = batch.violation[:, None], self._members.violation
        free = may & ((theirs < ours) | ((theirs == ours) & (child <= kept)))
        taken = self._claims(free, batch.violation, child)
        rows = np.flatnonzero(taken >= 0)
        source = np.arange(len(taken))
        source[rows] = len(taken) + taken[rows]
        self._members = Batch.concat(self._members, batch)[source]

    def _claims(self, free: BoolArray, violation: Array, value: Array) -> IntArray:
        """Which child each subproblem takes, (n,), -1 for none, so that no child goes to more than n_r.

        free: (k, n) whether child i may go to subproblem j; violation: (k,); value: (k, n).
        """
        k, n = free.shape
        place = value
        if violation.any():
            # One number in place of two: the rank by violation, then by value.
            order = np.lexsort((value, np.broadcast_to(violation[:, None], free.shape)), axis=0)
            place = np.empty((k, n))
            np.put_along_axis(place, order, np.arange(k)[:, None], axis=0)
        place = np.where(free, place, np.inf)
        taken, left = np.full(n, -1), np.full(k, self._settings.replaced)
        luck = self._rng.permutation(n)
        while True:
            best = place.argmin(axis=0)
            open_ = np.flatnonzero(place[best, np.arange(n)] < np.inf)
            if open_.size == 0:
                return taken
            wanted = best[open_]
            turn = np.lexsort((luck[open_], wanted))
            claim = wanted[turn]
            nth = np.arange(len(claim)) - np.searchsorted(claim, claim)
            won = open_[turn[nth < left[claim]]]
            taken[won] = best[won]
            left -= np.bincount(best[won], minlength=k)
            place[:, won] = np.inf
            place[left == 0] = np.inf

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
