"""Measure one plan in a fresh process: python -m problems.deployment.worker OPTIONS < plan.json

The process imports NumPy, the engine and the small core of dmo, never torch or onnx; it prints one
line of JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import ArgumentError, DmoError
from problems.deployment import engines
from problems.deployment.confinement import confined
from problems.deployment.device import Device
from problems.deployment.plan import Plan

ROOT = Path(__file__).resolve().parents[2]

# y = Relu(x) in ONNX (opset 13): all that an engine needs to start its runtime.
RELU = (
    b'\x08\x08\x12\x00:3\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n'
    b"\x02\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)


class MeasurementError(DmoError):
    """A plan could not be measured."""


class OutOfMemoryError(MeasurementError):
    """The kernel killed the process of a plan, for it took more than the device has."""


@dataclass(frozen=True)
class Timing:
    """How long to time: `warmup` runs untimed, then at least `runs` and `seconds`, at most `most`."""

    runs: int = 30
    seconds: float = 0.25
    most: float = 0.6
    warmup: int = 5

    def __post_init__(self) -> None:
        at_least("timing.runs", self.runs, 1)
        at_least("timing.warmup", self.warmup, 0)
        at_least("timing.seconds", self.seconds, 0.0)
        at_least("timing.most", self.most, 0.0)
        if self.seconds > self.most:
            raise ArgumentError(
                "timing.seconds", f"at most timing.most = {self.most}", repr(self.seconds), "raise most"
            )


def measure(
    plan: Plan, device: Device, timing: Timing, inputs: Path | None = None, timeout: float = 120.0
) -> dict[str, Any]:
    """Run `plan` in a fresh process on `device`; what the module's `observe` returns.

    inputs: .npy file of images (n, channels, r, r); each run takes the next one, and `classes` tells
    what they were classified as. None: one image of noise.
    Raises OutOfMemoryError when the device's memory limit killed it, and MeasurementError, naming the
    strategy, when it fails otherwise.
    """
    job = {
        "plan": json.loads(plan.to_json()),
        "cores": device.cores,
        "limits": [device.cpu_quota, device.memory_limit_mib],
        "timing": asdict(timing),
        "inputs": None if inputs is None else str(inputs),
    }
    path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
    try:
        child = subprocess.run(
            [sys.executable, "-m", "problems.deployment.worker"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=timeout,
            # A linear-algebra library's own threads would cost memory and are never used.
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise MeasurementError(
            f"strategy {plan.strategy} did not finish in {timeout:g} s; give more or leave it out"
        ) from error
    try:
        found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        told = (child.stderr.strip().splitlines() or ["no message"])[-1]
        raise MeasurementError(
            f"strategy {plan.strategy} could not be measured: {told} (exit status {child.returncode}); "
            "see whether the plan loads here: problems.deployment.engines.load"
        ) from None
    if "killed" in found:
        raise OutOfMemoryError(
            f"strategy {plan.strategy} was killed: it takes more than the {device.memory_limit_mib:g} MiB "
            f"that device {device.name} allows; raise memory_limit_mib, or leave it out"
        )
    if device.cpu_quota is not None:
        # A run is either undisturbed or stopped until the next period: what it takes is the mean.
        found["latency_ms"] = found["mean_ms"]
    return found


def observe(
    plan: Plan,
    cores: Sequence[int] | None,
    timing: Timing,
    inputs: NDArray[np.float32],
    join: Sequence[str] = (),
) -> dict[str, Any]:
    """Load and run `plan` in this process, which ought to be a fresh one.

    join: files of control groups that the process writes itself into once the engine has started.
    Latencies in ms of one image: latency (median), p10, p95, mean, runs, load_ms, first_run_ms.
    Memory in MiB over base_mib, that of the process with a started engine: load_peak_mib while
    loading, rest_mib after it, when freed memory went back to the system, and run_peak_mib while
    running. Context of the timed runs, as shares of all cores: steal, by the hypervisor; busy, by
    other processes; and switches, how often the main thread had to make room.
    """
    if cores is not None:
        os.sched_setaffinity(0, cores)
    _start(plan)
    _reset_peak()
    for file in join:
        Path(file).write_text("0")
    base = _memory("VmRSS")
    clock = time.perf_counter()
    session = engines.load(plan)
    load = time.perf_counter() - clock
    load_peak = _memory("VmHWM")
    _reset_peak()
    rest = _memory("VmRSS")

    images = [inputs[i : i + 1] for i in range(len(inputs))]
    classes = [int(session(images[0]).argmax())]
    first_run = time.perf_counter() - clock - load
    for i in range(timing.warmup):
        session(images[i % len(images)])
    before = _Context.now()
    seconds: list[float] = []
    total = 0.0
    while (len(seconds) < timing.runs or total < timing.seconds) and total < timing.most:
        image = images[len(seconds) % len(images)]
        clock = time.perf_counter()
        session(image)
        seconds.append(time.perf_counter() - clock)
        total += seconds[-1]
    context = _Context.now().since(before)
    run_peak = _memory("VmHWM")
    classes += [int(session(image).argmax()) for image in images[1:]]

    ms = np.array(seconds) * 1e3
    p10, median, p95 = np.percentile(ms, [10, 50, 95])
    figures = {
        "latency_ms": median,
        "p10_ms": p10,
        "p95_ms": p95,
        "mean_ms": ms.mean(),
        "load_ms": load * 1e3,
        "first_run_ms": first_run * 1e3,
        "base_mib": base,
        "load_peak_mib": load_peak - base,
        "rest_mib": rest - base,
        "run_peak_mib": run_peak - base,
        **context,
    }
    return {"runs": len(ms), **{k: round(float(v), 4) for k, v in figures.items()}, "classes": classes}


@dataclass(frozen=True)
class _Context:
    """Time since the machine or this process started, in ticks and seconds."""

    total: int
    idle: int
    steal: int
    own: float
    switches: int

    @classmethod
    def now(cls) -> _Context:
        total, idle, steal = ticks()
        switches = int(_status("nonvoluntary_ctxt_switches"))
        return cls(total, idle, steal, time.process_time(), switches)

    def since(self, before: _Context) -> dict[str, float]:
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
    user, nice, system, idle, wait, irq, soft, steal = map(int, _read("/proc/stat").split()[1:9])
    return user + nice + system + idle + wait + irq + soft + steal, idle + wait, steal


def _start(plan: Plan) -> None:
    """Load a network of one node first: what an engine sets up once is no strategy's memory or time."""
    if engines.start(plan):
        return
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(RELU)
        file.flush()
        bare = replace(plan, model=file.name, level="disabled", passes_off=(), threads=1, parts=())
        engines.load(bare)(np.zeros(1, np.float32))


def _reset_peak() -> None:
    """Give freed memory back to the system, and let the peak start from what is left."""
    with contextlib.suppress(OSError, AttributeError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError as error:
        raise MeasurementError(_NO_PROC.format(error)) from error


def _memory(name: str) -> float:
    """A size in /proc/self/status, in MiB."""
    return int(_status(name)) / 1024


def _status(name: str) -> str:
    for line in _read("/proc/self/status").splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1]
    raise MeasurementError(_NO_PROC.format(f"{name} is missing"))


_NO_PROC = "measuring memory needs Linux's /proc ({}); profile on Linux, or use the table that ships"


def _read(file: str) -> str:
    try:
        return Path(file).read_text()
    except OSError as error:
        raise MeasurementError(_NO_PROC.format(error)) from error


def _confined(job: dict[str, Any], cpu_quota: float | None, memory_mib: float | None) -> dict[str, Any]:
    """What another process observes within control groups that this one makes and removes."""
    with confined(cpu_quota, memory_mib) as groups:
        child = subprocess.run(
            [sys.executable, "-m", "problems.deployment.worker"],
            input=json.dumps({**job, "join": groups.joined}),
            capture_output=True,
            text=True,
        )
        if child.returncode and groups.kills():
            return {"killed": "out of memory"}
    try:
        found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        told = (child.stderr.strip().splitlines() or ["no message"])[-1]
        raise MeasurementError(f"{told} (exit status {child.returncode})") from None
    return found


def main() -> None:
    """The process that measures, or that confines the one that does."""
    try:
        job = json.loads(sys.stdin.read())
        plan = Plan.from_json(json.dumps(job["plan"]))
        limits = job.pop("limits", [None, None])
        if limits != [None, None]:
            print(json.dumps(_confined(job, *limits)))
            return
        if job["inputs"] is None:
            side = plan.resolution
            inputs = np.random.default_rng(0).standard_normal((1, 1, side, side)).astype(np.float32)
        else:
            inputs = np.load(job["inputs"])
        print(json.dumps(observe(plan, job["cores"], Timing(**job["timing"]), inputs, job.get("join", ()))))
    except (DmoError, OSError) as error:
        print(str(error).replace("\n", " "), file=sys.stderr)
        sys.exit(1)
    except (ValueError, KeyError, TypeError) as error:
        print(f"stdin is no job ({error!r}); use problems.deployment.worker.measure", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
