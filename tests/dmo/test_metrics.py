"""Metrics against hand-computed values, pymoo and their own laws."""

import numpy as np
import pytest
from pymoo.indicators.hv import Hypervolume
from pymoo.indicators.igd import IGD

from dmo import Batch, measure
from dmo.errors import ArgumentError
from dmo.metrics import Metrics, hypervolume, igd, reference_point
from problems.synthetic import DF1


def test_by_hand():
    assert igd(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])) == 3.0
    assert hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 2.0])) == 3.0
    assert igd(np.empty((0, 2)), np.zeros((1, 2))) == float("inf")
    assert hypervolume(np.empty((0, 2)), np.ones(2)) == 0.0


@pytest.mark.parametrize("m", [2, 3])
def test_agrees_with_pymoo(m):
    rng = np.random.default_rng(m)
    f, front = rng.random((60, m)), rng.random((100, m))
    assert igd(f, front) == pytest.approx(IGD(front)(f), rel=1e-12)
    ref = reference_point(front)
    assert hypervolume(f, ref) == pytest.approx(Hypervolume(ref_point=ref)(f), rel=1e-9)


def test_removing_a_point_of_the_front_lowers_hv_and_raises_igd():
    front = DF1().front(0.3, 50)
    ref = reference_point(front)
    assert igd(front, front) == 0.0
    for i in (0, 10, 49):
        less = np.delete(front, i, axis=0)
        assert hypervolume(less, ref) < hypervolume(front, ref)
        assert igd(less, front) > 0.0


def test_the_optimal_set_scores_best_and_infeasible_points_do_not_count():
    problem = DF1()
    times = np.array([0.0, 0.4])
    best = [problem.evaluate(problem.set(t, 500), t) for t in times]
    metrics = measure(problem, best, times)
    assert metrics.means["migd"] < 1e-3
    assert metrics.means["mhv"] == pytest.approx(metrics.means["mhv_front"], rel=1e-3)
    forbidden = [Batch(b.x, b.f, np.ones((len(b), 1))) for b in best]
    worst = measure(problem, forbidden, times).means
    assert worst["mhv"] == 0.0
    assert worst["migd"] == float("inf")
    assert worst["feasible"] == worst["answered"] == 0.0


def test_the_mean_distance_is_that_of_the_environments_with_a_feasible_answer():
    problem, times = DF1(), np.array([0.0, 0.4, 0.8])
    best = [problem.evaluate(problem.set(t, 50), t) for t in times]
    best[1] = Batch(best[1].x, best[1].f, np.ones((len(best[1]), 1)))
    metrics = measure(problem, best, times)
    assert metrics.means["answered"] == pytest.approx(2 / 3)
    assert metrics.means["migd"] == pytest.approx(metrics.values["igd"][[0, 2]].mean())
    assert metrics.values["igd"][1] == float("inf")
    # The volume has no such gap: what is missing counts nothing.
    assert metrics.means["mhv"] == pytest.approx(metrics.values["hv"].sum() / 3)


def test_answers_and_times_must_match():
    with pytest.raises(ArgumentError, match="one per time, 2"):
        measure(DF1(), [], np.zeros(2))


def test_means_may_leave_the_first_environments_out():
    metrics = Metrics({"feasible": np.ones(4), "igd": np.array([9.0, 1.0, 2.0, 3.0])}, 10, 10)
    assert metrics.means["migd"] == 3.75
    assert metrics.after(1).means["migd"] == 2.0
    with pytest.raises(ArgumentError, match="skip: expected fewer than the 4 environments, got 4"):
        metrics.after(4)
