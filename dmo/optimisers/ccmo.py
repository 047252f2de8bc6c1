"""CCMO: a population that obeys constraints and one for which they are relaxed, tied by their children."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, speaks
from dmo.optimisers.breeding import Genetic, breed, entrants, mutate
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.relaxation import Relaxation, Unlimited, relaxed
from dmo.optimisers.spea2 import survivors
from dmo.space import Space
from dmo.types import Array
from dmo.variation import differential


@dataclass(frozen=True)
class CCMO(Genetic):
    """Coevolutionary constrained multi-objective optimisation.

    pop_size: points in either population, and points asked for each generation, half by each;
    relaxation: of the constraints in the helping population - `Unlimited`, as in the source, or
    `Shrinking`, which lets it cross infeasible regions first and then join; scale: F of differential
    evolution, or None for crossover of two; crossover: share of pairs that cross; eta_crossover,
    eta_mutation: distribution indices; mutation: chance of each variable, 1/d where None.
    All children compete for places in both populations, by the fitness and truncation of SPEA2. The
    population is the one that obeys.
    Source: Tian, Zhang, Xiao, Zhang & Jin, A coevolutionary framework for constrained multi-objective
    optimization problems (2021), as its authors' PlatEMO runs it; with differential evolution, each
    child that of a random member, as a program of TDCEA (DCMOEAs, MIT licence) has it.
    Deviations: those of SPEA2 here; infeasible points of equal violation are equals, where PlatEMO
    compares their objectives; both populations begin from the same points, as TDCEA's do after a
    change, where PlatEMO samples two.
    """

    relaxation: Relaxation = field(default_factory=Unlimited)
    scale: float | None = None
    crossover: float = 1.0
    eta_crossover: float = 20.0

    def __post_init__(self) -> None:
        super().__post_init__()
        speaks("relaxation", self.relaxation, ("epsilon",))
        if self.scale is not None:
            at_least("scale", self.scale, 0.0)

    def start(self, space: Space, rng: Generator) -> CCMOEvolution:
        """A new evolution."""
        return CCMOEvolution(self, space, rng)


class CCMOEvolution:
    """The two populations of one CCMO, each in the order of its fitness."""

    def __init__(self, settings: CCMO, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._obeying = self._helping = nobody(space)
        self._worst = 0.0
        self._generation = 0

    @property
    def population(self) -> Batch:
        """The population that obeys the constraints, best first."""
        return self._obeying

    @property
    def epsilon(self) -> float:
        """The violation that counts as none in the helping population at present."""
        return self._settings.relaxation.epsilon(self._worst, self._generation)

    def begin(self, batch: Batch) -> None:
        """Start from these points, with constraints relaxed anew."""
        self._obeying = self._helping = batch[:0]
        self._worst, self._generation = 0.0, 0
        self.tell(batch)

    def ask(self) -> Array:
        """pop_size children, the first half of parents that obey."""
        n = self._settings.pop_size
        self._generation += 1
        return np.concatenate(
            [self._children(self._obeying, (n + 1) // 2), self._children(self._helping, n // 2)]
        )

    def tell(self, batch: Batch) -> None:
        """The children of both compete for places in either."""
        self._worst = max(self._worst, float(batch.violation.max()))
        n, epsilon = self._settings.pop_size, self.epsilon
        both = distinct(Batch.concat(self._obeying, batch))
        self._obeying = both[survivors(both, n)]
        both = distinct(Batch.concat(self._helping, batch))
        self._helping = both[survivors(relaxed(both, epsilon), n)]

    def _children(self, population: Batch, n: int) -> Array:
        settings, space, rng, x = self._settings, self._space, self._rng, population.x
        # A population is sorted by fitness: of two, the one placed earlier wins.
        a, b = entrants(len(x), n, rng).min(axis=2).T
        if settings.scale is None:
            return breed(x[a], x[b], n, settings, space, rng)
        base = x[np.resize(rng.permutation(len(x)), n)]
        return mutate(differential(base, x[a], x[b], space, rng, scale=settings.scale), settings, space, rng)
