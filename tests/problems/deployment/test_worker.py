"""A plan measured in a fresh process: sane figures, real answers, clear errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from dmo.errors import ArgumentError
from problems.deployment import engines, images, worker
from problems.deployment.device import Device, usable_cores
from problems.deployment.elastic.recalibrate import recalibrate
from problems.deployment.elastic.shape import Shape
from problems.deployment.machine import ROOT, Here
from problems.deployment.measure import measure
from problems.deployment.networks.resnet import ResNet
from problems.deployment.nursery import Nursery
from problems.deployment.plan import build
from problems.deployment.process import MeasurementError, read
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing

QUICK = Timing(runs=5, seconds=0.0, most=5.0, warmup=1)
SHAPE = Shape((8, 16), (1, 1), 16)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Networks this small gain nothing from more, and lose much on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def inputs():
    return images.to_input(images.shipped_slice().pixels[:20], SHAPE.resolution)


@pytest.fixture(scope="module")
def plan(tmp_path_factory, inputs):
    module = recalibrate(ResNet(SHAPE.width, SHAPE.depth), inputs)
    return build(Strategy(SHAPE), module, inputs, tmp_path_factory.mktemp("models"))


def test_figures_are_sane_and_answers_those_of_the_engine(plan, inputs, tmp_path):
    file = tmp_path / "x.npy"
    np.save(file, inputs)
    found = measure(plan, Device(), QUICK, file)
    assert found["runs"] == 5
    assert 0.0 < found["p10_ms"] <= found["latency_ms"] <= found["p95_ms"]
    assert found["load_ms"] > 0.0
    assert found["first_run_ms"] > 0.0
    # The process is some tens of MiB, the weights of this network 0.05 MiB.
    assert 20.0 < found["base_mib"] < 500.0
    assert 0.05 < found["rest_mib"] <= found["load_peak_mib"] < 50.0
    assert found["rest_mib"] <= found["run_peak_mib"] < 50.0
    assert 0.0 <= found["steal"] <= 1.0
    assert 0.0 <= found["busy"] <= 1.0
    assert found["classes"] == engines.load(plan)(inputs).argmax(axis=1).tolist()


def test_among_competitors_the_latency_is_the_mean(plan):
    found = measure(plan, Device(), QUICK, shared=True)
    assert found["latency_ms"] == found["mean_ms"]


def test_without_inputs_an_image_of_noise_is_timed(plan):
    assert len(measure(plan, Device(), QUICK)["classes"]) == 1


def test_memory_of_larger_weights_is_seen(tmp_path):
    """Twelve MiB more of weights: the process must be seen to hold them."""

    def rest(width):
        shape = Shape((width,), (1,), 16)
        x = np.zeros((1, 1, 16, 16), np.float32)
        plan = build(Strategy(shape, level="disabled"), ResNet(shape.width, shape.depth).eval(), x, tmp_path)
        return measure(plan, Device(), QUICK)["rest_mib"]

    grown = 2 * 9 * (416**2 - 16**2) * 4 / 2**20
    assert rest(416) - rest(16) == pytest.approx(grown, rel=0.5)


def test_the_process_imports_neither_torch_nor_onnx(plan):
    job = {"plan": json.loads(plan.to_json()), "cores": None, "timing": vars(QUICK), "inputs": None}
    code = (
        "import sys; from problems.deployment import worker; worker.main(); "
        "print([m for m in ('torch', 'onnx', 'scipy', 'hydra') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    figures, imported = done.stdout.splitlines()
    assert json.loads(figures)["runs"] == 5
    assert imported == "[]"


def test_a_failing_process_names_the_strategy_and_the_cause(plan):
    broken = replace(plan, model="/nonexistent/model.onnx")
    with pytest.raises(MeasurementError, match=rf"{plan.strategy}.*nonexistent") as caught:
        measure(broken, Device(), QUICK)
    assert "\n" not in str(caught.value)


def test_a_process_that_hangs_is_ended(plan):
    with pytest.raises(MeasurementError, match="did not finish"):
        measure(plan, Device(), QUICK, timeout=0.01)


def test_cores_are_enforced(plan, inputs, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, cores: asked.append((pid, cores)))
    worker.observe(plan, usable_cores()[:1], QUICK, inputs)
    assert asked == [(0, usable_cores()[:1])]


def test_what_is_forked_is_measured_as_what_is_started_anew(plan, inputs, tmp_path):
    file = tmp_path / "x.npy"
    np.save(file, inputs)
    fresh = measure(plan, Device(), QUICK, file)
    with Nursery(Here()) as nursery:
        first, second = (measure(plan, Device(), QUICK, file, nursery=nursery) for _ in range(2))
    assert first["classes"] == second["classes"] == fresh["classes"]
    for name in ("load_peak_mib", "rest_mib", "run_peak_mib"):
        assert first[name] == pytest.approx(fresh[name], abs=0.7)
        assert second[name] == pytest.approx(first[name], abs=0.3)  # nothing is left of the one before


def test_what_fails_or_hangs_in_a_nursery_does_not_end_it(plan):
    with Nursery(Here()) as nursery:
        broken = replace(plan, model="/nonexistent/model.onnx")
        with pytest.raises(MeasurementError, match=rf"{plan.strategy}.*nonexistent") as caught:
            measure(broken, Device(), QUICK, nursery=nursery)
        assert "\n" not in str(caught.value)
        with pytest.raises(MeasurementError, match="did not finish"):
            measure(plan, Device(), QUICK, timeout=0.001, nursery=nursery)
        assert measure(plan, Device(), QUICK, nursery=nursery)["runs"] == 5


def test_timing_goes_on_until_runs_and_seconds_but_ends(plan, inputs):
    assert worker.observe(plan, None, Timing(3, 0.0, 9.0, 0), inputs)["runs"] == 3
    assert worker.observe(plan, None, Timing(3, 0.05, 9.0, 0), inputs)["runs"] > 3
    assert worker.observe(plan, None, Timing(10**6, 0.0, 0.02, 0), inputs)["runs"] < 10**6


@pytest.mark.parametrize(
    "wrong", [{"runs": 0}, {"warmup": -1}, {"seconds": -1.0}, {"seconds": 2.0, "most": 1.0}]
)
def test_impossible_timing_is_refused(wrong):
    with pytest.raises(ArgumentError, match="timing"):
        Timing(**wrong)


def test_a_system_without_proc_is_told_so():
    with pytest.raises(MeasurementError, match="Linux"):
        read("/nonexistent/proc/self/status")


def test_what_starts_the_engine_is_a_valid_model():
    onnx.checker.check_model(onnx.load_from_string(worker.RELU))
