"""The tracer: a scan many times as fine finds the same front, and ties by rounding count once."""

from __future__ import annotations

import moocore
import numpy as np
import pytest
from fronts import beaten

from dmo.types import Array
from problems.constrained import DCF4, DCP6, DCTP2, trace
from problems.constrained.planar import Planar


def traced(problem: Planar, t: float) -> Array:
    return np.vstack(trace.trace(problem.rays(t), problem.knots(t), problem.tips(t)))[:, 2:]


@pytest.mark.parametrize(
    ("problem", "t"),
    [
        # of the trough at f1 = 1.21 rays see less than a step of the scan
        pytest.param(DCF4(), 0.7, id="DCF4"),
        pytest.param(DCP6(), 0.7, id="DCP6"),
        # valleys lean over: the ray of their first point touches them, and rays beside it hardly enter
        pytest.param(DCTP2(), 0.0, id="DCTP2"),
    ],
)
def test_a_finer_scan_finds_the_same_front(
    problem: Planar, t: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = traced(problem, t)
    monkeypatch.setattr(trace, "RAYS", 2501)
    monkeypatch.setattr(
        trace,
        "LEVELS",
        np.concatenate([[0.0], np.geomspace(1e-14, 1e-4, 12), np.linspace(0.0, 1.0, 1200)[1:]]),
    )
    finer = traced(problem, t)
    assert beaten(front, finer) == 0
    assert beaten(finer, front) == 0
    both = np.vstack([front, finer + trace.CLOSE])
    assert not moocore.is_nondominated(both, keep_weakly=True)[len(front) :].any()


def test_dctp2_has_the_first_point_of_a_valley() -> None:
    front = DCTP2().front(0.0, 3000)
    valley = front[(front[:, 0] > 0.35) & (front[:, 0] < 0.43)]
    assert valley[:, 0].min() == pytest.approx(0.39272763, abs=1e-7)


def test_of_ties_by_rounding_the_best_is_kept() -> None:
    f = np.array(
        [[0.0, 1.0], [0.5, 0.5], [0.6, 0.5 - 1e-16], [0.7, 0.5 - 2e-16], [1.0, 0.1], [1.0 - 1e-16, 0.2]]
    )
    assert np.flatnonzero(trace.undominated(f)).tolist() == [0, 1, 4]
    assert trace.undominated(np.empty((0, 2))).shape == (0,)
