"""Which channels of a network belong together: followed through its graph, so that they leave together."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm

from dmo.types import BoolArray, IntArray

# Each output element depends on the same channel of the inputs alone.
ALIKE: frozenset[Any] = frozenset(
    {operator.add, operator.iadd, operator.sub, operator.mul, operator.imul, operator.truediv}
    | {torch.add, torch.sub, torch.mul, torch.relu, torch.sigmoid, torch.tanh, torch.clamp}
    | {F.relu, F.relu6, F.silu, F.gelu, F.elu, F.leaky_relu, F.hardswish, F.hardsigmoid, F.sigmoid, F.tanh}
    | {F.dropout, F.mish, "add", "sub", "mul", "div", "relu", "sigmoid", "tanh", "contiguous", "clone"}
)
POOLS: frozenset[Any] = frozenset({F.avg_pool2d, F.max_pool2d, F.adaptive_avg_pool2d, F.interpolate})
MEANS: frozenset[Any] = frozenset({torch.mean, "mean"})
MOVES: frozenset[Any] = frozenset(
    {torch.cat, torch.flatten, torch.transpose, torch.permute, torch.unsqueeze, torch.squeeze}
    | {"flatten", "transpose", "permute", "unsqueeze", "squeeze"}
)
RESHAPES: frozenset[Any] = frozenset({torch.reshape, "reshape", "view"})
CHUNKS: frozenset[Any] = frozenset({torch.chunk, "chunk"})
# The same as modules; other modules without parameters are unknown.
ALIKE_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.ELU, nn.LeakyReLU, nn.Hardswish, nn.Hardsigmoid, nn.Sigmoid),
    *(nn.Tanh, nn.Mish, nn.Dropout, nn.Dropout2d, nn.Identity),
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d, nn.Upsample),
)


class Channels(fx.Interpreter):
    """Runs a traced network on one image and numbers its channels.

    Every tensor has a companion of its shape that holds, for each element, the number of the channel
    it comes from; what only moves elements is executed on the companion itself. Channels that must
    be kept or dropped together are noted as pairs. Where an operation is unknown, its inputs and
    outputs are pinned: they are never dropped.

    layers: by name of a module with weights, the numbers of its input and output channels.
    """

    def __init__(self, graph: fx.GraphModule, image: Tensor) -> None:
        super().__init__(graph, garbage_collect_values=False)
        self.numbers: dict[fx.Node, Any] = {}
        self.layers: dict[str, tuple[IntArray, IntArray]] = {}
        self._count = 0
        self._pairs: list[IntArray] = []
        self._pinned: list[IntArray] = []
        self._made: list[tuple[int, IntArray]] = []  # the stage and the channels of each layer's output
        self._side, self._stage = 0, -1
        with torch.no_grad():
            self.run(image)

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op == "output":
            self._pin(n)
        elif isinstance(value, Tensor) or (isinstance(value, tuple | list) and n.target in CHUNKS):
            self.numbers[n] = self._follow(n, value)
        return value

    def _follow(self, n: fx.Node, value: Any) -> Any:
        """The companion of a node's value."""
        target: Any = n.target
        if n.op == "call_module":
            module = self.fetch_attr(str(target))
            for kind, follow in (
                (nn.Conv2d, self._convolution),
                (nn.Linear, self._linear),
                (_BatchNorm, self._norm),
                (ALIKE_MODULES, self._alike),
                (nn.Flatten, lambda n, _: module(self._inputs(n)[0])),
            ):
                if isinstance(module, kind):  # type: ignore[arg-type]
                    return follow(n, value)  # type: ignore[operator]
        elif n.op in ("call_function", "call_method"):
            rules: tuple[tuple[frozenset[Any], Callable[[fx.Node, Any], Any]], ...] = (
                (ALIKE | POOLS, self._alike),
                (MEANS, self._mean),
                (MOVES, lambda n, _: self._moved(n)),
                (RESHAPES, self._reshaped),
                (CHUNKS, self._chunks),
                (frozenset({operator.getitem}), self._item),
            )
            for targets, follow in rules:
                if target in targets:
                    return follow(n, value)
        return self._unknown(n, value)

    def _inputs(self, n: fx.Node) -> list[Tensor]:
        return [self.numbers[a] for a in n.all_input_nodes if a in self.numbers]

    def _new(self, n: int) -> IntArray:
        self._count += n
        return np.arange(self._count - n, self._count)

    def _pin(self, n: fx.Node) -> None:
        for numbers in self._inputs(n):
            parts = numbers if isinstance(numbers, tuple) else (numbers,)
            self._pinned += [np.unique(part.numpy()) for part in parts]

    def _unknown(self, n: fx.Node, value: Any) -> Any:
        self._pin(n)
        if isinstance(value, Tensor):
            number = self._new(1)
            self._pinned.append(number)
            return torch.full(value.shape, int(number[0]))
        return tuple(self._unknown(n, part) for part in value)

    def _tie(self, a: Tensor, b: Tensor) -> None:
        for d in range(a.ndim):  # what is only repeated need not be looked at twice
            if a.stride(d) == 0 and b.stride(d) == 0:
                a, b = a.narrow(d, 0, 1), b.narrow(d, 0, 1)
        pairs = np.stack([a.reshape(-1).numpy(), b.reshape(-1).numpy()], axis=1)
        self._pairs.append(np.unique(pairs, axis=0))

    def _vector(self, numbers: Tensor, axis: int) -> IntArray:
        """The channel of each place along an axis; those that differ elsewhere are tied."""
        rows = numbers.movedim(axis, -1).reshape(-1, numbers.shape[axis])
        if not torch.equal(rows, rows[:1].expand_as(rows)):
            self._tie(rows, rows[:1].expand_as(rows))
        return np.asarray(rows[0].numpy())

    def _layer(
        self, n: fx.Node, into: IntArray, out: IntArray, value: Tensor, makes: bool = False, axis: int = 1
    ) -> Tensor:
        name = str(n.target)
        if name in self.layers:  # used twice: both uses read and write the same channels
            for mine, first in zip((into, out), self.layers[name], strict=True):
                self._tie(torch.from_numpy(mine), torch.from_numpy(first))
        else:
            self.layers[name] = into, out
        image = value.ndim == 4 and axis == 1
        if image and value.shape[-1] > 1 and (self._stage < 0 or value.shape[-1] < self._side):
            self._side, self._stage = value.shape[-1], self._stage + 1
        if makes:
            self._made.append((max(self._stage, 0), out))
        shape = [1] * value.ndim
        shape[axis] = -1
        return torch.from_numpy(out).reshape(shape).expand(value.shape)

    def _convolution(self, n: fx.Node, value: Tensor) -> Tensor:
        module: Any = self.fetch_attr(str(n.target))
        into = self._vector(self._inputs(n)[0], 1)
        if module.groups == 1:
            return self._layer(n, into, self._new(module.out_channels), value, True)
        # A group of filters reads a group of channels: all of them stay or go.
        groups = into.reshape(module.groups, -1)
        self._tie(torch.from_numpy(groups), torch.from_numpy(groups[:, :1]).expand(groups.shape))
        return self._layer(n, into, groups[:, 0].repeat(module.out_channels // module.groups), value)

    def _linear(self, n: fx.Node, value: Tensor) -> Tensor:
        module: Any = self.fetch_attr(str(n.target))
        into = self._vector(self._inputs(n)[0], -1)
        return self._layer(n, into, self._new(module.out_features), value, True, -1)

    def _norm(self, n: fx.Node, value: Tensor) -> Tensor:
        channels = self._vector(self._inputs(n)[0], 1)
        return self._layer(n, channels, channels, value)

    def _alike(self, n: fx.Node, value: Tensor) -> Tensor:
        inputs = self._inputs(n)
        if len(inputs) == 1 and inputs[0].shape == value.shape:
            return inputs[0]
        if len(inputs) == 1 and inputs[0].ndim == value.ndim == 4:  # pools change the side
            channels = self._vector(inputs[0], 1)
            return torch.from_numpy(channels).reshape(1, -1, 1, 1).expand(value.shape)
        first, *others = torch.broadcast_tensors(*inputs)
        for other in others:
            self._tie(first, other)
        return first

    def _mean(self, n: fx.Node, value: Tensor) -> Tensor:
        dims = n.args[1] if len(n.args) > 1 else n.kwargs.get("dim")
        keep = n.args[2] if len(n.args) > 2 else n.kwargs.get("keepdim", False)
        (numbers,) = self._inputs(n)
        low, high = (f(dim=dims, keepdim=bool(keep)) for f in (numbers.amin, numbers.amax))
        return low if torch.equal(low, high) else self._unknown(n, value)  # type: ignore[no-any-return]

    def _moved(self, n: fx.Node) -> Any:
        """The operation itself, on the companions."""
        args, kwargs = (
            fx.node.map_arg(a, lambda m: self.numbers.get(m, self.env.get(m))) for a in (n.args, n.kwargs)
        )
        if n.op == "call_method":
            return getattr(args[0], str(n.target))(*args[1:], **kwargs)
        return n.target(*args, **kwargs)  # type: ignore[operator]

    def _reshaped(self, n: fx.Node, value: Tensor) -> Tensor:
        """A new shape: channels that it spreads over two dimensions are tied along the first of them.

        Pinned where the size of the other is written down as a number.
        """
        sizes = n.args[1:] if len(n.args) > 2 else n.args[1]
        sizes = sizes if isinstance(sizes, tuple | list) else (sizes,)
        moved: Tensor = self._moved(n)
        varying = [d for d in range(1, moved.ndim) if bool((moved != moved.narrow(d, 0, 1)).any())]
        if not varying:
            return moved
        last = varying[-1]
        if len(sizes) != moved.ndim or (isinstance(sizes[last], int) and sizes[last] != -1):
            return self._unknown(n, value)  # type: ignore[no-any-return]
        for d in varying[:-1]:
            self._tie(moved, moved.narrow(d, 0, 1).expand_as(moved))
        return moved

    def _chunks(self, n: fx.Node, value: Sequence[Tensor]) -> Any:
        """Equal parts keep equal numbers of channels: the first of each stay or go together, and so on."""
        parts: tuple[Tensor, ...] = self._moved(n)
        if any(part.shape != parts[0].shape for part in parts):
            return self._unknown(n, value)
        for part in parts[1:]:
            self._tie(parts[0], part)
        return parts

    def _item(self, n: fx.Node, value: Tensor) -> Any:
        of, index = n.args
        known = self.numbers.get(of)  # type: ignore[arg-type]
        return known[index] if isinstance(known, tuple) else self._unknown(n, value)

    def classes(self) -> IntArray:
        """The class of each channel: those of one class are kept or dropped together."""
        return _components(self._count, self._pairs)

    def families(self) -> IntArray:
        """The family of each channel: classes of one family are told apart by importance alone."""
        chains = [np.stack([made[:-1], made[1:]], axis=1) for _, made in self._made]
        return _components(self._count, [*self._pairs, *chains])

    def stages(self) -> IntArray:
        """The stage of each channel: how often the image was reduced before its family was first made."""
        family = self.families()
        stage = np.full(family.max() + 1, np.iinfo(np.intp).max)
        for at, made in self._made:
            np.minimum.at(stage, family[made], at)
        return np.asarray(np.where(stage[family] == np.iinfo(np.intp).max, 0, stage[family]))

    def pinned(self) -> BoolArray:
        """Which channels are never dropped."""
        mask = np.zeros(self._count, dtype=bool)
        for numbers in self._pinned:
            mask[numbers] = True
        classes = self.classes()
        held = np.zeros(classes.max() + 1, dtype=bool)
        held[classes[mask]] = True
        return np.asarray(held[classes])


def _components(n: int, pairs: Sequence[NDArray[np.intp]]) -> IntArray:
    ends = np.concatenate([np.empty((0, 2), dtype=np.intp), *pairs])
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1]).astype(np.intp)
