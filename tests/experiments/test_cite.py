"""What a run used is cited: every part of ours that has a source has an entry."""

import re

import pytest

from dmo import Evolve, fixed, optimisers, responses
from dmo.identity import describe
from dmo.optimisers import NSGA2
from dmo.responses import Immigrants
from experiments.cell import Cell, run_cell
from experiments.cite import cited, entries, main
from problems import constrained, synthetic
from problems.deployment import choice, policies, scenarios
from problems.synthetic import DF12

PARTS = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (optimisers, responses, synthetic, constrained, policies, scenarios, choice)
    for name in getattr(package, "__all__", ("Knee",))
    if isinstance(getattr(package, name), type)
}


@pytest.mark.parametrize("name", PARTS)
def test_every_part_with_a_source_has_an_entry(name):
    part = PARTS[name]
    if "Source:" not in (part.__doc__ or ""):
        pytest.skip("it has no source")
    assert cited([f"{part.__module__}.{part.__qualname__}"]), f"add {part.__module__} to references.bib"


def test_entries_are_whole_and_stand_for_modules_that_exist():
    keys = [entry.key for entry in entries()]
    assert len(keys) == len(set(keys))
    for entry in entries():
        assert entry.text.count("{") == entry.text.count("}")
        assert re.search(r"title = \{.+\}", entry.text)
        for module in entry.modules:
            __import__(module)


def test_a_run_cites_its_problem_optimiser_and_response(tmp_path, capsys):
    cell = Cell(DF12(), fixed(20, 2), Evolve(NSGA2(10), Immigrants()))
    (record,) = run_cell(cell, tmp_path)
    assert main([str(record.folder)]) == 0
    said = capsys.readouterr().out
    assert re.findall(r"@\w+\{(\w+),", said) == ["deb2002nsga2", "deb2007dnsga2", "jiang2018cec"]
    assert describe(cell.searcher)["response"]["_target_"].startswith("dmo.responses.immigrants")
