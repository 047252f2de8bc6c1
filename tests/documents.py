"""What the documents show: their Python blocks, and the commands that they tell a reader to type."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from hydra import compose, initialize_config_dir

from experiments.entry import CONF

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMED = {"study", "collect", "table"}  # commands that take the name of a study
PLAIN = {"catalogue", "cite", "few_shot", "figure", "record", "remeasure", "report", "searchers"}


def python_blocks(file: Path) -> list[str]:
    """The file's Python blocks, in order."""
    return re.findall(r"```python\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)


def commands(file: Path) -> list[tuple[str, list[str]]]:
    """Each `python -m experiments.NAME ...` of the file: NAME and its words."""
    text = re.sub(r"```(text|yaml)\n.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.findall(r"python -m experiments\.(\w+) ?([^\n`|]*)", text)
    return [(name, shlex.split(words, comments=True)) for name, words in found]


def check_command(name: str, words: list[str]) -> None:
    """Raise unless the command can be typed as shown: what it names exists and composes."""
    if name in PLAIN:
        return
    if name in NAMED:
        from experiments.grid import compose_point, experiments, points

        if not words or words[0].startswith("-"):
            return
        assert words[0] in experiments()
        if words[0].isidentifier():
            overrides = [w for w in words[1:] if "=" in w and not w.startswith("-")]
            compose_point(points(words[0], overrides)[0])
        return
    # One cell of a sweep; parts of a reader's own files are tested where the files are.
    if any(w.startswith("hydra.searchpath=") for w in words):
        return
    single = [w.replace("glob(df*)", "df1") for w in words if "=" in w and "mine." not in w]
    single = [w if "[" in w else w.split(",")[0] for w in single]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        compose(name, single)
