"""Train all subnets of an elastic network at once: sandwich rule and in-place distillation."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from dmo.checks import at_least, fraction
from dmo.errors import ArgumentError, DataError
from dmo.files import replacing
from problems.deployment.elastic.augment import augmented, resized, seen
from problems.deployment.elastic.shape import Build, Elastic, Shape
from problems.deployment.elastic.sharing import corners
from problems.deployment.images import Images

Progress = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class Recipe:
    """How to train.

    epochs: over the training images, 0 leaves the weights as they start; batch: images a step; lr: the
    peak of a one-cycle schedule, reached after a share `warmup` of the steps; random_subnets: trained
    in each step besides the largest and the smallest; bf16: multiply in bfloat16, keep weights in
    fp32; images: an epoch draws so many, None: all; resolution: the largest that is trained at, None:
    the network's; adam: AdamW, as transformers need (momentum is its first beta), in place of SGD
    with momentum; spread: a step shows every k-th pixel of the images made k times as large, k drawn
    from 1 to `spread`, which is what filters that are spread k times (networks/atrous.py) see of them.
    """

    epochs: int = 8
    batch: int = 128
    lr: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warmup: float = 0.15
    random_subnets: int = 2
    bf16: bool = True
    images: int | None = None
    resolution: int | None = None
    adam: bool = False
    spread: int = 1

    def __post_init__(self) -> None:
        at_least("epochs", self.epochs, 0)
        at_least("batch", self.batch, 1)
        at_least("random_subnets", self.random_subnets, 0)
        at_least("spread", self.spread, 1)
        if self.images is not None:
            at_least("images", self.images, self.batch)
        for name in ("lr", "momentum", "weight_decay"):
            at_least(name, getattr(self, name), 0.0)
        fraction("warmup", self.warmup)


def train(
    build: Build,
    elastic: Elastic,
    images: Images,
    recipe: Recipe,
    seed: int,
    checkpoint: Path,
    progress: Progress,
    start: Mapping[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """Shared weights of all subnets, by parameter name of the full network.

    start: weights to go on from, by name; those that it lacks are drawn anew.

    Each step trains the largest subnet on the labels and the smallest and some random ones on the
    largest one's outputs. After every epoch the state is written to `checkpoint`, from which a
    killed training goes on. progress(step, steps, figures) is called after each step.
    Source: Yu & Huang, Universally Slimmable Networks (2019), section 3; Yang et al., MutualNet
    (2020), for the sampled resolutions. Raises ArgumentError when a loss or a weight is not finite.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)  # initial weights only; every other draw comes from rng
    weights = {
        name: p.detach().clone().requires_grad_(True) for name, p in initial(build, elastic, start).items()
    }
    if recipe.resolution is not None:
        elastic = _limited(elastic, recipe.resolution)
    decayed = [p for p in weights.values() if p.ndim > 1]
    plain = [p for p in weights.values() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    optimiser: torch.optim.Optimizer = (
        torch.optim.AdamW(groups, lr=0.0, betas=(recipe.momentum, 0.999))
        if recipe.adam
        else torch.optim.SGD(groups, lr=0.0, momentum=recipe.momentum, nesterov=True)
    )
    identity = json.dumps(
        {
            "elastic": elastic.to_dict(),
            "recipe": asdict(recipe),
            "seed": seed,
            **({"start": _digest(start)} if start else {}),
        }
    )
    first = _resume(checkpoint, identity, weights, optimiser, rng)
    skeletons: dict[Shape, nn.Module] = {}
    layouts: dict[Shape, torch.memory_format] = {}

    def logits(shape: Shape, x: Tensor) -> Tensor:
        key = replace(shape, resolution=0)
        if key not in skeletons:
            skeletons[key] = shape.build(build).train()
        sized = resized(x, shape.resolution)
        if shape not in layouts:
            layouts[shape] = _layout(skeletons[key], sized[:1], recipe.bf16)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            out: Tensor = functional_call(
                skeletons[key], corners(weights, skeletons[key]), sized.to(memory_format=layouts[shape])
            )
        return out.float()

    per_epoch = min(recipe.images or len(images), len(images)) // recipe.batch
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
            x, y = seen(augmented(pixels[rows], rng), recipe.spread, rng), labels[rows]
            optimiser.zero_grad()
            # Backward at once after each subnet: memory stays that of the largest.
            out = logits(elastic.largest, x)
            loss = cross_entropy(out, y)
            _check(loss, recipe, step)
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
        for parameter in weights.values():
            _check(parameter.detach(), recipe, step)
        _save(checkpoint, identity, weights, optimiser, rng, epoch + 1)
    return {name: p.detach() for name, p in weights.items()}


def _check(values: Tensor, recipe: Recipe, step: int) -> None:
    if not torch.isfinite(values).all():
        raise ArgumentError(
            "recipe.lr",
            "a rate at which losses and weights stay finite",
            f"{recipe.lr}, and one that is not by step {step + 1}",
            "lower it, or train with recipe.bf16=false",
        )


def initial(build: Build, elastic: Elastic, start: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
    """The parameters of the full network and of its early exits by name: new, or those of `start`.

    Raises ArgumentError when `start` has one of another shape.
    """
    weights: dict[str, Tensor] = {}
    for exit in reversed(elastic.exit or (None,)):
        weights = dict(replace(elastic.largest, exit=exit).build(build).named_parameters()) | weights
    for name in (start or {}).keys() & weights:
        given = start[name]
        if given.shape != weights[name].shape:
            raise ArgumentError(
                f"start[{name!r}]",
                f"shape {tuple(weights[name].shape)}",
                str(tuple(given.shape)),
                "start from weights of the same widths",
            )
        weights[name] = given
    return weights


def _layout(module: nn.Module, image: Tensor, bf16: bool) -> torch.memory_format:
    """Channels last, up to 1.7 times as fast, where it is safe for images of this size, (1, c, r, r).

    Backward through a strided 1x1 convolution of fewer than 8 channels it corrupts memory, and in
    bfloat16 the weights' gradients of spread filters are NaN (torch 2.13).
    """
    with torch.no_grad():
        module.eval()(image)  # how far filters are spread is known from the first image on
    module.train()
    risky = any(
        (m.kernel_size == (1, 1) and m.stride != (1, 1) and m.in_channels < 8)
        or (bf16 and m.dilation != (1, 1))
        for m in module.modules()
        if isinstance(m, nn.Conv2d)
    )
    return torch.contiguous_format if risky else torch.channels_last


def _limited(elastic: Elastic, resolution: int) -> Elastic:
    levels = tuple(r for r in elastic.resolution if r <= resolution)
    if not levels:
        raise ArgumentError(
            "recipe.resolution", f"at least {elastic.resolution[0]}", str(resolution), "raise it"
        )
    return replace(elastic, resolution=levels)


def _digest(weights: Mapping[str, Tensor]) -> str:
    total = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        total.update(name.encode())
        total.update(tensor.detach().numpy().tobytes())
    return total.hexdigest()[:16]


def _one_cycle(done: float, warmup: float) -> float:
    if done < warmup:
        return done / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (done - warmup) / (1.0 - warmup)))


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
