"""A sweep through each launcher runs its cells, and fails where one of them does."""

import subprocess
import sys

import pytest

SWEEP = (
    "problem.dim=2,1",  # of DF1 the second is too few
    "problem=df1",
    "schedule.n_env=2",
    "schedule.opening=2",
    "pop_size=8",
    "report.figure=false",
)
LAUNCHERS = {
    "basic": (),
    "joblib": ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
    "submitit": ("hydra/launcher=submitit_local", "hydra.launcher.timeout_min=5"),
}


@pytest.mark.parametrize("name", LAUNCHERS)
def test_the_good_cell_is_run_and_the_bad_one_fails_the_sweep(name, tmp_path):
    command = [sys.executable, "-m", "experiments.run", "-m", *SWEEP, *LAUNCHERS[name]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "dim: expected" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(list((tmp_path / "runs").glob("*/run.json"))) == 1
