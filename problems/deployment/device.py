"""Device: what a machine enforces on a measured process, and what that machine is.

python -m problems.deployment.device tells what this one is, as JSON.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dmo.checks import at_least
from dmo.errors import ArgumentError
from problems.deployment.machine import Here, Machine, Ssh

PACKAGES = ("onnxruntime", "onnx", "torch", "numpy")


@dataclass(frozen=True)
class Device:
    """What a machine enforces on a measured process.

    name: of its files; cores: CPU numbers, or how many of those this process may use, None for all;
    cpu_quota: processors it may keep busy, 0.5 is half of one; memory_limit_mib: what it may take
    beyond a process with a started engine, more and the kernel kills it. Quota and limit need control
    groups, see confinement; whether there are any shows when something is measured. ssh: the machine it
    is, None for this one; another is asked for its cores when they are needed. Whether there are so many
    cores shows then too, for tables of a device can be used where it cannot be.
    Raises ArgumentError for a core that is not there or a limit that is none, and `cpus` and `threads` for
    more cores than there are.
    """

    name: str = "host"
    cores: tuple[int, ...] | int | None = None
    cpu_quota: float | None = None
    memory_limit_mib: float | None = None
    ssh: Ssh | None = None

    def __post_init__(self) -> None:
        if isinstance(self.cores, int):
            at_least("device.cores", self.cores, 1)
        elif self.cores is not None:
            object.__setattr__(self, "cores", tuple(map(int, self.cores)))
            if self.ssh is None:
                self._chosen(usable_cores())
        for name, least in (("cpu_quota", 0.5), ("memory_limit_mib", 1.0)):
            if getattr(self, name) is not None:
                at_least(f"device.{name}", getattr(self, name), least)

    @property
    def threads(self) -> int:
        """How many threads can run at once."""
        return len(self.cpus)

    @property
    def cpus(self) -> tuple[int, ...]:
        """The CPUs that a measured process runs on."""
        return self._chosen(usable_cores() if self.ssh is None else tuple(self.ssh.facts()["cpus"]))

    @property
    def machine(self) -> Machine:
        """Where its processes are started."""
        return self.ssh or Here()

    def describe(self) -> dict[str, Any]:
        """What the machine is, as describe_host says there."""
        if self.ssh is None:
            return describe_host()
        return {k: v for k, v in self.ssh.facts().items() if k != "cpus"}

    def identity(self) -> dict[str, Any]:
        """Its settings as JSON-able facts, without the address of a machine."""
        plain = {k: v for k, v in asdict(self).items() if k != "ssh"}
        if self.ssh is not None:
            return {**plain, "remote": True}
        return {**plain, "cores": None if self.cores is None else self.cpus}

    @property
    def confined(self) -> bool:
        """Whether control groups are needed."""
        return self.cpu_quota is not None or self.memory_limit_mib is not None

    def _chosen(self, allowed: tuple[int, ...]) -> tuple[int, ...]:
        wanted = self.cores
        if wanted is None:
            return allowed
        if isinstance(wanted, int):
            wanted = allowed[:wanted] if 1 <= wanted <= len(allowed) and wanted is not True else ()
        if not wanted or not set(wanted) <= set(allowed):
            raise ArgumentError(
                "device.cores",
                f"some of the CPUs {list(allowed)}, or how many",
                f"{self.cores}",
                "leave it null to use them all",
            )
        return wanted


def usable_cores() -> tuple[int, ...]:
    """The CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def describe_host() -> dict[str, Any]:
    """What this machine is, as JSON-able facts; None for what it does not tell."""
    cpu = _fields(Path("/proc/cpuinfo"))
    memory = _fields(Path("/proc/meminfo")).get("MemTotal")
    mhz = cpu.get("cpu MHz")
    return {
        "cpu": cpu.get("model name") or platform.processor() or None,
        "cores": len(usable_cores()),
        "caches_kib": _caches(Path("/sys/devices/system/cpu/cpu0/cache")),
        "mhz": float(mhz) if mhz else None,
        "memory_mib": int(memory.split()[0]) // 1024 if memory else None,
        "huge_pages": _chosen(Path("/sys/kernel/mm/transparent_hugepage/enabled")),
        "system": platform.system(),
        "kernel": platform.release(),
        "libc": "-".join(platform.libc_ver()),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _fields(file: Path) -> dict[str, str]:
    """The first value of each `name: value` line."""
    found: dict[str, str] = {}
    if file.is_file():
        for line in file.read_text().splitlines():
            name, _, value = line.partition(":")
            found.setdefault(name.strip(), value.strip())
    return found


def _caches(folder: Path) -> dict[str, int]:
    """Size in KiB of each cache of the first core, by level and kind, such as L1d or L2."""
    sizes = {}
    for index in sorted(folder.glob("index*")):
        try:
            level, kind, size = ((index / n).read_text().strip() for n in ("level", "type", "size"))
            sizes[f"L{level}" + {"Data": "d", "Instruction": "i"}.get(kind, "")] = int(size.rstrip("K"))
        except (OSError, ValueError):
            continue  # a virtual machine may hide any of them
    return sizes


def _chosen(file: Path) -> str | None:
    """The bracketed word of a /sys setting."""
    try:
        return file.read_text().split("[")[1].split("]")[0]
    except (OSError, IndexError):
        return None


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    print(json.dumps({"cpus": usable_cores(), **describe_host()}))
