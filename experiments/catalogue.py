"""Write the catalogue of all benchmark problems, docs/problems.md, from the code.

python -m experiments.catalogue            # write docs/problems.md
python -m experiments.catalogue --check    # is it what the code says?

What moves is measured, by evaluating sets, fronts and constraints at several times, and stands beside what
the docstrings say.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import moocore
import numpy as np
from scipy.spatial import cKDTree

from dmo.errors import DmoError
from dmo.problem import HasSet, Problem
from dmo.space import Space
from dmo.types import Array
from experiments.command import command, parser
from experiments.pieces import breaks
from problems import constrained, synthetic

HERE = Path(__file__).resolve().parent.parent / "docs"
FILE = "problems.md"
TIMES = (0.0, 0.1, 0.3, 0.7, 1.0, 1.7, 3.0)
POINTS = 300  # of each front
RANDOM = 2_000  # points whose constraints are looked at
HEAD = """# Benchmark problems

Written by `python -m experiments.catalogue` from the code; do not edit. A name is that of the configuration:
`problem=df1`. Where a problem has variants its YAML in `conf/problem/` and its docstring list them;
[where sources disagree](disagreements.md) says why. All fronts and sets are known, as functions of t.

| column | says |
|---|---|
| m, c, d | objectives, constraints, variables by default |
| optimum lost | how much of what is optimal at one time is no longer so at another: all, some or none (-) |
| front moves | yes or no (-) |
| shape | convex, flat or concave; the pieces of a front of two objectives, where there are several |
| constraints | whether they change at a fixed point; which share of the space is feasible |

These are measured, at t = {times}; "in words" is what the docstring says.

## Compositions

Any problem may be composed, and compositions nest. The inner problem is chosen with
`problem@problem.problem=NAME`, one `problem` more for each level:

```sh
python -m experiments.run problem=reordered problem@problem.problem=fda1
python -m experiments.run problem=noisy problem@problem.problem=rotated problem@problem.problem.problem=f5
```

| configuration | what changes | set and front |
|---|---|---|
{compositions}

Irregular intervals between changes belong to the clock: `schedule=irregular`. From Python:

```python
from problems.compose import Noisy, Rotated
from problems.synthetic import FDA1

problem = Noisy(Rotated(FDA1(), seed=3), std=0.05)
print(problem.space.dim, problem.front(0.3, 100).shape)
```

Problems of pymoo, static and dynamic: `problem=pymoo problem.name=dtlz2 '+problem.arguments.n_obj=3'`.
"""
FOLLOWS = {
    "Reordered": "those of the environment visited",
    "Noisy": "those without noise",
    "Rotated": "follow, to rounding",
    "Scaled": "follow",
    "Widened": "follow; further variables as stated",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the catalogue, or compare it with the one that is there."""
    options = parser("experiments.catalogue", __doc__, experiment=False)
    options.add_argument("--check", action="store_true", help="compare; exit status 1 where they differ")
    options.add_argument("--out", type=Path, default=HERE / FILE, help="the file (default: docs/problems.md)")
    given = options.parse_args(arguments)
    if given.check:
        same = given.out.is_file() and given.out.read_text(encoding="utf-8") == document()
        print(f"{given.out}: {'as the code says' if same else 'is not what the code says; write it again'}")
        return 0 if same else 1
    from dmo.files import replacing

    if not given.out.parent.is_dir():
        raise DmoError(
            f"out: expected a file in a folder that exists, got {given.out}; name another with --out"
        )
    with replacing(given.out) as partial:
        partial.write_text(document(), encoding="utf-8")
    print(f"wrote {given.out}")
    return 0


def document() -> str:
    """The whole catalogue, in Markdown."""
    parts = [head(), "\n## Without constraints\n", *map(section, modules(synthetic))]
    return "\n".join([*parts, "\n## With constraints\n", *map(section, modules(constrained))])


def head() -> str:
    """What stands before the tables."""
    from problems import compose

    rows = [
        f"| `{name.lower()}` | {_cell(_first(getattr(compose, name)))} | {follows} |"
        for name, follows in FOLLOWS.items()
    ]
    return HEAD.format(times=", ".join(f"{t:g}" for t in TIMES), compositions="\n".join(rows))


def modules(package: ModuleType) -> list[str]:
    """The modules of a package's problems, in natural order of the first problem of each."""
    return list(dict.fromkeys(getattr(package, name).__module__ for name in _names(package)))


def section(module: str) -> str:
    """One module's problems: its docstring's first and its source paragraph, and a table."""
    home = importlib.import_module(module)
    package = importlib.import_module(module.rpartition(".")[0])
    kinds = {name: getattr(package, name) for name in _names(package)}
    mine = [kind for name, kind in kinds.items() if kind.__module__ == module and kind.__name__ == name]
    suites = {_natural(kind.__name__)[0] for kind in mine}
    title, _, rest = inspect.cleandoc(home.__doc__ or "").partition("\n\n")
    source = re.search(r"Source of (?:all|both): (.+?)(?=\n\n|\Z)", rest, re.DOTALL)
    told = [_line(source.group(0)) + "\n"] if source else []
    extra = " constraints |" if mine[0]().space.n_con else ""
    header = f"| problem | m | c | d, box | optimum lost | front moves | shape |{extra} in words | source |"
    rule = "|" + "---|" * (header.count("|") - 1)
    rows = [_row(kind, bool(extra)) for kind in mine]
    others = [
        f"`{name.lower()}` is `{kind.__name__.lower()}`."
        for name, kind in kinds.items()
        if kind.__name__ != name and _natural(name)[0] in suites
    ]
    return "\n".join([f"### {_line(title).rstrip('.')}\n", *told, header, rule, *rows, "", " ".join(others)])


@dataclass(frozen=True)
class Measured:
    """What was seen of a problem over TIMES."""

    lost: str
    front: str
    shape: str
    constraints: str


def measure(problem: Problem) -> Measured:
    """Evaluate a problem's set, front and constraints at all TIMES and say what moves."""
    if not isinstance(problem, HasSet):
        raise DmoError(f"{type(problem).__name__}: expected a problem whose set is known; give it set(t, n)")
    sets = [problem.set(t, POINTS) for t in TIMES]
    if any(x is None for x in sets):
        raise DmoError(f"{type(problem).__name__}: its set is not known at some time")
    known = [x for x in sets if x is not None]
    fronts = [problem.evaluate(x, t).f for x, t in zip(known, TIMES, strict=True)]
    span = np.ptp(np.vstack(fronts), axis=0)
    span[span == 0.0] = 1.0
    share = max(
        _lost(problem, known[i], fronts[j], TIMES[j], span)
        for i in range(len(TIMES))
        for j in range(len(TIMES))
    )
    apart = max(_apart(fronts[0] / span, front / span) for front in fronts[1:])
    moved = apart > (0.02 if problem.space.n_obj == 2 else 0.1)
    lost = "all" if share > 0.95 else "some" if share > 0.02 else "-"
    return Measured(lost, "yes" if moved else "-", _shape(problem, fronts), _constraints(problem))


def _lost(problem: Problem, x: Array, front: Array, t: float, span: Array) -> float:
    """The share of the points x that are infeasible at time t, or behind its front and off it by 1 %."""
    batch = problem.evaluate(x, t)
    both = np.ascontiguousarray(np.vstack([front, batch.f + 1e-6 * span]))
    behind = ~moocore.is_nondominated(both, keep_weakly=True)[len(front) :]
    off = cKDTree(front / span).query(batch.f / span)[0] > 0.01
    return float(np.mean(~batch.feasible | (behind & off)))


def _apart(a: Array, b: Array) -> float:
    """The Hausdorff distance of two sets of points."""
    return float(max(cKDTree(a).query(b)[0].max(), cKDTree(b).query(a)[0].max()))


def _shape(problem: Problem, fronts: list[Array]) -> str:
    bends = list(dict.fromkeys(_bend(front) for front in fronts))
    order = [bend for bend in ("convex", "flat", "concave") if bend in bends]
    text = " to ".join(order[:: len(order) - 1] if len(order) > 1 else order)
    if problem.space.n_obj > 2:
        return text
    ordered = [front[np.argsort(front[:, 0])] for front in fronts]
    pieces = sorted({1 + breaks(problem, f, t).size for f, t in zip(ordered, TIMES, strict=True)})
    if pieces[-1] > 1:
        text += f", {pieces[0]} to {pieces[-1]} pieces" if len(pieces) > 1 else f", {pieces[0]} pieces"
    return text


def _bend(front: Array) -> str:
    """convex, flat or concave: where the middle of a front is, its ends at the unit vectors."""
    span = np.ptp(front, axis=0)
    unit = (front - front.min(axis=0)) / np.where(span > 0.0, span, 1.0)
    middle = float(unit[np.argmin(unit.std(axis=1))].sum())
    return "convex" if middle < 0.95 else "concave" if middle > 1.05 else "flat"


def _constraints(problem: Problem) -> str:
    if problem.space.n_con == 0:
        return "none"
    x = problem.space.sample(RANDOM, np.random.default_rng(0))
    batches = [problem.evaluate(x, t) for t in TIMES]
    moved = max(float(np.abs(batch.g - batches[0].g).max()) for batch in batches) > 1e-9
    shares = [100.0 * batch.feasible.mean() for batch in batches]
    low, high = min(shares), max(shares)
    share = f"{low:.0f} %" if f"{low:.0f}" == f"{high:.0f}" else f"{low:.0f} to {high:.0f} %"
    return f"{'move' if moved else 'stay'}, {share} feasible"


def _row(kind: type, constraints: bool) -> str:
    problem = kind()
    seen, space = measure(problem), problem.space
    text = inspect.cleandoc(kind.__doc__ or "")
    moves = re.search(r"Moves: (.+?)\.(?=\s|\Z)", text, re.DOTALL)
    source = re.search(r"Source: (.+?)\.?(?=\s+(?:Raises|Deviation|Sources) |\n\n|\Z)", text, re.DOTALL)
    words = f"{_first(kind)} Moves: {moves.group(1) if moves else '?'}."
    if "Moves: " in _first(kind):
        words = f"Moves: {moves.group(1) if moves else '?'}."
    cells = [f"`{kind.__name__.lower()}`", str(space.n_obj), str(space.n_con), f"{space.dim}, {_box(space)}"]
    cells += [seen.lost, seen.front, seen.shape, *([seen.constraints] if constraints else [])]
    return "| " + " | ".join([*cells, _cell(words), _cell(source.group(1) if source else "?")]) + " |"


def _box(space: Space) -> str:
    """The bounds of variables, equal ones in a row as a power: [0, 1] x [-1, 1]^9."""
    runs: list[tuple[str, int]] = []
    for low, high in zip(space.lower, space.upper, strict=True):
        text = f"[{low:g}, {high:g}]"
        if runs and runs[-1][0] == text:
            runs[-1] = text, runs[-1][1] + 1
        else:
            runs.append((text, 1))
    return " x ".join(text if count == 1 else f"{text}^{count}" for text, count in runs)


def _first(kind: type) -> str:
    """The first sentence of a docstring."""
    return _line(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0])


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Text for a cell of a table: no bars, no line breaks, no emphasis by accident."""
    return re.sub(r"([|*])", r"\\\1", _line(text))


def _names(package: ModuleType) -> list[str]:
    """The names of a package's problems, in natural order."""
    return sorted(package.__all__, key=_natural)


def _natural(name: str) -> tuple[str, int]:
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :] or 0)


if __name__ == "__main__":
    command(main)()
