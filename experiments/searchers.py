"""Write the list of all searchers, optimisers and responses with their sources, docs/searchers.md.

python -m experiments.searchers            # write docs/searchers.md
python -m experiments.searchers --check    # is it what the code says?
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.command import command, parser

FILE = Path(__file__).resolve().parent.parent / "docs" / "searchers.md"
HEAD = """# Searchers

Written by `python -m experiments.searchers` from the code; do not edit. A searcher is an optimiser times
a change response. `searcher=NAME` is a published pairing, or one of ours;
`searcher=evolve optimiser=NAME response=NAME` is any other. The last column names entries of
`experiments/references.bib`; `python -m experiments.cite RUN` prints those of what a run used.
[How to choose](choose.md) says what is known of which is good for what.
"""
GROUPS = {
    "optimiser": ("Optimisers", "What happens within an environment."),
    "response": ("Change responses", "Where the search restarts after a change."),
    "detector": ("Detectors", "How a change that is not announced is noticed."),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the list, or compare it with the one that is there."""
    from dmo.files import replacing

    options = parser("experiments.searchers", __doc__, experiment=False)
    options.add_argument("--check", action="store_true", help="compare; exit status 1 where they differ")
    given = options.parse_args(arguments)
    if given.check:
        same = FILE.is_file() and FILE.read_text(encoding="utf-8") == document()
        print(f"{FILE}: {'as the code says' if same else 'is not what the code says; write it again'}")
        return 0 if same else 1
    with replacing(FILE) as partial:
        partial.write_text(document(), encoding="utf-8")
    print(f"wrote {FILE}")
    return 0


def document() -> str:
    """The whole list, in Markdown."""
    parts = {group: _parts(group) for group in GROUPS}
    lines = [HEAD, "## Pairings with a name\n", "| searcher | what it is | references |", "|---|---|---|"]
    for name, config, says in _configurations("searcher"):
        targets = [str(config.get("_target_", ""))]
        for default in config.get("defaults", []):
            for key, value in default.items() if isinstance(default, dict) else ():
                group = key.removeprefix("override /")
                targets += [target for one, target, _ in parts.get(group, []) if one == value]
        lines.append(f"| `{name}` | {says} | {_keys(targets)} |")
    for group, (title, about) in GROUPS.items():
        lines += [f"\n## {title}\n", f"{about} `{group}=NAME`.\n"]
        lines += [f"| {group} | what it does | source | references |", "|---|---|---|---|"]
        for name, target, says in parts[group]:
            first, source = _docstring(target)
            first = says if [t for _, t, _ in parts[group]].count(target) > 1 and says else first
            lines.append(f"| `{name}` | {first} | {source} | {_keys([target])} |")
    return "\n".join(lines) + "\n"


def _configurations(group: str) -> list[tuple[str, dict[str, Any], str]]:
    """Name, content and own words of every configuration of a group."""
    import yaml

    from experiments.entry import CONF

    found = []
    for file in sorted((CONF / group).glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        says = [one[2:] for one in text.splitlines() if one.startswith("# ") and not one.startswith("# @")]
        config = yaml.safe_load(text) or {}
        found.append((file.stem, config.get(group) or config, _cell(says[0] if says else "")))
        found[-1][1].setdefault("defaults", config.get("defaults", []))
    return found


def _parts(group: str) -> list[tuple[str, str, str]]:
    """Name, component and own words of every part of a group; a variant is of another's component."""
    known = _configurations(group)
    targets = {name: str(config.get("_target_", "")) for name, config, _ in known}
    for name, config, _ in known:
        bases = [d for d in config["defaults"] if isinstance(d, str) and d in targets]
        targets[name] = targets[name] or next((targets[base] for base in bases), "")
    return [(name, targets[name], says) for name, _, says in known]


def _docstring(target: str) -> tuple[str, str]:
    """The first sentence of a component's docstring, and its source."""
    from hydra.utils import get_object

    text = inspect.cleandoc(get_object(target).__doc__ or "") if target else ""
    source = re.search(r"Source: (.+?)\.?(?=\s+(?:Raises|Deviation|Sources)|\n\n|\Z)", text, re.DOTALL)
    return _cell(text.partition("\n\n")[0]), _cell(source.group(1)) if source else "ours"


def _keys(targets: Sequence[str]) -> str:
    """The keys of what stands for components that were named by an exported path or their own."""
    from hydra.utils import get_object

    from experiments.cite import cited

    homes = [get_object(target) for target in targets if target]
    keys = [f"`{entry.key}`" for entry in cited(f"{part.__module__}.{part.__qualname__}" for part in homes)]
    return ", ".join(keys)


def _cell(text: str) -> str:
    return re.sub(r"([|*])", r"\\\1", " ".join(text.split()))


if __name__ == "__main__":
    command(main)()
