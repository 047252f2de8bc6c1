"""Weight sharing: a smaller network's weights are the leading corners of the larger one's."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from dmo.errors import ArgumentError


def corners(weights: Mapping[str, Tensor], small: nn.Module) -> dict[str, Tensor]:
    """The parts of the shared weights that fit `small`, by parameter name.

    A parameter of shape (a, b, ...) is the corner [:a, :b, ...] of the shared one of its name, so
    any network whose parameter names do not depend on its size is elastic. A module with an attribute
    `kept` says itself which places along its first dimensions each of its parameters has. Gradients
    flow into the shared weights.
    Raises ArgumentError when a name is missing or the shared weight is smaller.
    Source: Yu et al., Slimmable Neural Networks (2019), generalised from channels to any dimension.
    """
    views = {}
    kept: Mapping[str, tuple[Tensor, ...]] = getattr(small, "kept", {})
    for name, parameter in small.named_parameters():
        shared = weights.get(name)
        wanted = tuple(parameter.shape)
        if (
            shared is None
            or shared.ndim != len(wanted)
            or any(s < w for s, w in zip(shared.shape, wanted, strict=True))
        ):
            raise ArgumentError(
                f"weights[{name!r}]",
                f"a shared weight of at least {wanted}",
                "none" if shared is None else str(tuple(shared.shape)),
                "choose widths and depths within the full network's, or train it again",
            )
        part = shared
        for dim, places in enumerate(kept.get(name, ())):
            part = part.index_select(dim, places)
        views[name] = part[tuple(slice(0, w) for w in wanted)]
    return views


def materialise(weights: Mapping[str, Tensor], small: nn.Module) -> nn.Module:
    """Copy the shared weights into `small`, which then stands alone.

    Its batch-norm statistics do not fit yet: see recalibrate.
    """
    own = dict(small.named_parameters())
    for name, view in corners(weights, small).items():
        own[name].data.copy_(view.detach())
    return small
