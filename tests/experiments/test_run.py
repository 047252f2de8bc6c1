"""The command line: what it prints, how it fails, and that a killed run goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def command(*overrides, **options):
    return subprocess.run(
        [sys.executable, "-m", "experiments.run", *overrides],
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )


def records(folder: Path) -> dict[str, Path]:
    """The finished ones: a kill may leave a part of another behind, under a name that begins with a dot."""
    return {p.name: p for p in folder.glob("[!.]*") if (p / "run.json").is_file()}


SMALL = ("problem=df1", "schedule.n_env=4", "schedule.opening=5", "pop_size=20", "report.figure=false")


def test_a_cell_prints_migd_and_is_resumed(tmp_path):
    first = command(*SMALL, "seeds=3", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "MIGD" in first.stdout
    made = records(tmp_path / "runs")
    assert len(made) == 3
    stamps = {name: p.stat().st_mtime_ns for name, p in made.items()}
    second = command(*SMALL, "seeds=4", cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    again = records(tmp_path / "runs")
    assert len(again) == 4
    assert {name: again[name].stat().st_mtime_ns for name in stamps} == stamps
    # Nothing of Hydra's own is left behind.
    assert sorted(p.name for p in tmp_path.iterdir()) == ["runs"]


def test_other_front_points_measure_the_same_answers_again(tmp_path):
    coarse = command(*SMALL, "front_points=20", cwd=tmp_path)
    fine = command(*SMALL, "front_points=400", cwd=tmp_path)
    assert len(records(tmp_path / "runs")) == 1
    assert "front points 20;" in coarse.stdout
    assert "front points 400;" in fine.stdout
    assert coarse.stdout.splitlines()[2] != fine.stdout.splitlines()[2]


def test_a_sweep_runs_every_cell_and_goes_on_after_a_bad_one(tmp_path):
    sweep = ("-m", *SMALL[1:], "problem=df1,df2,df3", "problem.dim=2,1")
    done = command(*sweep, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("error: ") == 3
    assert len(records(tmp_path / "runs")) == 3


def test_killed_in_the_middle_it_goes_on_and_ends_as_if_nothing_had_happened(tmp_path):
    cell = ("problem=df4", "seeds=20", "pop_size=60", "report.figure=false")
    whole = command(*cell, cwd=tmp_path, env={**os.environ}, input="")
    assert whole.returncode == 0, whole.stderr
    reference = records(tmp_path / "runs")
    assert len(reference) == 20

    cut = tmp_path / "cut"
    cut.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-m", "experiments.run", *cell],
        cwd=cut,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not ((cut / "runs").is_dir() and len(records(cut / "runs")) >= 3):
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    finished = records(cut / "runs")
    assert 3 <= len(finished) < 20
    stamps = {name: (p / "run.json").stat().st_mtime_ns for name, p in finished.items()}

    resumed = command(*cell, cwd=cut)
    assert resumed.returncode == 0, resumed.stderr
    after = records(cut / "runs")
    assert after.keys() == reference.keys()
    assert {name: (after[name] / "run.json").stat().st_mtime_ns for name in stamps} == stamps
    for name, record in after.items():
        for file in ("answers.npz", "metrics.csv"):
            assert (record / file).read_bytes() == (reference[name] / file).read_bytes()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["nonsense=1"], "nonsense"),
        (["searcher=nonsense"], "dnsga2_a"),
        (["+response.shear=0.3"], "shear"),
        (["response.share=much"], "share: expected a share in [0, 1], got 'much'"),
        (["response.share=30"], "got 30; give a share, not a percentage"),
        (["schedule.n_env=2.5"], "n_env: expected a whole number >= 1, got 2.5"),
        (["problem.dim=0"], "dim"),
        (["seeds=0"], "seeds: expected a whole number >= 1, got 0"),
        (["seeds=some"], "seeds: expected a whole number"),
        (["problem._target_=nowhere.DF1"], "nowhere"),
        (["searcher._target_=dmo.optimisers.NSGA2", "~searcher.optimiser"], "searcher"),
        (["schedule=platemo", "pop_size=x"], "pop_size"),
    ],
)
def test_bad_input_is_one_clear_line_and_a_status(overrides, words, tmp_path):
    done = command(*overrides, cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    assert words in lines[0]
    assert not (tmp_path / "runs").exists() or not records(tmp_path / "runs")


def test_a_nan_objective_is_an_error_that_names_the_point(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "import numpy as np\n"
        "from dmo import Batch, Space\n"
        "@dataclass(frozen=True)\n"
        "class Mine:\n"
        "    space = Space.box(np.zeros(2), np.ones(2), 2)\n"
        "    def evaluate(self, x, t): return Batch.unconstrained(x, np.log(x - 0.5 + 1j).real * np.nan)\n"
        "    def front(self, t, n): return None\n"
    )
    done = command("problem._target_=mine.Mine", "~problem.dim", cwd=tmp_path)
    assert done.returncode == 1
    assert "Mine.evaluate returned a value that is not finite at t = 0" in done.stderr


def test_a_corrupt_record_is_named_with_the_remedy_and_left_alone(tmp_path):
    assert command(*SMALL, cwd=tmp_path).returncode == 0
    (record,) = records(tmp_path / "runs").values()
    (record / "answers.npz").write_bytes(b"not a record")
    done = command(*SMALL, cwd=tmp_path)
    assert done.returncode == 1
    assert "delete the folder" in done.stderr
    assert (record / "answers.npz").read_bytes() == b"not a record"
