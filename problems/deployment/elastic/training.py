"""Train all subnets of an elastic network at once: sandwich rule and in-place distillation."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy, interpolate, kl_div, log_softmax, softmax

from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError, DataError
from dmo.files import replacing
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.elastic.sharing import corners
from problems.deployment.images import MEAN, STD, Images

Progress = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class Recipe:
    """How to train.

    epochs: over the training images; batch: images a step; lr: the peak of a one-cycle schedule,
    reached after a share `warmup` of the steps; random_subnets: trained in each step besides the
    largest and the smallest; bf16: multiply in bfloat16, keep weights in fp32.
    """

    epochs: int = 8
    batch: int = 128
    lr: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warmup: float = 0.15
    random_subnets: int = 2
    bf16: bool = True

    def __post_init__(self) -> None:
        at_least("epochs", self.epochs, 1)
        at_least("batch", self.batch, 1)
        at_least("random_subnets", self.random_subnets, 0)
        for name in ("lr", "momentum", "weight_decay"):
            at_least(name, getattr(self, name), 0.0)
        fraction("warmup", self.warmup)


def train(
    build: Callable[[Sequence[int], Sequence[int]], nn.Module],
    elastic: Elastic,
    images: Images,
    recipe: Recipe,
    seed: int,
    checkpoint: Path,
    progress: Progress,
) -> dict[str, Tensor]:
    """Shared weights of all subnets, by parameter name of the full network.

    Each step trains the largest subnet on the labels and the smallest and some random ones on the
    largest one's outputs. After every epoch the state is written to `checkpoint`, from which a
    killed training goes on. progress(step, steps, figures) is called after each step.
    Source: Yu & Huang, Universally Slimmable Networks (2019), section 3; Yang et al., MutualNet
    (2020), for the sampled resolutions.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)  # initial weights only; every other draw comes from rng
    full = build(elastic.largest.width, elastic.largest.depth)
    weights = {name: p.detach().clone().requires_grad_(True) for name, p in full.named_parameters()}
    decayed = [p for p in weights.values() if p.ndim > 1]
    plain = [p for p in weights.values() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.SGD(groups, lr=0.0, momentum=recipe.momentum, nesterov=True)
    identity = json.dumps({"elastic": asdict(elastic), "recipe": asdict(recipe), "seed": seed})
    first = _resume(checkpoint, identity, weights, optimiser, rng)
    skeletons: dict[tuple[tuple[int, ...], tuple[int, ...]], nn.Module] = {}

    def logits(shape: Shape, x: Tensor) -> Tensor:
        key = shape.width, shape.depth
        if key not in skeletons:
            skeletons[key] = build(*key).train()
        sized = interpolate(x, size=shape.resolution, mode="bilinear", antialias=True, align_corners=False)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            out: Tensor = functional_call(
                skeletons[key], corners(weights, skeletons[key]), sized.to(memory_format=torch.channels_last)
            )
        return out.float()

    per_epoch = len(images) // recipe.batch
    if per_epoch == 0:
        raise ArgumentError(
            "recipe.batch", f"at most the {len(images)} training images", str(recipe.batch), "use fewer"
        )
    steps = per_epoch * recipe.epochs
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    for epoch in range(first, recipe.epochs):
        order = torch.from_numpy(rng.permutation(len(images)))
        for i in range(per_epoch):
            step = epoch * per_epoch + i
            for group in optimiser.param_groups:
                group["lr"] = recipe.lr * _one_cycle(step / steps, recipe.warmup)
            rows = order[i * recipe.batch : (i + 1) * recipe.batch]
            x, y = _augment(pixels[rows], rng), labels[rows]
            optimiser.zero_grad()
            # Backward at once after each subnet: memory stays that of the largest.
            out = logits(elastic.largest, x)
            loss = cross_entropy(out, y)
            loss.backward()
            soft = softmax(out.detach(), dim=1)
            for shape in (elastic.smallest, *(elastic.sample(rng) for _ in range(recipe.random_subnets))):
                kl_div(log_softmax(logits(shape, x), dim=1), soft, reduction="batchmean").backward()
            optimiser.step()
            progress(
                step + 1,
                steps,
                {"loss": float(loss.detach()), "accuracy": float((out.argmax(1) == y).float().mean())},
            )
        _save(checkpoint, identity, weights, optimiser, rng, epoch + 1)
    return {name: p.detach() for name, p in weights.items()}


def _one_cycle(done: float, warmup: float) -> float:
    if done < warmup:
        return done / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (done - warmup) / (1.0 - warmup)))


def _augment(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """Normalised (n, 1, 28, 28), each image shifted by up to 2 pixels and mirrored half of the time."""
    n, side = len(pixels), pixels.shape[-1]
    padded = torch.nn.functional.pad(pixels, (2, 2, 2, 2))
    dx, dy = (torch.from_numpy(rng.integers(0, 5, n)) for _ in range(2))
    grid = torch.arange(side)
    rows, columns = dy[:, None] + grid, dx[:, None] + grid
    mirror = torch.from_numpy(rng.random(n) < 0.5)
    columns = torch.where(mirror[:, None], columns.flip(1), columns)
    shifted = padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return ((shifted.float() / 255.0 - MEAN) / STD).unsqueeze(1)


def _resume(
    checkpoint: Path,
    identity: str,
    weights: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> int:
    if not checkpoint.is_file():
        return 0
    try:
        state = torch.load(checkpoint, weights_only=True)
    except Exception as error:  # torch.load names no error of its own
        raise DataError(f"{checkpoint} is damaged ({error}); delete it to train from the start") from error
    if state["identity"] != identity:
        raise DataError(
            f"{checkpoint} is of another recipe, seed or set of sizes; "
            "delete it, or choose another folder=FOLDER"
        )
    with torch.no_grad():
        for name, p in weights.items():
            p.copy_(state["weights"][name])
    optimiser.load_state_dict(state["optimiser"])
    rng.bit_generator.state = json.loads(state["rng"])
    return int(state["epoch"])


def _save(
    checkpoint: Path,
    identity: str,
    weights: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
    epoch: int,
) -> None:
    state = {
        "identity": identity,
        "weights": {name: p.detach() for name, p in weights.items()},
        "optimiser": optimiser.state_dict(),
        "rng": json.dumps(rng.bit_generator.state),
        "epoch": epoch,
    }
    with replacing(checkpoint) as partial:
        torch.save(state, partial)
