"""What README and the documentation show works as shown, and the site builds without a warning."""

import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCUMENTS, ROOT, check_command, commands, python_blocks

from dmo import Evolve
from dmo.check import check_searcher
from dmo.optimisers import NSGA2

every_document = pytest.mark.parametrize("file", DOCUMENTS, ids=lambda f: f.name)


@every_document
def test_python_blocks_run_in_order(file: Path, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict = {"__name__": "mine"}
    for block in python_blocks(file):
        exec(compile(block, file.name, "exec"), names)


@every_document
def test_every_command_can_be_typed(file: Path) -> None:
    for name, words in commands(file):
        check_command(name, words)


def test_the_readme_shows_a_run_and_a_response_of_ones_own(capsys) -> None:
    readme = ROOT / "README.md"
    names: dict = {"__name__": "mine"}
    first, second = python_blocks(readme)[:2]
    exec(first, names)
    assert float(capsys.readouterr().out) > 0.0
    exec(second, names)
    check_searcher(Evolve(NSGA2(10), names["Jitter"]()))
    assert len(commands(readme)) >= 8


def test_the_site_builds_strictly(tmp_path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for page in ("index", "concepts/index", "studies/index", "api/index"):
        assert (tmp_path / f"{page}.html").is_file()
