"""Measure strategies of a network on this machine and write the table of what they cost.

python -m experiments.profile network=resnet device=host
python -m experiments.profile network=onnx network.file=PATH device=host
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig, OmegaConf

from dmo.checks import at_least
from experiments._progress import Bar
from experiments.entry import build, entry
from problems.deployment.onnx_file import OnnxFile, OnnxWorkshop
from problems.deployment.prepare import Workshop
from problems.deployment.process import keep_freed_memory
from problems.deployment.profiler import Profiler, read_strategies
from problems.deployment.sampling import sample
from problems.deployment.space import StrategySpace
from problems.deployment.table import Table


@entry("profile")
def run(config: DictConfig) -> None:
    """Profile what `config` names."""
    import torch

    at_least("samples", config.samples, 1)
    at_least("seed", config.seed, 0)
    at_least("threads", config.threads, 1)
    torch.set_num_threads(config.threads)
    keep_freed_memory()  # of what prepares; what is measured runs in processes of its own
    network, device, profiler = (build(config[key]) for key in ("network", "device", "profiler"))
    out = Path(config.out)
    shop = workshop(network, profiler, config)
    options = {**OmegaConf.to_container(config.space), "threads": device.threads}
    space = (
        network.space(profiler.folder, **options)
        if isinstance(network, OnnxFile)
        else StrategySpace(network.elastic, inert=network.inert, **options)
    )
    known = None
    if config.strategies:
        rows = {"chosen": read_strategies(Path(config.strategies), space)}
        if out.is_file():
            known = Table.load(out)
            known.check(space)
    else:
        rows = {"sample": sample(space, config.samples, config.seed)}
    with Bar("prepare", "strategy") as prepare, Bar("measure", "visit") as measure:

        def progress(phase: str, done: int, total: int) -> None:
            if phase == "measure":
                prepare.close()
            {"prepare": prepare, "measure": measure}[phase](done, total)

        table = profiler.profile(rows, space, shop, device, progress, known)
    if table is None:
        print(f"prepared {sum(map(len, rows.values()))} strategies; nothing measured yet")
        return
    command = " ".join(["python -m experiments.profile", *sys.argv[1:]])
    replace(table, meta={**table.meta, "command": command}).save(out)
    print(summary(table))
    print(f"wrote {out}; fit a surrogate to it with: python -m experiments.fit table={out}")


def workshop(network: Any, profiler: Profiler, config: DictConfig) -> Workshop | OnnxWorkshop:
    """What prepares the strategies of an elastic network, or of an ONNX file."""
    if isinstance(network, OnnxFile):
        return OnnxWorkshop(network, profiler.folder, profiler.calibration)
    weights = network.load(Path(config.weights) if config.weights else None)
    data = build(config.data)
    return Workshop(network, weights, data, profiler.folder, profiler.recalibration, profiler.calibration)


def summary(table: Table) -> str:
    """A few lines on what the table holds."""
    chosen, spread = table.source.count("chosen"), np.median(table["latency_spread"])
    low, high = ({k: f(table[k]) for k in table.columns} for f in (np.min, np.max))
    lines = [
        f"{len(table)} strategies ({chosen} chosen), {table['visits'].sum():.0f} visits",
        f"latency {low['latency_ms']:.2f} to {high['latency_ms']:.2f} ms, median spread {spread:.1%}",
        f"memory {low['memory_mib']:.1f} to {high['memory_mib']:.1f} MiB",
        f"{table.meta['data'].split()[0]} {low['accuracy']:.2%} to {high['accuracy']:.2%}",
    ]
    failed = table.meta["failed"]
    lines += [f"failed: {reason}" for reason in failed.values()]
    if table.meta["disagree"]:
        lines.append(f"{table.meta['disagree']} fp32 visits classified an image otherwise than torch")
    return "\n".join(lines)


if __name__ == "__main__":
    run()
