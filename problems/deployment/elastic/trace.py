"""Any traceable image network made elastic in width, with no code written for it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm

from dmo.errors import ArgumentError
from problems.deployment.elastic.channels import Channels
from problems.deployment.elastic.shape import Elastic
from problems.deployment.inert import ANY
from problems.deployment.network import Network

FULL = 100  # per cent


def traced(
    name: str,
    module: nn.Module | Callable[..., nn.Module],
    resolution: Sequence[int],
    width: Sequence[int] = (25, 50, 75, FULL),
    channels: int = 1,
    arguments: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Network:
    """The elastic network that any image classifier is: its widths are per cent of each stage's channels.

    module: the classifier, or what makes it of `arguments`, its new weights drawn by seed; resolution:
    levels of the input's side, which it must be able to take; width: levels of every stage, the last
    100. Train it as any other network: training starts from its own weights.
    Raises ArgumentError when the module cannot be traced or has no channel that could be dropped.
    """
    if list(width)[-1:] != [FULL]:
        raise ArgumentError("width", "per cent up to 100", str(width), "end with 100")
    if not isinstance(module, nn.Module):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = module(**(arguments or {}))
    build = Traced(module, max(resolution), channels)
    stages = build.stages
    levels = Elastic((tuple(width),) * stages, ((1,),) * stages, tuple(resolution))
    return Network(name, build, levels, ANY)


class _Tracer(fx.Tracer):
    """Takes layers with weights as they are, also those that a library derives from torch's."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.Conv2d | nn.Linear | _BatchNorm) or super().is_leaf_module(
            m, module_qualified_name
        )


@dataclass(eq=False)
class Traced:
    """build(width, depth) -> the module with only its most important channels, in their old order.

    module: gives logits (n, classes) of images (n, channels, resolution, resolution). Channels that
    additions, depthwise and grouped convolutions, batch norms, products (squeeze-excite),
    concatenations or flattening tie together are kept or dropped together; of each such family the
    same share is kept, by the absolute sum of the weights that make it. Where an operation is not
    known, what it touches keeps all its channels. Random layers (dropout as a function) are traced
    as in evaluation.
    Raises ArgumentError when the module cannot be traced, or has no channel that could be dropped.
    Source: Li et al., Pruning Filters for Efficient ConvNets (2017), section 3.1, for the importance;
    Fang et al., DepGraph (2023), section 3.2, for grouping by dependency.
    """

    module: nn.Module
    resolution: int
    channels: int = 1
    stages: int = field(init=False)

    def __post_init__(self) -> None:
        whole = copy.deepcopy(self.module).eval()
        image = torch.zeros(1, self.channels, self.resolution, self.resolution)
        try:
            self._graph = fx.GraphModule(whole, _Tracer().trace(whole))
            found = Channels(self._graph, image)
        except Exception as error:  # tracing runs code of the user's
            raise ArgumentError(
                "module",
                "a network that torch.fx can trace, whose control flow does not depend on the image",
                f"{type(self.module).__name__}: {error}",
                f"make it so, or see that it takes images {tuple(image.shape)}",
            ) from error
        self._layers = found.layers
        self._ranks(found)
        if self.stages == 0:
            raise ArgumentError(
                "module",
                "a network with channels that can be dropped",
                type(self.module).__name__,
                "use operations that elastic.channels knows",
            )

    def _ranks(self, found: Channels) -> None:
        """Per channel: its place in its family, most important first, the family's size and its stage."""
        classes, families, pinned = found.classes(), found.families(), found.pinned()
        importance = np.zeros(classes.max() + 1)
        for name, (_, out) in found.layers.items():
            layer: Any = self._graph.get_submodule(name)
            if isinstance(layer, nn.Conv2d | nn.Linear):
                np.add.at(importance, classes[out], layer.weight.detach().abs().flatten(1).sum(1).numpy())
        # One channel stands for each class.
        _, one = np.unique(classes, return_index=True)
        order = np.lexsort((-importance, ~pinned[one], families[one]))
        size = np.bincount(families[one])
        place = np.empty(len(one), dtype=np.intp)
        place[order] = np.arange(len(one)) - np.repeat(np.cumsum(size) - size, size)
        self._place, self._size = place[classes], size[families]
        self._pinned = pinned
        stage = found.stages()
        loose = np.unique(stage[~pinned])
        # Stages in which nothing can be dropped are none.
        self.stages = len(loose)
        self._stage = np.searchsorted(loose, stage).clip(max=max(len(loose) - 1, 0))

    def __call__(self, width: Sequence[int], depth: Sequence[int] = ()) -> nn.Module:
        """The module with `width` per cent of the channels of each stage, at least one of each family.

        Its batch-norm statistics are those of the channels that stay. kept: by name of a parameter,
        which places along its dimensions it has of the whole network's (see elastic.sharing).
        """
        if len(width) != self.stages or min(width) < 1 or max(width) > FULL:
            raise ArgumentError(
                "width", f"{self.stages} per cents in 1..100", str(width), "give one for each stage"
            )
        share = np.asarray(width)[self._stage]
        stays = self._pinned | (self._place < np.maximum(np.ceil(share * self._size / FULL), 1))
        small = copy.deepcopy(self._graph)
        kept: dict[str, tuple[Tensor, ...]] = {}
        for name, (into, out) in self._layers.items():
            places = [torch.from_numpy(np.flatnonzero(stays[numbers])) for numbers in (out, into)]
            kept |= _slice(small.get_submodule(name), name, *places)
        small.kept = kept  # type: ignore[assignment]
        return small


def _slice(layer: nn.Module, name: str, out: Tensor, into: Tensor) -> dict[str, tuple[Tensor, ...]]:
    """Leave a layer those input and output channels; returns what its parameters are of the whole."""
    fits: Any = layer
    square = isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1)
    if isinstance(layer, nn.Conv2d):
        if layer.groups > 1:
            layer.groups = len(into) * layer.groups // layer.in_channels
        layer.in_channels, layer.out_channels = len(into), len(out)
    elif isinstance(layer, nn.Linear):
        layer.in_features, layer.out_features = len(into), len(out)
    else:
        fits.num_features = len(out)
    kept = {}
    for key, tensor in [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]:
        if tensor.ndim == 0:
            continue
        places = (out, into) if square and tensor.ndim > 1 else (out,)
        part = tensor.detach()
        for dim, chosen in enumerate(places):
            part = part.index_select(dim, chosen)
        if isinstance(tensor, nn.Parameter):
            setattr(layer, key, nn.Parameter(part))
            kept[f"{name}.{key}"] = places
        else:
            layer.register_buffer(key, part)
    return kept
