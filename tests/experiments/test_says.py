"""What a newcomer mistypes ends with one line that names it, what was expected, what came and the remedy."""

import importlib
import sys

import pytest

from dmo.checks import listed
from dmo.errors import ArgumentError
from experiments.command import command
from experiments.entry import MENDABLE
from experiments.grid import compose_point, points
from experiments.says import one_line


def said(capsys, module, words, monkeypatch, folder):
    """The last line on stderr of a command in an empty folder; it has to fail."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", [module, *words])
    with pytest.raises(SystemExit) as stopped:
        command(lambda _: importlib.import_module(f"experiments.{module}").main(words))()
    assert stopped.value.code not in (0, None)
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (
            ["problem=df99"],
            ("problem: expected one of the", "such as df9, ", "got 'df99'; did you mean 'df9'?"),
        ),
        (["searcher=dnsga2a"], ("searcher: expected", "did you mean 'dnsga2_a'?", "--config-dir")),
        (["problm=df1"], ("problm: expected one of", "did you mean 'problem'?")),
        (["schedule.severty=3"], ("expected one of", "within schedule; did you mean 'severity'?")),
        (["scenario=contention"], ("scenario:", "problem=deployment/resnet")),
        (["df1"], ("arguments: expected key=value, got 'df1'",)),
        (["seeds=abc"], ("seeds: expected a whole number >= 1, got 'abc'",)),
        (["seeds=0"], ("seeds: expected a whole number >= 1, got 0",)),
        (["seed=-1"], ("seed: expected a whole number >= 0, got -1",)),
        (["problem=glob(nope*)"], ("axes: expected a value on each, got none",)),
        (["schedule.n_env=many"], ("n_env: expected a whole number",)),
        (["pop_size=-3"], ("pop_size: expected a whole number",)),
    ],
)
def test_words_of_a_study(words, parts):
    with pytest.raises(MENDABLE) as caught:
        compose_point(points("cec2018", words)[0])
    line = one_line(caught.value)
    assert "\n" not in line
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    ("name", "value", "kind", "came"),
    [("policies", "kalman", str, "'kalman'"), ("policies", 3, str, "3"), ("patches", ["a"], int, "['a']")],
)
def test_lists(name, value, kind, came):
    with pytest.raises(ArgumentError, match=rf"^{name}: expected a list of .*; write {name}=\[") as caught:
        listed(name, value, kind)
    assert f"got {came}" in str(caught.value)
    listed(name, [kind(1)], kind)


@pytest.mark.parametrize(
    ("module", "words", "parts"),
    [
        ("study", ["nope"], ("experiment: expected one of", "got 'nope'")),
        ("study", ["cec2018", "--jobs", "0"], ("--jobs: expected a whole number >= 1, got 0",)),
        (
            "study",
            ["cec2018", "--config-dir", "nowhere"],
            ("--config-dir: expected a folder, got 'nowhere'",),
        ),
        (
            "study",
            ["cec2018", "--dry-run", "--runs", "file"],
            ("runs: expected a folder, got the file file",),
        ),
        ("collect", ["pps2014", "problem=fda1"], ("no run of pps2014 in runs; run it with",)),
        ("table", ["pps2014", "problem=fda1"], ("no run of pps2014 in runs; run it with",)),
        ("study", ["cec2018", "--dry-run", "problem=df0"], ("problem: expected", "got 'df0'")),
        ("report", ["nowhere"], ("nowhere is not the folder of a run (no such file or directory); name",)),
        ("report", ["file"], ("file is not the folder of a run (not a directory)",)),
        ("report", ["."], ("run.json",)),
        ("cite", ["nope"], ("what: expected a folder of a run or one of adainfer,", "got 'nope'")),
        ("figure", ["nope"], ("name: expected all or one of", "got 'nope'")),
    ],
)
def test_words_of_a_command(capsys, monkeypatch, tmp_path, module, words, parts):
    (tmp_path / "file").write_text("x")
    line = said(capsys, module, words, monkeypatch, tmp_path)
    for part in parts:
        assert part in line
