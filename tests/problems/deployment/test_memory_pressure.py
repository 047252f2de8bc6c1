"""Scenarios are pure functions of time and seed, with the published transitions."""

import numpy as np
import pytest

from dmo.errors import ArgumentError
from problems.deployment.scenarios import TRIM_LEVELS, MemoryPressure


def course(scenario, n=None):
    return [scenario.at(float(k)) for k in range(n or scenario.environments)]


def test_it_is_a_pure_function_of_time_and_seed():
    a, b = MemoryPressure(seed=3), MemoryPressure(seed=3)
    backwards = [b.at(float(k)) for k in reversed(range(60))][::-1]
    assert course(a) == backwards
    assert course(a) != course(MemoryPressure(seed=4))
    assert a.at(7.0) == a.at(7.9)


def test_a_longer_course_begins_with_the_shorter_one():
    assert course(MemoryPressure(environments=30)) == course(MemoryPressure(environments=90), 30)


def test_transitions_follow_the_published_chain():
    scenario = MemoryPressure(environments=60_000, exit=0.5)
    level = np.array([TRIM_LEVELS.index(b.label) for b in course(scenario)])
    counts = np.zeros((4, 4))
    np.add.at(counts, (level[:-1], level[1:]), 1)
    share = counts / counts.sum(axis=1, keepdims=True)
    published = {
        ("moderate", "normal"): 0.734,
        ("moderate", "low"): 0.231,
        ("moderate", "critical"): 0.035,
        ("low", "normal"): 0.111,
        ("low", "moderate"): 0.647,
        ("low", "critical"): 0.242,
        ("critical", "normal"): 0.136,
        ("critical", "moderate"): 0.192,
        ("critical", "low"): 0.672,
        ("normal", "moderate"): 0.5,
    }
    for (a, b), p in published.items():
        assert share[TRIM_LEVELS.index(a), TRIM_LEVELS.index(b)] == pytest.approx(p, abs=0.02)


def test_deadlines_ramp_within_their_range():
    deadlines = np.array([b.deadline for b in course(MemoryPressure(environments=500))])
    assert deadlines.min() >= 0.1
    assert deadlines.max() <= 1.2
    assert np.abs(np.diff(deadlines)).max() <= 1.1 / 5 + 1e-12
    assert np.ptp(deadlines) > 0.3


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"memory": [0.5, 0.6, 0.4, 0.3]}, "memory"),
        ({"memory": [0.5]}, "memory"),
        ({"deadline": [1.0, 0.5]}, "deadline"),
        ({"exit": 1.5}, "exit"),
        ({"environments": 0}, "environments"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_settings_are_named(options, name):
    with pytest.raises(ArgumentError, match=f"^{name}: expected"):
        MemoryPressure(**options)


@pytest.mark.parametrize("t", [-1.0, 60.0])
def test_times_outside_are_refused(t):
    with pytest.raises(ArgumentError, match=r"scenario\.environments"):
        MemoryPressure().at(t)
