"""What this host tells of its memory, load and pressure at one moment."""

from __future__ import annotations

from pathlib import Path

from dmo.errors import DataError
from problems.deployment.device import usable_cores

NAMES = (
    "memory_available_mib",
    "memory_total_mib",
    "load_1",  # processes that run or wait for a core, mean of a minute
    "cores",
    "cpu_some_avg10",  # percentage of 10 s in which some process waited for a core; 0 where not told
    "memory_some_avg10",  # or for memory
)


def sample(proc: Path = Path("/proc")) -> dict[str, float]:
    """One value for each of NAMES. Raises DataError where there is no Linux /proc."""
    try:
        memory = {
            name: float(rest.split()[0]) / 1024.0
            for name, _, rest in (line.partition(":") for line in (proc / "meminfo").read_text().splitlines())
            if name in ("MemAvailable", "MemTotal")
        }
        load = float((proc / "loadavg").read_text().split()[0])
        values = (memory["MemAvailable"], memory["MemTotal"], load, float(len(usable_cores())))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise DataError(
            f"recording needs Linux's /proc ({error}); record there, or use the trace that ships"
        ) from error
    pressure = [_some(proc / "pressure" / part) for part in ("cpu", "memory")]
    return dict(zip(NAMES, (*values, *pressure), strict=True))


def _some(file: Path) -> float:
    """avg10 of the line `some` of a pressure file; 0 where the kernel keeps none."""
    try:
        fields = dict(word.split("=") for word in file.read_text().splitlines()[0].split()[1:])
        return float(fields["avg10"])
    except (OSError, ValueError, KeyError, IndexError):
        return 0.0
