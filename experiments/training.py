"""Train an elastic network, see what its subnets reach, and write the weights."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from experiments._progress import Bar
from problems.deployment.cost import cost
from problems.deployment.elastic.recalibrate import accuracy, recalibrate
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.elastic.training import Recipe, train
from problems.deployment.images import FashionMNIST, to_input
from problems.deployment.network import Network, read


def train_and_write(
    network: Network,
    data: FashionMNIST,
    recipe: Recipe,
    seed: int,
    folder: Path,
    out: Path | None = None,
    recalibration: int = 2000,
    subnets: int = 4,
    start: Path | None = None,
    half: bool = False,
) -> list[dict[str, Any]]:
    """Train, or go on from `folder`, evaluate on the test images and write the weights.

    start: file of weights to start from, of this network or of a smaller one of the same widths; half:
    write them as float16, which is what the accuracies are then of.

    Returns a row for the largest, the smallest and `subnets` random subnets: their sizes and the share
    of the test images they classify correctly, with batch-norm statistics of training images.
    """
    begin = read(start, "name weights that experiments.train wrote")[0] if start else None
    checkpoint = folder / "checkpoint.pt"
    with Bar(f"train {network.name}", "step") as bar:
        weights = train(network.module, network.elastic, data.train, recipe, seed, checkpoint, bar, begin)
    if half:
        weights = {name: p.half().float() for name, p in weights.items()}
    rows = [
        evaluate(network, weights, shape, data, recalibration)
        for shape in shapes(network.elastic, subnets, seed)
    ]
    note = {
        "command": " ".join(["python -m experiments.train", *sys.argv[1:]]),
        "recipe": asdict(recipe),
        "seed": seed,
        "accuracies": rows,
        "test_images": len(data.test),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    network.save(weights, out or network.weights_file, note, half)
    return rows


def shapes(elastic: Elastic, subnets: int, seed: int) -> list[Shape]:
    """The largest, the smallest and some random shapes."""
    rng = np.random.default_rng(seed)
    return [elastic.largest, elastic.smallest, *(elastic.sample(rng) for _ in range(subnets))]


def evaluate(
    network: Network, weights: dict[str, Tensor], shape: Shape, data: FashionMNIST, recalibration: int
) -> dict[str, Any]:
    """Sizes of one subnet and its accuracy on the test images."""
    module = network.subnet(weights, shape)
    recalibrate(module, to_input(data.train.pixels[:recalibration], shape.resolution))
    paper = cost(network.module, shape)
    return {
        "shape": asdict(shape),
        "multiply_adds": int(paper.macs),
        "parameters": int(paper.parameters),
        "accuracy": accuracy(module, data.test, shape.resolution),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as aligned text."""
    lines = [
        f"{'width':<18}{'depth':<14}{'resolution':>10}{'mult-adds':>13}{'parameters':>12}{'accuracy':>10}"
    ]
    for row in rows:
        shape = row["shape"]
        width, depth = ("-".join(map(str, shape[k])) for k in ("width", "depth"))
        depth += "" if shape.get("exit") is None else f" exit {shape['exit']}"
        lines.append(
            f"{width:<18}{depth:<14}{shape['resolution']:>10}{row['multiply_adds']:>13,}"
            f"{row['parameters']:>12,}{row['accuracy']:>10.2%}"
        )
    return "\n".join(lines)
