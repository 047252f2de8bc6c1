"""NSGA-II whose objectives carry a self-adaptive penalty: the search of DC-NSGA-II."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import select
from dmo.optimisers.breeding import breed, check
from dmo.optimisers.members import distinct, nobody
from dmo.penalty import penalised
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class PenaltyNSGA2:
    """NSGA-II by penalised objectives in place of constrained dominance.

    pop_size: points kept, and points asked for each generation; crossover: share of pairs that
    cross; eta_crossover, eta_mutation: distribution indices; mutation: chance of each variable,
    1/d where None. Infeasible points of good objectives can survive, above all where many others are
    feasible; while all are feasible this is NSGA-II. An answer is still what is non-dominated under
    constrained dominance.
    Source: Azzouz, Bechikh & Ben Said, Multi-objective Optimization with Dynamic Constraints and
    Objectives: New Challenges for Evolutionary Algorithms, GECCO 2015; the penalty is that of
    Woldesenbet, Yen & Tessema (2009), see `penalised`.
    Deviations: the paper's text was not at hand; this is DC-NSGA-II as later comparisons run it
    (programs of DCMOEA-CTD, 2024), without a strategy of its own for feasibility. Programs
    scale the summed violation; here each constraint's is scaled first, as in the penalty's source.
    Of points with equal variables only one survives.
    """

    pop_size: int = 100
    crossover: float = 0.9
    eta_crossover: float = 15.0
    mutation: float | None = None
    eta_mutation: float = 20.0

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        check(self)

    def start(self, space: Space, rng: Generator) -> PenaltyNSGA2Evolution:
        """A new evolution."""
        return PenaltyNSGA2Evolution(self, space, rng)


class PenaltyNSGA2Evolution:
    """The population of one PenaltyNSGA2, its members kept in the order of their fitness."""

    def __init__(self, settings: PenaltyNSGA2, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._population = nobody(space)

    @property
    def population(self) -> Batch:
        """The present population, best first."""
        return self._population

    def begin(self, batch: Batch) -> None:
        """Start from these points."""
        self._survive(batch)

    def ask(self) -> Array:
        """pop_size children of parents that won binary tournaments."""
        n = self._settings.pop_size
        pairs = (n + 1) // 2
        # The population is sorted by fitness: of two, the one placed earlier wins.
        parents = self._rng.integers(len(self._population), size=(2 * pairs, 2)).min(axis=1)
        a, b = self._population.x[parents[:pairs]], self._population.x[parents[pairs:]]
        return breed(a, b, n, self._settings, self._space, self._rng)

    def tell(self, batch: Batch) -> None:
        """Parents and children compete for the places."""
        self._survive(Batch.concat(self._population, batch))

    def _survive(self, batch: Batch) -> None:
        batch = distinct(batch)
        self._population = batch[select_penalised(batch, self._settings.pop_size)]


def select_penalised(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, best first: by rank and crowding of the penalised objectives.

    n may exceed the number of points: all survive.
    """
    # Where there is nothing to penalise, scaling would but round.
    values = batch.f if batch.feasible.all() else penalised(batch)
    return select(Batch.unconstrained(batch.x, values), n)
