"""Profiling: what is measured, resumed after a kill, tabulated and added to."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dmo.errors import ArgumentError, DataError
from problems.deployment import gate as gates
from problems.deployment import images, profiler
from problems.deployment.device import Device
from problems.deployment.elastic.shape import Elastic
from problems.deployment.gate import Gate
from problems.deployment.network import Network
from problems.deployment.networks.resnet import ResNet
from problems.deployment.prepare import Workshop
from problems.deployment.process import MeasurementError
from problems.deployment.profiler import Profiler, read_strategies
from problems.deployment.sampling import landmarks, sample
from problems.deployment.space import StrategySpace
from problems.deployment.table import COLUMNS
from problems.deployment.timing import Timing

NETWORK = Network("tiny", ResNet, Elastic(((4, 8), (8, 12)), ((1, 2), (1,)), (12, 16)))
SPACE = StrategySpace(NETWORK.elastic, threads=2)
SLICE = images.shipped_slice()
DATA = images.FashionMNIST(train=SLICE[100:], validation=SLICE[:60], test=SLICE[:60])
QUICK = Timing(runs=3, seconds=0.0, most=5.0, warmup=0)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Networks this small gain nothing from more, and lose much on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def weights():
    torch.manual_seed(0)
    full = ResNet(NETWORK.elastic.largest.width, NETWORK.elastic.largest.depth)
    return {name: p.detach() for name, p in full.named_parameters()}


def visit(latency=1.0, **other):
    return {
        **dict.fromkeys(("p10_ms", "p95_ms", "mean_ms", "load_ms", "first_run_ms", "base_mib"), latency),
        "latency_ms": latency,
        "load_peak_mib": 3.0,
        "run_peak_mib": 2.0,
        "rest_mib": 1.0,
        "steal": 0.0,
        "busy": 0.0,
        "classes": [0] * 8,
        **other,
    }


class Measure:
    """Stands in for a measured process: counts what it is asked for, and may be killed."""

    def __init__(self, dies_at=None):
        self.asked, self.dies_at = [], dies_at

    def __call__(self, plan, device, timing, inputs, nursery=None, shared=False):
        if self.dies_at is not None and len(self.asked) == self.dies_at:
            raise KeyboardInterrupt
        self.asked.append(plan.strategy)
        return visit(1.0 + len(self.asked))


def run(folder, rows=None, known=None, source="sample", device=None, **settings):
    settings = {"rounds": 2, "repeats": 0, "timing": QUICK, "gate": Gate(share=1.0, window=0.0), **settings}
    rows = sample(SPACE, 6, 0) if rows is None else rows
    made = Profiler(folder, **settings)
    shop = Workshop(NETWORK, weights(), DATA, folder, made.recalibration, made.calibration)
    return made.profile({source: rows}, SPACE, shop, device or Device(), lambda *_: None, known)


def test_a_small_profile_from_end_to_end(tmp_path):
    rows = np.array([SPACE.encode(s) for s in (SPACE.full, replace(SPACE.full, level="basic", patches=2))])
    rows = np.concatenate([rows, SPACE.encode(SPACE.smallest)[None]])
    table = run(tmp_path, rows, rounds=1)
    table.check(SPACE)
    assert table.find(SPACE.canonical(rows)).tolist() == [0, 1, 2]
    assert table.meta["failed"] == {}
    assert table.meta["disagree"] == 0
    assert (table["latency_ms"] > 0.0).all()
    assert (table["memory_mib"] == np.maximum(table["load_peak_mib"], table["run_peak_mib"])).all()
    assert table["accuracy"][0] == table["accuracy"][1]
    assert "/" not in json.dumps({k: v for k, v in table.meta.items() if k != "host"})


def test_a_killed_profile_goes_on_where_it_was(tmp_path, monkeypatch):
    first, second, third = Measure(dies_at=5), Measure(), Measure()
    monkeypatch.setattr(profiler, "measure", first)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    with (tmp_path / "host" / "visits.jsonl").open("a") as file:
        file.write('{"strategy": "torn in the mid')
    monkeypatch.setattr(profiler, "measure", second)
    table = run(tmp_path)
    assert sorted(first.asked + second.asked) == sorted(2 * list({*first.asked, *second.asked}))
    assert len(first.asked) == 5
    assert table["visits"].tolist() == [2.0] * 6
    monkeypatch.setattr(profiler, "measure", third)
    assert run(tmp_path).sha256 == table.sha256
    assert third.asked == []


def test_rounds_are_interleaved_in_an_order_of_their_own(tmp_path, monkeypatch):
    measure = Measure()
    monkeypatch.setattr(profiler, "measure", measure)
    run(tmp_path)
    one, two = measure.asked[:6], measure.asked[6:]
    assert set(one) == set(two)
    assert len(set(one)) == 6
    assert one != two


def test_no_rounds_only_prepare(tmp_path, monkeypatch):
    measure = Measure()
    monkeypatch.setattr(profiler, "measure", measure)
    assert run(tmp_path, rounds=0) is None
    assert measure.asked == []
    assert len((tmp_path / "prepared.jsonl").read_text().splitlines()) == 7


def test_another_device_needs_no_new_accuracies(tmp_path, monkeypatch):
    monkeypatch.setattr(profiler, "measure", Measure())
    first = run(tmp_path)
    monkeypatch.setattr(Workshop, "_entry", None)  # whatever is prepared anew fails
    second = run(tmp_path, device=Device("single", 1))
    assert np.array_equal(first["accuracy"], second["accuracy"])
    assert second.meta["device"]["cores"] is not None


def test_chosen_strategies_are_added_to_a_table(tmp_path, monkeypatch):
    monkeypatch.setattr(profiler, "measure", Measure())
    known = run(tmp_path / "a")
    more = sample(SPACE, 9, 0)[5:]
    table = run(tmp_path / "b", more, known, "chosen")
    assert len(table) == 9
    assert table.source == ("chosen",) * 4 + ("sample",) * 5  # one was measured again
    kept = table.find(known.x)
    assert (kept >= 0).all()
    assert table["latency_ms"][kept[:5]].tolist() == known["latency_ms"][:5].tolist()
    for i in range(9):
        assert table.visits.latency_ms[table.visits.row == i].min() == table["latency_ms"][i]
    with pytest.raises(DataError, match="other calibration"):
        run(tmp_path / "c", more, known, "chosen", calibration=8)


def test_a_folder_of_another_job_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(profiler, "measure", Measure())
    run(tmp_path)
    with pytest.raises(DataError, match="recalibration"):
        run(tmp_path, recalibration=50)


def test_a_strategy_that_fails_is_told_left_out_and_tried_again(tmp_path, monkeypatch):
    victim = SPACE.decode(sample(SPACE, 6, 0)[2]).key

    def failing(plan, *_, **__):
        if plan.strategy == victim:
            raise MeasurementError(f"strategy {victim} crashed")
        return visit()

    monkeypatch.setattr(profiler, "measure", failing)
    table = run(tmp_path)
    assert len(table) == 5
    assert "crashed" in table.meta["failed"][victim]
    monkeypatch.setattr(profiler, "measure", Measure())
    table = run(tmp_path)
    assert len(table) == 6
    assert table.meta["failed"] == {}


def test_latency_is_of_the_fastest_quiet_visit_and_memory_the_median_of_all_quiet_ones(tmp_path, monkeypatch):
    latencies = iter([(2.0, 0.0), (90.0, 0.9), (3.0, 0.0), (1.0, 0.1)])

    def scripted(*_, **__):
        latency, busy = next(latencies)
        return visit(latency, busy=busy)

    monkeypatch.setattr(profiler, "measure", scripted)
    gate = Gate(share=0.5, window=0.0, most=0.0)
    table = run(tmp_path, landmarks(SPACE)[:1], rounds=4, gate=gate)
    assert table["latency_ms"].tolist() == [1.0]
    assert table["latency_spread"].tolist() == [1.0]
    assert table.visits.row.tolist() == [0, 0, 0]
    assert table.visits.latency_ms.tolist() == [2.0, 3.0, 1.0]
    assert table["visits"].tolist() == [4.0]
    assert table["memory_mib"].tolist() == [3.0]
    assert set(table.columns) == set(COLUMNS)


def test_a_disturbed_visit_is_repeated_and_the_quietest_kept(tmp_path, monkeypatch):
    found = iter([visit(9.0, busy=0.9), visit(5.0, busy=0.4), visit(7.0, busy=0.6)])
    monkeypatch.setattr(profiler, "measure", lambda *_, **__: next(found))
    gate = Gate(share=0.1, window=0.0, most=0.0)
    table = run(tmp_path, landmarks(SPACE)[:1], rounds=1, repeats=2, gate=gate)
    assert table["latency_ms"].tolist() == [5.0]


def test_the_gate_waits_for_silence_but_not_for_ever(monkeypatch):
    shares = iter([0.9, 0.5, 0.1])
    monkeypatch.setattr(gates, "busy_share", lambda _: next(shares))
    Gate(share=0.25, most=60.0).wait()
    assert next(shares, None) is None
    monkeypatch.setattr(gates, "busy_share", lambda _: 1.0)
    assert Gate(most=0.01).wait() >= 0.01


def test_the_busy_share_is_one():
    assert 0.0 <= gates.busy_share(0.05) <= 1.0


def test_strategies_are_read_from_a_file(tmp_path):
    file = tmp_path / "s.json"
    plain = [SPACE.full.to_dict(), SPACE.smallest.to_dict(), SPACE.full.to_dict()]
    file.write_text(json.dumps(plain))
    rows = read_strategies(file, SPACE)
    assert {SPACE.decode(row).key for row in rows} == {SPACE.full.key, SPACE.smallest.key}
    plain[0]["shape"]["resolution"] = 99
    file.write_text(json.dumps(plain))
    with pytest.raises(DataError, match=r"resolution.*99"):
        read_strategies(file, SPACE)


@pytest.mark.parametrize("text", ["[", "3", "[3]", "[]", '[{"shape": {}}]'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    file = tmp_path / "s.json"
    file.write_text(text)
    with pytest.raises((DataError, ArgumentError)):
        read_strategies(file, SPACE)


def test_settings_that_make_no_sense_are_refused(tmp_path):
    with pytest.raises(ArgumentError, match="rounds"):
        Profiler(tmp_path, rounds=-1)
