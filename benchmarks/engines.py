"""Latency and memory of one network under every engine, by fresh processes: python -m benchmarks.engines

The full ResNet that ships (32 px), one thread; branches with two, also at 64 px. Plans are made first, with
batch-norm statistics of few images, and kept in --folder (--prepare stops there). Rounds are interleaved;
each figure is the median of them, latency with its range. Measure on an idle machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hydra import compose, initialize_config_dir

from experiments.entry import CONF, build
from problems.deployment import engines
from problems.deployment.device import Device
from problems.deployment.measure import measure
from problems.deployment.prepare import Workshop
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing

COLUMNS = ("latency_ms", "load_peak_mib", "rest_mib", "run_peak_mib")
TORCH, PORTABLE = {"engine": "executorch"}, {"engine": "executorch", "delegate": False}
ROWS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("ONNX Runtime, fp32", "resnet", {}),
    ("ONNX Runtime, fp32, preoptimised", "resnet", {"preoptimised": True}),
    ("ONNX Runtime, int8", "resnet", {"precision": "int8"}),
    ("OpenVINO, fp32", "resnet", {"engine": "openvino"}),
    ("OpenVINO, fp32, preoptimised", "resnet", {"engine": "openvino", "preoptimised": True}),
    ("OpenVINO, int8", "resnet", {"engine": "openvino", "precision": "int8"}),
    ("ExecuTorch, fp32, XNNPACK", "resnet", TORCH),
    ("ExecuTorch, int8, XNNPACK", "resnet", {**TORCH, "precision": "int8"}),
    ("ExecuTorch, fp32, portable, greedy arena", "resnet", {**PORTABLE, "planner": "greedy"}),
    ("ExecuTorch, fp32, portable, our arena", "resnet", {**PORTABLE, "planner": "ours"}),
    ("ONNX Runtime, fp32, 2 segments", "resnet", {"segments": 2}),
    ("ONNX Runtime, fp32, 2 segments, preoptimised", "resnet", {"segments": 2, "preoptimised": True}),
    ("ONNX Runtime, fp32, 4 segments, preoptimised", "resnet", {"segments": 4, "preoptimised": True}),
    ("ONNX Runtime, fp32, rank 75 %", "resnet", {"rank": 75}),
    ("ONNX Runtime, fp32, rank 50 %", "resnet", {"rank": 50}),
    ("ONNX Runtime, fp32, rank 25 %", "resnet", {"rank": 25}),
    ("ONNX Runtime, fp32, 2 threads", "resnet", {"threads": 2}),
    ("ONNX Runtime, fp32, 2 threads, 2 branches", "resnet", {"threads": 2, "branches": 2}),
    ("160 px: ONNX Runtime, fp32", "resnet160", {}),
    ("160 px: ONNX Runtime, fp32, 2 threads", "resnet160", {"threads": 2}),
    ("160 px: ONNX Runtime, fp32, 2 threads, 2 branches", "resnet160", {"threads": 2, "branches": 2}),
    (
        "160 px: ONNX Runtime, fp32, 4 segments, preoptimised",
        "resnet160",
        {"segments": 4, "preoptimised": True},
    ),
)


def main() -> None:
    """Prepare, measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("runs/engines"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prepare", action="store_true", help="make the plans only")
    options = parser.parse_args()
    plans = {}
    with initialize_config_dir(str(CONF), version_base="1.3"):
        shops = {
            name: Workshop(
                network := build(cell.network), network.load(), build(cell.data), options.folder, 100, 32
            )
            for name in ("resnet", "resnet160")
            for cell in [compose("profile", [f"network={name}"])]
        }
    for label, name, choices in ROWS:
        strategy = Strategy(shops[name].network.elastic.largest, **choices)
        if engines.version(strategy.engine) is None:
            print(f"left out, not installed: {label}")
            continue
        plans[label] = shops[name].plan(strategy), shops[name].probes(strategy.shape.resolution)
    if options.prepare:
        return
    found: dict[str, list[dict[str, Any]]] = {label: [] for label in plans}
    for _ in range(options.rounds):
        for label, (plan, inputs) in plans.items():
            found[label].append(measure(plan, Device(), Timing(runs=20, seconds=0.2, most=1.5), inputs))
    print("| what | latency ms | load peak | at rest | run peak |\n|---|---|---|---|---|")
    for label, visits in found.items():
        cells = []
        for column in COLUMNS:
            values = np.array([visit[column] for visit in visits])
            spread = f" ({values.min():.2f} to {values.max():.2f})" if column == "latency_ms" else ""
            cells.append(f"{np.median(values):.{2 if spread else 1}f}{spread}")
        print(f"| {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
