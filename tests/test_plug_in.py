"""The page on parts of one's own: its file, in a folder of its own, runs with its commands."""

import re
import shutil
import subprocess
import sys

import pytest
from documents import ROOT, commands, python_blocks

PAGE = ROOT / "docs" / "plug_in.md"
DATA = ROOT / "problems" / "deployment" / "data"
OWN = [words for name, words in commands(PAGE) if name == "run"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A reader's folder: mine.py with the page's components, my_conf with its YAML, a profiled table."""
    place = tmp_path_factory.mktemp("lab")
    parts = [block for block in python_blocks(PAGE) if "class " in block]
    (place / "mine.py").write_text("\n\n".join(parts))
    (place / "my_conf" / "searcher").mkdir(parents=True)
    yaml = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL).group(1)
    (place / "my_conf" / "searcher" / "drift.yaml").write_text(yaml)
    for what in ("", "_surrogate"):  # the page's device stands in for one that was profiled
        shutil.copy(DATA / f"resnet_host{what}.npz", place / f"tight{what}.npz")
    return place


def test_components_are_short():
    for block in python_blocks(PAGE):
        assert block.count("\n") <= 40


@pytest.mark.parametrize("words", OWN, ids=" ".join)
def test_the_commands_run_in_the_folder(words, folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    deployed = any(w.startswith("problem=deployment/") for w in words)
    clock = ["evals=60", "first=100"] if deployed else ["opening=2", "frequency=2"]
    small = ["schedule.n_env=3", "report.figure=false", *(f"schedule.{word}" for word in clock)]
    command = [sys.executable, "-m", "experiments.run", *words, *small]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("tabulated" if deployed else "migd") in done.stdout.lower()


def test_every_part_of_ones_own_has_a_command():
    assert len(OWN) >= 5
    assert {"mine.Drift", "mine.Walk"} <= {w.partition("=")[2] for words in OWN for w in words}
