"""Imports point one way, heavy libraries stay where they belong, and files stay readable."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "dmo": {"dmo"},
    "problems": {"dmo", "problems"},
    "surrogates": {"dmo", "surrogates"},
    "experiments": {"dmo", "problems", "surrogates", "experiments"},
}
OURS = set(MAY_IMPORT)
FILES = [f for package in MAY_IMPORT for f in sorted((ROOT / package).rglob("*.py"))]


def imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_point_one_way(file):
    package = file.relative_to(ROOT).parts[0]
    found = imports(file)
    assert found & OURS <= MAY_IMPORT[package]
    if package != "experiments":
        assert not found & {"hydra", "omegaconf", "matplotlib"}
    if package == "dmo" or "synthetic" in file.parts:
        assert not found & {"torch", "onnx", "onnxruntime"}
    assert not found & {"pickle", "random"}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_files_are_short_and_say_what_they_are(file):
    text = file.read_text()
    assert text.count("\n") <= 320
    if file.name != "__init__.py":
        assert ast.get_docstring(ast.parse(text)), f"{file} has no docstring"


def test_the_synthetic_path_imports_no_torch():
    code = (
        "import sys, experiments.run, experiments.cell, experiments.reports, problems.synthetic, dmo\n"
        "heavy = 'torch', 'onnx', 'onnxruntime', 'pymoo', 'matplotlib', 'numba'\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
