"""Measure one plan: start or fork a process for it, and read what that observed of itself."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from problems.deployment.device import Device
from problems.deployment.machine import Machine
from problems.deployment.nursery import FORKS, Nursery
from problems.deployment.plan import Plan
from problems.deployment.process import MeasurementError
from problems.deployment.timing import Timing


class OutOfMemoryError(MeasurementError):
    """The kernel killed the process of a plan, for it took more than the device has."""


def measure(
    plan: Plan,
    device: Device,
    timing: Timing,
    inputs: Path | None = None,
    timeout: float = 120.0,
    nursery: Nursery | None = None,
    shared: bool = False,
) -> dict[str, Any]:
    """Run `plan` in a process of its own on `device`; what `worker.observe` returns.

    inputs: .npy file of images (n, channels, r, r); each run takes the next one, and `classes` tells
    what they were classified as. None: one image of noise. nursery: forks the process where the engine
    allows it; None: Python and the engine start anew; shared: processes compete on its cores, so that
    `latency_ms` is the mean of the runs, as under a quota, and not their median.
    Raises OutOfMemoryError when the device's memory limit killed it, and MeasurementError, naming the
    strategy, when it fails otherwise.
    """
    there = device.machine
    job = {
        "plan": json.loads(placed(plan, there).to_json()),
        "cores": None if device.cores is None else device.cpus,
        "limits": [device.cpu_quota, device.memory_limit_mib],
        "timing": asdict(timing),
        "inputs": None if inputs is None else there.put(str(inputs)),
    }
    try:
        forks = nursery is not None and plan.engine in FORKS
        found = nursery.ask(job, timeout) if forks else _fresh(job, there, timeout)  # type: ignore[union-attr]
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        raise MeasurementError(
            f"strategy {plan.strategy} did not finish in {timeout:g} s; give more or leave it out"
        ) from error
    if "failed" in found:
        raise MeasurementError(
            f"strategy {plan.strategy} could not be measured: {found['failed']}; "
            "see whether the plan loads here: problems.deployment.engines.load"
        )
    if "killed" in found:
        raise OutOfMemoryError(
            f"strategy {plan.strategy} was killed: it takes more than the {device.memory_limit_mib:g} MiB "
            f"that device {device.name} allows; raise memory_limit_mib, or leave it out"
        )
    if shared or device.cpu_quota is not None:
        # A run is either undisturbed or stopped until it is its turn again: what it takes is the mean.
        found["latency_ms"] = found["mean_ms"]
    return found


def _fresh(job: dict[str, Any], there: Machine, timeout: float) -> dict[str, Any]:
    """What a process says that is started for the job, or why it failed."""
    child = subprocess.run(
        there.command("problems.deployment.worker"),
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=timeout,
        env=there.environment(),
    )
    try:
        found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        told = (child.stderr.strip().splitlines() or ["no message"])[-1]
        return {"failed": f"{told} (exit status {child.returncode})"}
    return found


def placed(plan: Plan, machine: Machine) -> Plan:
    """The plan with its files as they are named on a machine, where they are put."""
    return replace(plan, model=machine.put(plan.model), parts=tuple(map(machine.put, plan.parts)))
