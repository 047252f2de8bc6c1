"""Nursery: a process that has the engine ready and forks one for each plan that is to be measured."""

from __future__ import annotations

import json
import select
import subprocess
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from problems.deployment.machine import Machine
from problems.deployment.process import MeasurementError

FORKS = frozenset({"onnxruntime"})  # engines that start no threads of their own before they load a network


@dataclass
class Nursery:
    """Answers the jobs of `measure` on a machine, each by a process of its own, without its start.

    Starting Python and importing the engine takes three times as long as most networks are measured, and
    more among competitors. What is forked has run nothing but the engine's start, as a fresh process.
    """

    machine: Machine
    _parent: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)

    def ask(self, job: dict[str, Any], timeout: float) -> dict[str, Any]:
        """What the process said. Raises TimeoutError, and MeasurementError where none could be started."""
        parent = self._running()
        assert parent.stdin is not None
        assert parent.stdout is not None
        try:
            parent.stdin.write(json.dumps(job) + "\n")
            parent.stdin.flush()
            if not select.select([parent.stdout], [], [], timeout)[0]:
                self.close()
                raise TimeoutError
            found: dict[str, Any] = json.loads(parent.stdout.readline())
        except (BrokenPipeError, ValueError):
            self.close()
            raise MeasurementError("the process that others are forked from has ended") from None
        return found

    def close(self) -> None:
        """End it."""
        if self._parent is not None:
            self._parent.kill()
            self._parent.communicate()
            self._parent = None

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[str]:
        if self._parent is None:
            self._parent = subprocess.Popen(
                self.machine.command("problems.deployment.worker", "serve"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=self.machine.environment(),
            )
        return self._parent
