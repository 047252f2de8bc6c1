"""Confinement: control groups that hold a process to a share of the processor and to so much memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dmo.errors import DmoError

MOUNT = Path("/sys/fs/cgroup")
PERIOD_US = 2000  # short, for a run of a network lasts no longer; a quota is at least half of it
OWN = Path("/proc/self/cgroup")


class ConfinementError(DmoError):
    """This host cannot enforce a limit."""


@dataclass(frozen=True)
class Groups:
    """Control groups of one process. joined: the files into which it writes 0 to join."""

    folders: tuple[Path, ...]
    events: Path | None

    @property
    def joined(self) -> list[str]:
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def kills(self) -> int:
        """How many processes the kernel killed because they took more memory than allowed."""
        if self.events is None:
            return 0
        fields = dict(line.split() for line in self.events.read_text().splitlines())
        return int(fields.get("oom_kill", 0))


@contextmanager
def confined(cpu_quota: float | None, memory_mib: float | None, mount: Path = MOUNT) -> Iterator[Groups]:
    """Control groups with these limits, removed afterwards; their processes have to be gone by then.

    cpu_quota: processors, 0.5 is half of one; memory_mib: what a process takes after it joined. Version 1
    and version 2 of control groups are used where they are mounted with the controllers that are needed.
    Raises ConfinementError, saying what is missing, where the limits cannot be enforced.
    """
    made: list[Path] = []
    name = f"dmo-{os.getpid()}"
    try:
        try:
            if (mount / "cgroup.controllers").is_file():
                groups = _version_2(cpu_quota, memory_mib, mount, name, made)
            else:
                groups = _version_1(cpu_quota, memory_mib, mount, name, made)
        except OSError as error:
            raise ConfinementError(
                f"this host does not let us limit processes ({error}); run as root on Linux with control "
                "groups, or choose a device without cpu_quota and memory_limit_mib"
            ) from error
        yield groups
    finally:
        for folder in reversed(made):
            folder.rmdir()


def _version_1(
    cpu_quota: float | None, memory_mib: float | None, mount: Path, name: str, made: list[Path]
) -> Groups:
    events = None
    if cpu_quota is not None:
        folder = _made(_home(mount, "cpu") / name, made)
        (folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (folder / "cpu.cfs_quota_us").write_text(str(round(cpu_quota * PERIOD_US)))
    if memory_mib is not None:
        folder = _made(_home(mount, "memory") / name, made)
        (folder / "memory.limit_in_bytes").write_text(str(round(memory_mib * 2**20)))
        events = folder / "memory.oom_control"
    return Groups(tuple(made), events)


def _version_2(
    cpu_quota: float | None, memory_mib: float | None, mount: Path, name: str, made: list[Path]
) -> Groups:
    folder = _made(mount / name, made)
    if cpu_quota is not None:
        (folder / "cpu.max").write_text(f"{round(cpu_quota * PERIOD_US)} {PERIOD_US}")
    if memory_mib is not None:
        (folder / "memory.max").write_text(str(round(memory_mib * 2**20)))
    return Groups(tuple(made), folder / "memory.events" if memory_mib is not None else None)


def _home(mount: Path, controller: str) -> Path:
    """Below the group that this process is in: what limits us limits what we start."""
    for line in OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            own = mount / controller / path.lstrip("/")
            return own if own.is_dir() else mount / controller  # a container may show another root
    raise FileNotFoundError(f"no control group of {controller}")


def _made(folder: Path, made: list[Path]) -> Path:
    folder.mkdir()
    made.append(folder)
    return folder
