"""The command that plans a network's memory: its numbers are in order, its picture is drawn."""

import csv
import re
import subprocess
import sys

import pytest


def planned(folder, *options):
    return subprocess.run(
        [sys.executable, "-m", "experiments.plan", *options], cwd=folder, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    run = planned(folder, "network=resnet", "subnet=smallest", "precision=int8")
    assert run.returncode == 0, run.stderr
    return folder, run.stdout


def test_bound_arena_and_peak_are_told_apart(done):
    _, text = done
    found = {line[:56].strip(): float(n) for line, n in re.findall(r"(.{56}) +([\d.]+) MiB", text)}
    bound = next(v for k, v in found.items() if k.startswith("lower bound, no order"))
    own = found["lower bound, the file's order"]
    arena, greedy = (
        found[f"planned arena, {k}"] for k in ("hill climbing", "ExecuTorch's greedy, the file's order")
    )
    assert 0 < bound <= own
    assert bound <= arena <= greedy <= found["planned arena, every tensor its own"]
    assert found["measured peak of a fresh process while running"] > arena


def test_the_plan_is_written_and_drawn(done):
    folder, text = done
    figure = folder / re.search(r"figure (\S+);", text)[1]
    assert figure.read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(figure.with_suffix(".csv").read_text().splitlines()))
    arena = max(int(r["offset"]) + int(r["bytes"]) for r in rows)
    assert f"{arena / 2**20:.3f} MiB" in text


def test_a_wrong_option_is_one_line(tmp_path):
    run = planned(tmp_path, "network=resnet", "subnet=middle")
    assert run.returncode == 1
    assert (
        run.stderr.strip()
        == "error: subnet: expected one of ('largest', 'smallest'), got 'middle'; choose one of these"
    )
