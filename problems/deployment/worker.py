"""The process that is measured: python -m problems.deployment.worker < JOB, as `measure` writes it.

With the word `serve` it measures nothing itself and forks a process for each line of JOBS.

It imports NumPy, the engine and the small core of dmo, never torch or onnx; it prints one
line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import DmoError
from problems.deployment import engines
from problems.deployment.confinement import confined
from problems.deployment.plan import Plan
from problems.deployment.process import Context, mapped, memory, reset_peak, touch
from problems.deployment.timing import Timing

# y = Relu(x) in ONNX (opset 13): all that an engine needs to start its runtime.
RELU = (
    b'\x08\x08\x12\x00:3\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n'
    b"\x02\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)


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
    reset_peak()
    for file in join:
        Path(file).write_text("0")
    base = memory("VmRSS")
    clock = time.perf_counter()
    session = engines.load(plan)
    load = time.perf_counter() - clock
    load_peak = memory("VmHWM")
    reset_peak()
    rest = memory("VmRSS")

    images = [inputs[i : i + 1] for i in range(len(inputs))]
    classes = [int(session(images[0]).argmax())]
    first_run = time.perf_counter() - clock - load
    for i in range(timing.warmup):
        session(images[i % len(images)])
    before = Context.now()
    seconds: list[float] = []
    total = 0.0
    while (len(seconds) < timing.runs or total < timing.seconds) and total < timing.most:
        image = images[len(seconds) % len(images)]
        clock = time.perf_counter()
        session(image)
        seconds.append(time.perf_counter() - clock)
        total += seconds[-1]
    context = Context.now().since(before)
    run_peak = memory("VmHWM")
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


def _observed(plan: Plan, job: dict[str, Any]) -> dict[str, Any]:
    if job["inputs"] is None:
        side = plan.resolution
        inputs = np.random.default_rng(0).standard_normal((1, 1, side, side)).astype(np.float32)
    else:
        inputs = np.load(job["inputs"])
    return observe(plan, job["cores"], Timing(**job["timing"]), inputs, job.get("join", ()))


def _start(plan: Plan) -> None:
    """Load a network of one node first: what an engine sets up once is no strategy's memory or time."""
    if engines.start(plan):
        return
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(RELU)
        file.flush()
        bare = replace(plan, model=file.name, level="disabled", passes_off=(), threads=1, parts=())
        engines.load(bare)(np.zeros(1, np.float32))


def _forked(job: dict[str, Any], pages: list[int]) -> dict[str, Any]:
    """What a process that is forked from this one, into control groups where the job has limits, observes
    with these pages in memory; or why it failed."""
    plan = Plan.from_json(json.dumps(job["plan"]))
    limits = job.pop("limits", [None, None])
    with ExitStack() as stack:
        groups = None if limits == [None, None] else stack.enter_context(confined(*limits))
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(read)
                touch(pages)
                with open(write, "w") as pipe:
                    try:
                        said = _observed(plan, {**job, "join": groups.joined if groups else ()})
                    except Exception as error:  # whatever it is, this process ends here
                        said = {"failed": str(error).replace("\n", " ")}
                    pipe.write(json.dumps(said))
            finally:
                os._exit(0)
        os.close(write)
        with open(read) as pipe:
            told = pipe.read()
        status = os.waitpid(child, 0)[1]
        if told:
            found: dict[str, Any] = json.loads(told)
            return found
        killed = groups is not None and groups.kills() > 0
        return {"killed": "out of memory"} if killed else {"failed": f"wait status {status}"}


def serve() -> None:
    """Answer jobs, a line each, until there are no more.

    The engine is started here once, for what that loads; what is forked starts it again, in milliseconds.
    """
    started: dict[str, list[int]] = {}
    for line in sys.stdin:
        try:
            job = json.loads(line)
            plan = Plan.from_json(json.dumps(job["plan"]))
            if plan.engine not in started:
                _start(plan)
                started[plan.engine] = mapped()
            said = _forked(job, started[plan.engine])
        except (DmoError, OSError, ValueError, KeyError, TypeError) as error:
            said = {"failed": str(error).replace("\n", " ")}
        print(json.dumps(said), flush=True)


def main() -> None:
    """The process that measures, or that confines one forked from it before any engine has started."""
    try:
        job = json.loads(sys.stdin.read())
        plan = Plan.from_json(json.dumps(job["plan"]))
        limited = job.get("limits", [None, None]) != [None, None]
        print(json.dumps(_forked(job, mapped()) if limited else _observed(plan, job)))
    except (DmoError, OSError) as error:
        print(str(error).replace("\n", " "), file=sys.stderr)
        sys.exit(1)
    except (ValueError, KeyError, TypeError) as error:
        print(f"stdin is no job ({error!r}); use problems.deployment.measure", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
