"""The catalogue is what the code says, and what it measures is so."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dmo import Batch, Space
from dmo.errors import DmoError
from experiments import catalogue
from experiments.pieces import breaks
from problems import constrained, synthetic
from problems.synthetic import DF9, DMOP1, FDA1, GTA4, UDF6

FILE = Path(__file__).parents[2] / "docs" / "problems.md"
MODULES = [*catalogue.modules(synthetic), *catalogue.modules(constrained)]


@pytest.mark.parametrize("module", MODULES)
def test_the_committed_section_is_what_the_code_says(module):
    assert catalogue.section(module) in FILE.read_text(encoding="utf-8"), (
        "run python -m experiments.catalogue"
    )


def test_the_committed_file_has_a_head_and_every_problem():
    text = FILE.read_text(encoding="utf-8")
    assert text.startswith(catalogue.head())
    assert text.count("\n### ") == len(MODULES)
    for name in (*synthetic.__all__, *constrained.__all__):
        assert f"`{name.lower()}`" in text


def test_what_moves_is_measured():
    still, slides = catalogue.measure(DMOP1()), catalogue.measure(FDA1())
    assert (still.lost, still.front, still.shape) == ("-", "yes", "convex to concave")
    assert (slides.lost, slides.front, slides.shape) == ("all", "-", "convex")
    assert catalogue.measure(constrained.DCTP8()).constraints.startswith("move, ")


@pytest.mark.parametrize(
    ("problem", "t", "pieces"),
    [(FDA1(), 0.0, 1), (DF9(), 0.0, 2), (DF9(), 1.0, 12), (UDF6(), 0.0, 21), (GTA4(), 0.3, 5)],
)
def test_pieces_are_told_from_wide_steps(problem, t, pieces):
    for n in (100, 700):
        front = problem.front(t, n)
        assert 1 + breaks(problem, front[np.argsort(front[:, 0])], t).size == pieces


def test_a_problem_whose_set_is_not_known_is_refused():
    class Unknown:
        space = Space.box([0.0], [1.0], 2)

        def evaluate(self, x, t):
            return Batch.unconstrained(x, np.hstack([x, 1 - x]))

        def front(self, t, n):
            return None

    with pytest.raises(DmoError, match="Unknown: expected a problem whose set is known"):
        catalogue.measure(Unknown())


def test_command_writes_and_checks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(catalogue, "document", lambda: "# all of it\n")
    file = tmp_path / "problems.md"
    assert catalogue.main(["--check", "--out", str(file)]) == 1
    assert catalogue.main(["--out", str(file)]) == 0
    assert catalogue.main(["--check", "--out", str(file)]) == 0
    assert file.read_text() == "# all of it\n"
    assert "as the code says" in capsys.readouterr().out
    with pytest.raises(DmoError, match="out: expected a file in a folder that exists"):
        catalogue.main(["--out", str(tmp_path / "none" / "problems.md")])


def test_help_is_told():
    done = subprocess.run(
        [sys.executable, "-m", "experiments.catalogue", "--help"], capture_output=True, text=True, check=True
    )
    assert "docs/problems.md" in done.stdout
