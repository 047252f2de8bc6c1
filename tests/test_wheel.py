"""The wheel is whole: installed in an environment of its own, it runs from any folder."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def nothing_else_on_the_path(monkeypatch):
    """A developer's PYTHONPATH would come before what is installed."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """An interpreter that has the wheel and our dependencies, but not this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("dmo_lab-*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--quiet",
        str(wheel),
    ]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # A .pth inside this folder is not followed, so that our editable install stays out of it.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_it_runs_from_another_folder(python, tmp_path):
    small = ["problem=df1", "schedule.n_env=2", "schedule.opening=2", "pop_size=10"]
    done = subprocess.run(
        [python, "-m", "experiments.run", *small], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "MIGD" in done.stdout
    where = subprocess.run(
        [python, "-c", "import dmo; print(dmo.__file__)"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(python.parents[1])


def test_it_carries_the_shipped_data(python, tmp_path):
    code = (
        "from problems.deployment.network import SHIPPED\n"
        "print(sorted(p.name for p in SHIPPED.iterdir() if p.suffix == '.npz'))"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    shipped = sorted(p.name for p in (ROOT / "problems" / "deployment" / "data").glob("*.npz"))
    assert done.stdout.strip() == str(shipped)
    assert shipped


def test_a_package_of_the_same_name_elsewhere_is_named(python, tmp_path):
    (tmp_path / "problems").mkdir()
    (tmp_path / "problems" / "__init__.py").touch()
    done = subprocess.run(
        [python, "-m", "experiments.run", "problem=df1"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 1
    assert "error: the package 'problems' that Python finds is" in done.stderr
