"""NSGA-II whose objectives carry a self-adaptive penalty: the search of DC-NSGA-II."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from dmo.batch import Batch
from dmo.dominance import select
from dmo.optimisers.breeding import Genetic, duel
from dmo.optimisers.generations import Generations
from dmo.penalty import penalised
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class PenaltyNSGA2(Genetic):
    """NSGA-II by penalised objectives in place of constrained dominance.

    Infeasible points of good objectives can survive, above all where many others are feasible; while
    all are feasible this is NSGA-II. An answer is still what is non-dominated under constrained
    dominance. Settings: see `Genetic`.
    Source: Azzouz, Bechikh & Ben Said, Multi-objective Optimization with Dynamic Constraints and
    Objectives: New Challenges for Evolutionary Algorithms, GECCO 2015; the penalty is that of
    Woldesenbet, Yen & Tessema (2009), see `penalised`.
    Deviations: the paper's text was not at hand; this is DC-NSGA-II as later comparisons run it
    (programs of DCMOEA-CTD, 2024), without a strategy of its own for feasibility. Programs
    scale the summed violation; here each constraint's is scaled first, as in the penalty's source.
    Of points with equal variables only one survives.
    """

    def start(self, space: Space, rng: Generator) -> Generations:
        """A new evolution; its population is sorted by fitness."""
        return Generations(self, space, rng)

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """pop_size children of parents that won binary tournaments."""
        return duel(population.x, self.pop_size, self, space, rng)

    def survivors(self, batch: Batch) -> IntArray:
        """The pop_size best by rank and crowding of penalised objectives, best first."""
        return select_penalised(batch, self.pop_size)


def select_penalised(batch: Batch, n: int) -> IntArray:
    """Indices of the n points that survive, best first: by rank and crowding of the penalised objectives.

    n may exceed the number of points: all survive.
    """
    # Where there is nothing to penalise, scaling would but round.
    values = batch.f if batch.feasible.all() else penalised(batch)
    return select(Batch.unconstrained(batch.x, values), n)
