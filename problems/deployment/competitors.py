"""Competitors: processes that take processor time and memory bandwidth while something is measured.

python -m problems.deployment.competitors compute|traffic < PIPE runs one until the pipe is closed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from problems.deployment.machine import Here, Machine

KINDS = ("compute", "traffic")
# Of each level of contention, the processes on every core of the device.
LEVELS: tuple[tuple[str, ...], ...] = ((), ("compute",), ("compute", "traffic"))
BYTES = 32 * 2**20  # that one pass moves: more than the caches hold


@contextmanager
def competing(level: int, cores: Sequence[int], machine: Machine | None = None) -> Iterator[None]:
    """Those of a level of contention, each on its core, for as long as the block lasts.

    machine: where, None for here.
    """
    there = machine or Here()
    jobs = [(kind, core) for core in cores for kind in LEVELS[level]]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for kind, core in jobs:
            running.append(
                subprocess.Popen(
                    there.command("problems.deployment.competitors", kind, str(core)),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=there.environment(),
                )
            )
        for child in running:
            assert child.stdout is not None
            child.stdout.readline()  # it says so when it has begun
        yield
    finally:
        for child in running:
            child.kill()  # one that runs elsewhere ends when its standard input does
            child.communicate()


def main(kind: str, core: str) -> None:
    """Compete on one core until standard input is closed, whatever happens to who started us."""
    os.sched_setaffinity(0, [int(core)])
    threading.Thread(target=_watch, daemon=True).start()
    print("competing", flush=True)
    {"compute": _compute, "traffic": _traffic}[kind]()


def _watch() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _compute() -> None:
    value = 1
    while True:
        for _ in range(10_000):
            value = (value * 1103515245 + 12345) % 2147483648


def _traffic() -> None:
    import numpy as np

    source = np.ones(BYTES // 8)
    target = np.empty_like(source)
    while True:
        np.copyto(target, source)


if __name__ == "__main__":
    main(*sys.argv[1:])
