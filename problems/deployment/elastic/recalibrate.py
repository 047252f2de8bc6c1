"""Batch-norm statistics of a subnet, and what it then gets right: shared weights carry no statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from dmo.errors import ArgumentError
from problems.deployment.images import Images, to_input

BATCH = 100  # images at a time; 500 took up to twice as long, for the activations outgrow the caches


def recalibrate(module: nn.Module, inputs: NDArray[np.float32], batch: int = BATCH) -> nn.Module:
    """Give `module` the batch-norm statistics of `inputs`, (n, 1, r, r), and return it in eval mode.

    About 2,000 training images suffice. Each statistic is the plain average over equal batches of
    about `batch` images: no momentum, hence no trace of earlier statistics and no random draw.
    Raises ArgumentError when there are no inputs.
    Source: Yu & Huang, Universally Slimmable Networks (2019), section 3.4.
    """
    if len(inputs) == 0:
        raise ArgumentError("inputs", "at least one training image", "none", "give about 2,000")
    norms = [m for m in module.modules() if isinstance(m, _BatchNorm)]
    momenta = [m.momentum for m in norms]
    module.eval()  # dropout and the like stay off: only the statistics are taken anew
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    parts = np.array_split(inputs, math.ceil(len(inputs) / batch))
    with _forward(module) as run:
        for part in parts:
            run(part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return module.eval()


def accuracy(module: nn.Module, images: Images, resolution: int, batch: int = BATCH) -> float:
    """The share of `images` that `module` classifies correctly at this input resolution."""
    right = 0
    with _forward(module) as run:
        for start in range(0, len(images), batch):
            part = images[slice(start, start + batch)]
            out = run(to_input(part.pixels, resolution))
            right += int((out.argmax(1).numpy() == part.labels).sum())
    return right / len(images)


@contextmanager
def _forward(module: nn.Module) -> Iterator[Callable[[NDArray[np.float32]], torch.Tensor]]:
    """What runs `module` on inputs, (n, 1, r, r), by channels-last tensors: half the time.

    Forward alone, so that it is safe (see training).
    """
    module.to(memory_format=torch.channels_last)
    with torch.inference_mode():
        yield lambda inputs: module(torch.from_numpy(inputs).to(memory_format=torch.channels_last))
    module.to(memory_format=torch.contiguous_format)
