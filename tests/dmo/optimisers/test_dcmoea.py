"""dCMOEA: which points go on breeding, what the archive keeps, and what it is without constraints."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statics import Static, convex, steps, zdt1

from dmo import Batch
from dmo.dominance import nondominated
from dmo.metrics import igd
from dmo.optimisers import DCMOEA, NSGA2, PenaltyNSGA2
from dmo.optimisers.dcmoea import joined
from dmo.penalty import penalised


def batch_of(seed, k, share):
    rng = np.random.default_rng(seed)
    return Batch(rng.random((k, 2)), rng.random((k, 2)), rng.random((k, 2)) - share)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 12), st.floats(0.0, 1.0))
def test_few_feasible_points_are_all_kept(seed, k, n, share):
    batch = batch_of(seed, k, share)
    kept = joined(batch, n)
    assert len(kept) == len(set(kept.tolist())) == min(n, k)
    feasible = batch.feasible.sum()
    if feasible < n:
        assert batch.feasible[kept].sum() == feasible


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.floats(0.3, 0.9))
def test_the_places_left_go_to_infeasible_points_of_the_best_penalised_objectives(seed, k, share):
    batch = batch_of(seed, k, share)
    inside = int(batch.feasible.sum())
    if 0 < inside < k:
        taken = np.setdiff1d(joined(batch, inside + 1), np.flatnonzero(batch.feasible))
        values = penalised(batch)
        assert len(taken) == 1
        others = values[~batch.feasible]
        assert not ((others <= values[taken]).all(axis=1) & (others < values[taken]).any(axis=1)).any()


def test_the_archive_is_the_best_ever_met_and_never_loses_feasible_points():
    problem = Static(zdt1, 4, circle=0.45)
    met, feasible = None, 0
    for evolution in steps(Recording(DCMOEA(20)), problem, 25):
        archive = evolution.population
        assert len(archive) == 20
        assert archive.feasible.sum() >= feasible
        feasible = archive.feasible.sum()
        met = Batch.concat(*evolution.seen)
    # Nobody met dominates what is non-dominated in the archive.
    both = Batch.concat(archive[nondominated(archive)], met)
    assert nondominated(both)[: nondominated(archive).sum()].all()


class Recording:
    """An optimiser that keeps what it is told, to be compared with what it remembers."""

    def __init__(self, optimiser):
        self.optimiser, self.pop_size = optimiser, optimiser.pop_size

    def start(self, space, rng):
        evolution = self.optimiser.start(space, rng)
        begin, tell, seen = evolution.begin, evolution.tell, []
        # begin tells its own points.
        evolution.tell = lambda batch: (seen.append(batch), tell(batch))
        evolution.begin, evolution.seen = begin, seen
        return evolution


@pytest.mark.parametrize("optimiser", [DCMOEA(20), PenaltyNSGA2(20)], ids=lambda o: type(o).__name__)
def test_it_finds_a_front_behind_a_forbidden_disc(optimiser):
    *_, evolution = steps(optimiser, Static(zdt1, 4, circle=0.3), 80)
    answer = evolution.population[nondominated(evolution.population)]
    assert answer.feasible.all()
    assert igd(answer.f, convex(100)) < 0.1


def test_without_constraints_it_is_nsga2():
    problem = Static(zdt1, 4)
    *_, first = steps(DCMOEA(20, crossover=0.9, eta_crossover=15.0), problem, 10, seed=5)
    *_, second = steps(NSGA2(20), problem, 10, seed=5)
    assert np.array_equal(first._breeding.x, second.population.x)
    assert np.array_equal(first.population.x, second.population.x)
