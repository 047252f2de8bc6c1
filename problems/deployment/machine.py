"""Where measured processes run: on this machine, or on another that is reached by ssh."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from dmo.errors import DmoError

ROOT = Path(__file__).resolve().parents[2]
# A linear-algebra library's own threads would cost memory and are never used.
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class UnreachableError(DmoError):
    """A machine does not answer, or not as it should."""


class Machine(Protocol):
    """What starts a module of ours on a machine, in a fresh process."""

    def command(self, module: str, *arguments: str) -> list[str]:
        """The words of a process that runs it there, with our standard input and output."""

    def environment(self) -> dict[str, str]:
        """The environment that these words are started with, here."""

    def put(self, file: str) -> str:
        """The name that a file of ours has there."""


@dataclass(frozen=True)
class Here:
    """This machine, with the interpreter that runs now."""

    def command(self, module: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", module, *arguments]

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
        return {**os.environ, "PYTHONPATH": path, **ALONE}

    def put(self, file: str) -> str:
        return file


@dataclass(frozen=True)
class Ssh:
    """A machine that a key opens: `ssh address` must work without a question.

    address: user@name, or a host of ~/.ssh/config, where ports, keys and jumps belong; python: the words
    that start its interpreter, which has this package and its engines; folder: of models there; options:
    further ones of ssh. Files are copied once, for their names tell their content; a file that was
    optimised beforehand is for processors like the one it was made on.
    Raises UnreachableError from put and facts where ssh fails.
    """

    address: str
    python: Sequence[str] = ("python3",)
    folder: str = ".cache/dmo-lab"
    options: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("python", "options"):  # a configuration gives lists
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def command(self, module: str, *arguments: str) -> list[str]:
        alone = [f"{name}={value}" for name, value in ALONE.items()]
        return self._ssh(shlex.join(["env", *alone, *self.python, "-m", module, *arguments]))

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def put(self, file: str) -> str:
        there = f"{self.folder}/{Path(file).name}"
        _put(self, file, there)
        return there

    def facts(self) -> dict[str, Any]:
        """What `python -m problems.deployment.device` says there; asked for once in a process."""
        return _facts(self)

    def _ssh(self, script: str) -> list[str]:
        return ["ssh", "-o", "BatchMode=yes", *self.options, self.address, script]


@cache
def _put(machine: Ssh, file: str, there: str) -> None:
    """Copy a file unless it is there, whole or not at all; once in a process."""
    folder, name = shlex.quote(machine.folder), shlex.quote(there)
    with open(file, "rb") as opened:
        _done(
            machine._ssh(f"mkdir -p {folder} && test -e {name} || (cat > {name}.$$ && mv {name}.$$ {name})"),
            machine.address,
            opened,
        )


@cache
def _facts(machine: Ssh) -> dict[str, Any]:
    said = _done(machine.command("problems.deployment.device"), machine.address, subprocess.DEVNULL)
    try:
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise UnreachableError(f"{machine.address} did not say what it is ({error})") from error
    return found


def _done(command: list[str], name: str, stdin: Any) -> str:
    done = subprocess.run(command, stdin=stdin, capture_output=True, text=True)
    if done.returncode:
        told = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UnreachableError(
            f"{name} could not be asked ({told}; exit status {done.returncode}); see that `ssh` to it needs "
            "no password, and that its python has this package"
        )
    return done.stdout
