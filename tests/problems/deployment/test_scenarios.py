"""Every scenario is a pure function of time and seed; files meet any bytes with one error."""

import csv
import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmo.errors import ArgumentError, DataError
from dmo.identity import describe
from problems.deployment import recording
from problems.deployment.choice import Preference
from problems.deployment.scenarios import (
    MemoryPressure,
    MixedDay,
    ProcessorContention,
    Replay,
    Trace,
    UserDemand,
)
from problems.deployment.scenarios import replay as replay_module
from problems.deployment.scenarios import trace as trace_module

SEEDED = (MemoryPressure, ProcessorContention, UserDemand, MixedDay)


def course(scenario, n=None):
    return [scenario.at(float(k)) for k in range(n or scenario.environments)]


@pytest.mark.parametrize("kind", SEEDED)
def test_pure_in_time_and_seed(kind):
    a, b = kind(120, seed=3), kind(120, seed=3)
    assert course(a) == [b.at(k) for k in reversed(range(120))][::-1]
    assert course(a) != course(kind(120, seed=4))
    assert a.at(7.0) == a.at(7.9)
    assert describe(a) == describe(b) != describe(kind(120, seed=4))
    for t in (-1.0, 120.0):
        with pytest.raises(ArgumentError, match=r"scenario\.environments"):
            a.at(t)


@pytest.mark.parametrize("kind", SEEDED)
@pytest.mark.parametrize("seed", range(5))
def test_budgets_are_usable(kind, seed):
    for budgets in course(kind(100, seed)):
        assert 0.0 < budgets.memory <= 1.1
        assert 0.0 < budgets.deadline <= 1.2
        assert 0.0 <= budgets.accuracy_loss <= 0.04
        assert budgets.slowdown >= 1.0
        assert (budgets.slowdown > 1.0) == (budgets.contention > 0)


@pytest.mark.parametrize("kind", [MemoryPressure, ProcessorContention, UserDemand])
def test_a_longer_course_begins_with_the_shorter_one(kind):
    assert course(kind(30)) == course(kind(90), 30)


def test_contention_moves_in_steps_apart_from_bursts():
    level = np.array([b.contention for b in course(ProcessorContention(300, burst=0.0))])
    assert set(level) == {0, 1, 2}
    assert np.abs(np.diff(level)).max() == 1
    bursts = np.array([b.contention for b in course(ProcessorContention(300, burst=1.0))])
    assert (bursts == 2).all()


def test_the_user_switches_between_all_preferences():
    wishes = [b.preference for b in course(UserDemand(120))]
    assert set(wishes) == set(UserDemand().preferences)
    held = sum(a == b for a, b in pairwise(wishes))
    assert held > 0.7 * len(wishes)


def test_the_battery_is_spent_by_day_and_charged_at_night():
    day = MixedDay(96)
    used = (day.hours >= day.wake) & (day.hours < day.sleep)
    change = np.diff(day.battery)
    assert (change[used[:-1]] <= 0.0).all()
    assert (change[~used[:-1]] >= 0.0).all()
    assert 0.0 <= day.battery.min() < day.low < day.battery.max() <= 1.0
    for k, budgets in enumerate(course(day)):
        assert (budgets.preference is not None) == (day.battery[k] < day.low)
        assert (budgets.accuracy_loss == 0.04) == (day.battery[k] < day.low)
        assert used[k] or budgets.contention == 0


@pytest.mark.parametrize(
    ("kind", "options", "name"),
    [
        (ProcessorContention, {"slowdown": [1.0, 0.5]}, "slowdown"),
        (ProcessorContention, {"slowdown": [2.0, 1.5]}, "slowdown"),
        (ProcessorContention, {"burst": 2}, "burst"),
        (ProcessorContention, {"memory": 0.0}, "memory"),
        (UserDemand, {"preferences": []}, "preferences"),
        (UserDemand, {"deadline": [2.0, 1.0]}, "deadline"),
        (MixedDay, {"wake": 23.0, "sleep": 6.0}, "wake, sleep"),
        (MixedDay, {"drain": -0.1}, "drain"),
    ],
)
def test_bad_settings_are_named(kind, options, name):
    with pytest.raises(ArgumentError, match=f"^{name}: expected"):
        kind(**options)


def test_a_replay_says_what_the_file_says(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("note,deadline, memory,accuracy_loss\nx,0.5,0.25,0.01\ny,1.5,1,0\n")
    scenario = Replay(str(file))
    assert scenario.environments == 2
    first, second = course(scenario)
    assert (first.memory, first.deadline, first.accuracy_loss) == (0.25, 0.5, 0.01)
    assert (second.memory, second.contention, second.slowdown) == (1.0, 0, 1.0)
    moved = tmp_path / "moved.csv"
    file.rename(moved)
    assert describe(Replay(str(moved))) == describe(scenario)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column memory"),
        ("memory,deadline\n1,1\n", "no column accuracy_loss"),
        ("memory,deadline,accuracy_loss\n", "no row"),
        ("memory,deadline,accuracy_loss\n1,1\n", "accuracy_loss in row 1"),
        ("memory,deadline,accuracy_loss\n1,1,0\n1,nan,0\n", "deadline in row 2 is no finite number"),
        ("memory,deadline,accuracy_loss\n0,1,0\n", "memory in row 1 is 0, expected > 0"),
        ("memory,deadline,accuracy_loss,contention\n1,1,0,0.5\n", "contention in row 1"),
        ("memory,deadline,accuracy_loss,slowdown\n1,1,0,0.5\n", "slowdown in row 1"),
    ],
)
def test_what_a_replay_cannot_use_is_named(tmp_path, text, told):
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(DataError, match=told):
        Replay(str(tmp_path / "bad.csv"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from([Replay, Trace]),
    at=st.floats(0, 1),
    new=st.one_of(st.binary(max_size=12), st.sampled_from([b"nan", b"\n", b'"', b"-1", b"1e999", b"\x00"])),
    cut=st.booleans(),
)
def test_any_bytes_are_budgets_or_one_error(tmp_path, kind, at, new, cut):
    blob = (replay_module if kind is Replay else trace_module).SHIPPED.read_bytes()
    place = int(at * len(blob))
    file = tmp_path / "any.csv"
    file.write_bytes(blob[:place] + new + (b"" if cut else blob[place:]))
    told = None
    try:
        scenario = kind(str(file))
    except DataError as error:
        told = str(error)
    if told is not None:
        assert "\n" not in told
        assert str(file) in told
        return
    for budgets in course(scenario):
        values = (budgets.memory, budgets.deadline, budgets.accuracy_loss, budgets.slowdown)
        assert np.isfinite(values).all()
        assert budgets.memory > 0.0
        assert budgets.slowdown >= 1.0


def test_a_trace_follows_memory_and_load(tmp_path):
    rows = [
        (0, 100, 1000, 0.5, 2),
        (5, 550, 1000, 2.0, 2),
        (10, 1000, 1000, 5.0, 2),
    ]
    file = tmp_path / "t.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(trace_module.NEEDED)
        writer.writerows(rows)
    low, middle, high = course(Trace(str(file)))
    assert [b.memory for b in (low, middle, high)] == pytest.approx([0.2, 0.65, 1.1])
    assert [b.slowdown for b in (low, middle, high)] == [1.0, 1.0, 2.5]
    assert [b.contention for b in (low, middle, high)] == [0, 0, 2]


def test_the_recording_that_ships_plays():
    scenario = Trace()
    assert scenario.environments >= 60
    budgets = course(scenario)
    assert min(b.memory for b in budgets) == pytest.approx(0.2)
    assert max(b.memory for b in budgets) == pytest.approx(1.1)


def test_what_is_sampled_can_be_played(tmp_path):
    found = [recording.sample() for _ in range(2)]
    for values in found:
        assert set(values) == set(recording.NAMES)
        assert 0.0 < values["memory_available_mib"] < values["memory_total_mib"]
    text = io.StringIO()
    writer = csv.DictWriter(text, ["seconds", *recording.NAMES])
    writer.writeheader()
    writer.writerows({"seconds": float(k), **row} for k, row in enumerate(found))
    (tmp_path / "t.csv").write_text(text.getvalue())
    assert Trace(str(tmp_path / "t.csv")).environments == 2


def test_a_host_without_proc_is_told(tmp_path):
    with pytest.raises(DataError, match="needs Linux"):
        recording.sample(tmp_path)
    (tmp_path / "meminfo").write_text("MemTotal: 2048 kB\nMemAvailable: 1024 kB\n")
    (tmp_path / "loadavg").write_text("0.5 0.4 0.3 1/100 7\n")
    found = recording.sample(tmp_path)
    assert (found["memory_total_mib"], found["load_1"], found["cpu_some_avg10"]) == (2.0, 0.5, 0.0)


def test_preferences_default_to_none_where_the_user_says_nothing():
    assert MemoryPressure().at(0.0).preference is None
    assert isinstance(UserDemand().at(0.0).preference, Preference)
