"""The list of searchers is what the code says, and names every configuration and only known references."""

import re

from experiments.cite import entries
from experiments.entry import CONF
from experiments.searchers import FILE, document, main


def test_the_committed_list_is_what_the_code_says(capsys):
    assert main(["--check"]) == 0, "run python -m experiments.searchers"
    assert "as the code says" in capsys.readouterr().out


def test_every_configuration_is_in_it_and_every_reference_exists():
    text = document()
    for group in ("searcher", "optimiser", "response", "detector"):
        for file in (CONF / group).glob("*.yaml"):
            assert f"| `{file.stem}` |" in text
    known = {entry.key for entry in entries()}
    rows = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    for row in rows:
        references = row.rsplit(" | ", 1)[1]
        assert set(re.findall(r"`(\w+)`", references)) <= known
