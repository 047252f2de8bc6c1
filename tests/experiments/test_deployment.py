"""The main job, with what ships: every choice within its limits, and clear errors for what is missing."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from dmo import Evolve, Schedule
from dmo.optimisers import NSGA2
from dmo.responses import Immigrants
from experiments.deployment import deployment
from experiments.entry import CONF, build
from problems.deployment.controller import Controller
from problems.deployment.device import Device
from problems.deployment.images import FashionMNIST, shipped_slice
from problems.deployment.network import SHIPPED
from problems.deployment.prepare import Workshop
from problems.deployment.scenarios import MemoryPressure
from problems.deployment.timing import Timing


def command(name, *overrides, cwd):
    return subprocess.run(
        [sys.executable, "-m", f"experiments.{name}", *overrides],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def network():
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(CONF), version_base="1.3"):
        return build(compose("run", ["problem=deployment/resnet"]).network)


def test_the_main_job(tmp_path):
    job = ("problem=deployment/resnet", "scenario=memory_pressure", "searcher=warm", "schedule.n_env=8")
    done = command("run", *job, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("predicted", "tabulated", "static full network", "best of the table"):
        assert word in done.stdout
    (choices,) = (tmp_path / "runs").glob("*_choices.csv")
    rows = list(csv.DictReader(choices.read_text().splitlines()))
    assert len(rows) == 8
    (figure,) = (tmp_path / "runs").glob("*_traces.png")
    assert figure.stat().st_size > 10_000
    for row in rows:
        assert float(row["predicted_memory_mib"]) <= float(row["budget_mib"])
        assert float(row["predicted_latency_ms"]) <= float(row["deadline_ms"])
        assert float(row["predicted_error"]) <= float(row["greatest_error"])
    (chosen,) = (tmp_path / "runs").glob("*_chosen.json")
    assert 1 <= len(json.loads(chosen.read_text())) <= 8


def test_the_best_of_the_table_is_no_worse_than_any_feasible_row(network):
    problem = deployment(network, Device(), MemoryPressure())
    for t in (0.0, 7.0, 31.0, 59.0):
        truth = problem.truth(t)
        budget, deadline, error = problem.limits(t)
        fits = (truth.f[:, 1] <= budget) & (truth.f[:, 0] <= deadline) & (truth.f[:, 2] <= error)
        assert np.array_equal(fits, truth.feasible)
        assert fits.any(), f"no measured strategy fits the budgets at t = {t}"


def test_live_redeployment_measures_what_it_chose(network, tmp_path):
    images = shipped_slice()
    data = FashionMNIST(images, images, images)
    controller = Controller(
        problem=deployment(network, Device(), MemoryPressure()),
        schedule=Schedule(300, 2, 1.0),
        searcher=Evolve(NSGA2(30), Immigrants()),
        shop=Workshop(network, network.load(), data, tmp_path, recalibration=200, calibration=50),
        device=Device(),
        images=images,
        timing=Timing(runs=5, seconds=0.0, most=1.0, warmup=1),
    )
    steps = list(controller.steps(seed=0))
    assert [s.env for s in steps] == [0, 1]
    for step in steps:
        assert (step.measured > 0).all()
        assert step.images == 200
        # Chance is 10 %: statistics from 200 images are rough, but the network is the trained one.
        assert step.measured[2] < 0.5
        assert step.measured[1] < 100.0


@pytest.mark.parametrize(
    ("name", "overrides", "words"),
    [
        ("run", ["problem=deployment/resnet", "problem.table=nowhere.npz"], "python -m experiments.profile"),
        ("run", ["problem=deployment/resnet", "problem.surrogate=nowhere.npz"], "python -m experiments.fit"),
        ("run", ["problem=deployment/resnet", "problem.table=bad.npz"], "bad.npz"),
        ("run", ["problem=deployment/resnet", "problem.margin=-1"], "margin: expected a finite number >= 0"),
        ("run", ["problem=deployment/resnet", "scenario.exit=2"], "exit: expected a share"),
        (
            "run",
            ["problem=deployment/resnet", "network.elastic.resolution=[16,18]"],
            "another strategy space",
        ),
        ("run", ["problem=deployment/resnet", "schedule.severity=0.5"], "scenario.environments"),
        ("train", ["network=resnet", "data.path=nowhere"], "apt-get install dataset-fashion-mnist"),
        ("profile", ["network=resnet", "device=host", "data.path=nowhere"], "data.download=true"),
        ("adapt", ["data.path=nowhere"], "data.path=FOLDER"),
        ("fit", ["table=nowhere.npz"], "python -m experiments.profile"),
    ],
)
def test_what_is_missing_is_one_line_with_the_remedy(name, overrides, words, tmp_path):
    (tmp_path / "bad.npz").write_bytes((SHIPPED / "resnet_host.npz").read_bytes()[:-200])
    done = command(name, *overrides, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert words in errors[0]


def test_a_study_of_deployments_is_one_command_and_tells_what_its_choices_come_to(tmp_path, capsys):
    from experiments import study
    from experiments.collect import collect
    from experiments.grid import points

    words = ["scenario=contention", "searcher=dnsga2_a", "seeds=1", "schedule.n_env=3"]
    assert study.main(["adainfer", *words, "--jobs", "1", "--runs", str(tmp_path)]) == 0
    assert "1 runs done" in capsys.readouterr().out
    assert study.main(["adainfer", *words, "--dry-run", "--runs", str(tmp_path)]) == 0
    assert "1 on disk, 0 missing" in capsys.readouterr().out
    (row,) = collect(points("adainfer", words), tmp_path).to_dict("records")
    assert 0.0 < row["mhv"] < 1.0
    assert 0.5 < row["cost"] < 1.1
    assert row["regret"] >= 0.0 or row["tabulated"] == 0.0
