"""Plan the memory of a network's activations and hold it against what a process really takes.

python -m experiments.plan network=resnet
python -m experiments.plan network=onnx network.file=PATH
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.files import replacing
from experiments.entry import build, entry
from experiments.memory_map import draw
from problems.deployment import plan as plans
from problems.deployment.device import Device
from problems.deployment.measure import measure
from problems.deployment.memory.buffers import Arena
from problems.deployment.memory.dataflow import Dataflow
from problems.deployment.memory.order import best_order
from problems.deployment.memory.planner import best_fit, greedy, hill_climb, naive
from problems.deployment.onnx_file import OnnxFile
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing

MIB = 2.0**20
KINDS = ("largest", "smallest")
PICTURES = (".png", ".pdf", ".svg")


@entry("plan")
def run(config: DictConfig) -> None:
    """Plan what `config` names."""
    for name, least in (("align", 1), ("width", 1), ("tries", 0), ("seed", 0), ("patches", 1)):
        at_least(name, config[name], least)
    if config.subnet not in KINDS:
        raise ArgumentError("subnet", f"one of {KINDS}", repr(config.subnet), "choose one of these")
    if not isinstance(config.measure, bool):
        raise ArgumentError("measure", "true or false", repr(config.measure), "set it to one of them")
    network, device, out = build(config.network), build(config.device), Path(config.out)
    if out.suffix not in PICTURES:
        raise ArgumentError("out", f"a name that ends in one of {PICTURES}", str(out), "name the picture so")
    strategy = Strategy(
        getattr(network.elastic, config.subnet),
        config.precision,
        threads=device.threads,
        patches=config.patches,
    )
    source, samples = material(network, strategy)
    folder = out.parent / "models"
    flow = Dataflow.read(plans.unfinished(strategy, source, samples, folder))
    own, best = tuple(range(len(flow.operators))), best_order(flow, config.width)
    buffers = {order: flow.buffers(order, config.align) for order in (own, best.operators)}
    print(f"{network.name} {strategy.shape.resolution} px {config.precision}: {len(own)} operators")
    told = "no order needs less" if best.optimal else "the best order found"
    report("lower bound, the file's order", buffers[own].lower_bound)
    report(f"lower bound, {told}", buffers[best.operators].lower_bound)
    planned = buffers[best.operators]
    arena = hill_climb(planned, np.random.default_rng(config.seed), config.tries)
    report("planned arena, every tensor its own", naive(planned).size)
    report("planned arena, ExecuTorch's greedy, the file's order", greedy(buffers[own]).size)
    report("planned arena, best fit by size", best_fit(planned).size)
    report("planned arena, hill climbing", arena.size)
    if config.measure:
        measured(plans.build(strategy, source, samples, folder), device, samples[:1], out)
    names = [flow.operators[k] for k in best.operators]
    write(arena, names, out.with_suffix(".csv"))
    print(f"figure {draw(arena, names, out)}; numbers {out.with_suffix('.csv')}")


def material(network: Any, strategy: Strategy) -> tuple[Any, Any]:
    """The source of the graph, and inputs. Sizes do not depend on weights: those of an elastic network
    are random, its inputs noise."""
    if isinstance(network, OnnxFile):
        return network.source, network.samples
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = strategy.shape.build(network.module).eval()
    side = strategy.shape.resolution
    return module, np.random.default_rng(0).standard_normal((32, 1, side, side)).astype(np.float32)


def report(what: str, size: float) -> None:
    """One line of the table."""
    print(f"{what:<56} {size / MIB:>9.3f} MiB")


def measured(plan: plans.Plan, device: Device, inputs: Any, out: Path) -> None:
    """What a fresh process takes over one with a started engine."""
    file = out.with_name(f"{out.stem}_input.npy")
    with replacing(file) as partial:
        np.save(partial, inputs)
    found = measure(plan, device, Timing(runs=5, seconds=0.0, warmup=1), file)
    report("measured, loaded and at rest (weights)", found["rest_mib"] * MIB)
    report("measured peak of a fresh process while running", found["run_peak_mib"] * MIB)
    report(
        "  of that, over its rest (activations and scratch)",
        (found["run_peak_mib"] - found["rest_mib"]) * MIB,
    )
    report("measured peak of a fresh process while loading", found["load_peak_mib"] * MIB)
    file.unlink()


def write(arena: Arena, operators: list[str], file: Path) -> None:
    """Where every buffer lies, as CSV."""
    b = arena.buffers
    with replacing(file) as partial, partial.open("w", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(["buffer", "offset", "bytes", "first_step", "last_step", "first_operator"])
        for row in zip(b.names, arena.offset, b.size, b.first, b.last, strict=True):
            writer.writerow([*row, operators[row[3]]])


if __name__ == "__main__":
    run()
