"""Device: what this host enforces on a measured process, and what the host is."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dmo.errors import ArgumentError

PACKAGES = ("onnxruntime", "onnx", "torch", "numpy")


@dataclass(frozen=True)
class Device:
    """What this host enforces: a measured process runs on `cores` only.

    name: of its files; cores: CPU numbers, None for all this process may use; cpu_quota and
    memory_limit_mib are not enforced yet and must be None.
    Raises ArgumentError for a core that is not there, or a limit that would be silently ignored.
    """

    name: str = "host"
    cores: tuple[int, ...] | None = None
    cpu_quota: float | None = None
    memory_limit_mib: float | None = None

    def __post_init__(self) -> None:
        if self.cores is not None:
            object.__setattr__(self, "cores", tuple(map(int, self.cores)))
            allowed = usable_cores()
            if not self.cores or not set(self.cores) <= set(allowed):
                raise ArgumentError(
                    "device.cores",
                    f"some of the CPUs {list(allowed)}",
                    f"{list(self.cores)}",
                    "leave it null to use them all",
                )
        for name in ("cpu_quota", "memory_limit_mib"):
            if getattr(self, name) is not None:
                raise ArgumentError(
                    f"device.{name}", "null", repr(getattr(self, name)), "limits other than cores come later"
                )

    @property
    def threads(self) -> int:
        """How many threads can run at once."""
        return len(usable_cores() if self.cores is None else self.cores)


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
