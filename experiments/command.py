"""Command lines that are not a single Hydra composition: studies, tables, figures, reports."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dmo.errors import DmoError
from experiments.entry import MENDABLE
from experiments.says import one_line


class Overrides(argparse.Action):
    """Collects key=value words that follow the positional arguments."""

    def __call__(self, parser, namespace, values, option_string=None):  # type: ignore[no-untyped-def]
        for word in values:
            if "=" not in word:
                parser.error(f"expected key=value, got {word!r}; flags such as --jobs come with two dashes")
        setattr(namespace, self.dest, list(values))


class Parser(argparse.ArgumentParser):
    """Flags and key=value words may come in any order."""

    def parse_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]
        return self.parse_intermixed_args(args, namespace)


def parser(module: str, doc: str | None, *, experiment: bool = True) -> argparse.ArgumentParser:
    """A parser with the module's docstring as its help and the arguments that all commands share."""
    made = Parser(
        prog=f"python -m {module}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if experiment:
        made.add_argument("experiment", nargs="?", help="name of a study; none lists them")
        overrides(made, "narrow or change the study: problem=df1,df2 seeds=5 pop_size=50")
        made.add_argument(
            "--config-dir", type=folder, help="folder with an experiment/, problem/, ... of your own"
        )
        made.add_argument("--runs", default="runs", help="folder of the records (default: runs)")
    return made


def folder(text: str) -> Path:
    """A folder that exists, for argparse."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, got {text!r}, which is none; give its path")
    return Path(text)


def overrides(options: argparse.ArgumentParser, says: str) -> None:
    """Let key=value words follow."""
    options.add_argument("overrides", nargs="*", action=Overrides, default=[], metavar="key=value", help=says)


def command(main: Callable[[Sequence[str] | None], int | None]) -> Callable[[], None]:
    """A program whose mendable errors are one line on stderr and exit status 1."""

    def program() -> None:
        try:
            sys.exit(main(None) or 0)
        except MENDABLE as error:
            if os.environ.get("HYDRA_FULL_ERROR") == "1":
                raise
            print(f"error: {one_line(error)}", file=sys.stderr)
            sys.exit(1)
        except KeyboardInterrupt:
            print("interrupted; what is finished and on disk is found again", file=sys.stderr)
            sys.exit(130)

    return program


def list_experiments(config_dir: Path | None = None) -> int:
    """Print the studies that can be named."""
    from experiments.grid import experiments

    known = experiments(config_dir)
    if not known:
        raise DmoError("no study found under conf/experiment")
    width = max(map(len, known))
    for name, says in known.items():
        print(f"{name:<{width}}  {says}")
    return 0
