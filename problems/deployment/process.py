"""What Linux tells of this process and of the machine: memory, processor time, and who else takes it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from dmo.errors import DmoError

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
NO_PROC = "measuring memory needs Linux's /proc ({}); profile on Linux, or use the table that ships"


class MeasurementError(DmoError):
    """A plan could not be measured."""


@dataclass(frozen=True)
class Context:
    """Time since the machine or this process started, in ticks and seconds."""

    total: int
    idle: int
    steal: int
    own: float
    switches: int

    @classmethod
    def now(cls) -> Context:
        total, idle, steal = ticks()
        switches = int(_status("nonvoluntary_ctxt_switches"))
        return cls(total, idle, steal, time.process_time(), switches)

    def since(self, before: Context) -> dict[str, float]:
        """Shares of all cores' time that the hypervisor and other processes took, and how often the main
        thread had to make room."""
        total = max(self.total - before.total, 1)
        own = (self.own - before.own) * os.sysconf("SC_CLK_TCK")
        steal = self.steal - before.steal
        busy = total - (self.idle - before.idle) - steal - own
        return {
            "steal": steal / total,
            "busy": max(busy, 0.0) / total,
            "switches": self.switches - before.switches,
        }


def ticks() -> tuple[int, int, int]:
    """Ticks of all cores together: all, idle, stolen by the hypervisor."""
    user, nice, system, idle, wait, irq, soft, steal = map(int, read("/proc/stat").split()[1:9])
    return user + nice + system + idle + wait + irq + soft + steal, idle + wait, steal


def memory(name: str) -> float:
    """A size in /proc/self/status, in MiB."""
    return int(_status(name)) / 1024


def reset_peak() -> None:
    """Give freed memory back to the system, and let the peak start from what is left."""
    with contextlib.suppress(OSError, AttributeError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError as error:
        raise MeasurementError(NO_PROC.format(error)) from error


def keep_freed_memory() -> None:
    """Let this process keep what it frees, where the C library can.

    Convolutions of 112 pixels in torch took three times as long while every activation was mapped anew.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        for setting in (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD):
            libc.mallopt(setting, 2**30)


def mapped() -> list[int]:
    """Addresses of the pages of read-only files, such as libraries, that this process has in memory.

    A fork does not have them until it touches them.
    """
    size, found = os.sysconf("SC_PAGE_SIZE"), []
    with open("/proc/self/pagemap", "rb") as pages:
        for line in read("/proc/self/maps").splitlines():
            extent, rights, _, _, inode, *_ = line.split()
            if inode == "0" or rights[:2] != "r-":
                continue
            first, end = (int(address, 16) for address in extent.split("-"))
            pages.seek(first // size * 8)
            flags = struct.unpack(f"{(end - first) // size}Q", pages.read((end - first) // size * 8))
            found += [first + i * size for i, flag in enumerate(flags) if flag >> 63]
    return found


def touch(addresses: list[int]) -> None:
    """Have these pages in memory."""
    for address in addresses:
        ctypes.c_char.from_address(address).value  # noqa: B018


def read(file: str) -> str:
    """The text of a file of /proc. Raises MeasurementError where the system has none."""
    try:
        return Path(file).read_text()
    except OSError as error:
        raise MeasurementError(NO_PROC.format(error)) from error


def _status(name: str) -> str:
    for line in read("/proc/self/status").splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1]
    raise MeasurementError(NO_PROC.format(f"{name} is missing"))
