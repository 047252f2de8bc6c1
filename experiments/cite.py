"""Print the BibTeX entries of what a run, or a study, used.

python -m experiments.cite runs/2f1c0b9d8e7a6f54
python -m experiments.cite cec2018
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.command import command, parser

REFERENCES = Path(__file__).resolve().parent / "references.bib"


@dataclass(frozen=True)
class Entry:
    """A BibTeX entry. key: its citation key; modules: what it stands for; text: as it is printed."""

    key: str
    modules: tuple[str, ...]
    text: str

    def stands_for(self, target: str) -> bool:
        """Whether a component, by its full name, is from one of the modules."""
        return any(target == module or target.startswith(f"{module}.") for module in self.modules)


def entries() -> list[Entry]:
    """All entries, in the file's order; a file of a suite in several parts (df, df3) is one module."""
    found = []
    for line in REFERENCES.read_text(encoding="utf-8").splitlines():
        head = re.match(r"@\w+\{(\w+), ", line)
        if head is None:
            continue
        modules = tuple(re.search(r"keywords = \{([^}]*)\}", line)[1].split(", "))  # type: ignore[index]
        plain = re.sub(r", keywords = \{[^}]*\}", "", line)
        text = re.sub(r", (\w+ = \{)", r",\n  \1", plain).removesuffix("}") + "\n}"
        found.append(Entry(head[1], modules, text))
    return found


def targets(config: Any) -> Iterator[str]:
    """Every component that a run's description names."""
    if isinstance(config, dict):
        if isinstance(config.get("_target_"), str):
            yield config["_target_"]
        for value in config.values():
            yield from targets(value)
    elif isinstance(config, list):
        for value in config:
            yield from targets(value)


def cited(names: Iterable[str]) -> list[Entry]:
    """The entries that stand for any of the components, each once, in the file's order."""
    known = {_suite(name) for name in names}
    return [entry for entry in entries() if any(entry.stands_for(name) for name in known)]


def _suite(name: str) -> str:
    """The suite's first file for a later one of it: synthetic.df3.DF10 is of synthetic.df."""
    return re.sub(r"^(problems\.\w+\.[a-z]+)(\d|_\w+)\.", r"\1.", name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the arguments ask for."""
    options = parser("experiments.cite", __doc__, experiment=False)
    options.add_argument("what", nargs="+", help="folders of finished runs, or names of studies")
    given = options.parse_args(arguments)
    from dmo.errors import DmoError
    from experiments.grid import compose_point, experiments, points

    names: set[str] = set()
    for what in given.what:
        if Path(what).is_dir():
            from dmo.record import load

            names |= set(targets(load(Path(what)).info["config"]))
        elif what in experiments():
            for point in points(what):
                names |= set(targets(compose_point(point).cell.config))
        else:
            raise DmoError(
                f"what: expected a folder of a run or one of {', '.join(experiments())}, got {what!r}"
            )
    print("\n\n".join(entry.text for entry in cited(names)))
    return 0


if __name__ == "__main__":
    command(main)()
