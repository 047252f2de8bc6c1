"""MLPEnsemble: several small networks trained at once, each on its own part of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray
from surrogates.scaling import Scaling, log_flags, scaled_rows
from surrogates.threads import one_thread

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class MLPEnsemble:
    """An ensemble of multilayer perceptrons with a linear path beside the hidden layers.

    members: networks, >= 2; hidden: units of each hidden layer; log: which targets are logarithmic,
    one flag each or one for all; epochs: passes over the rows at most; lr: peak of a cosine
    schedule; weight_decay: of the hidden layers' weights; patience: epochs without a better
    held-out error before a member stops.

    Each member holds out its own share 1/members of the rows, so that every row is held out once:
    by these it stops, and from them comes the variance of what no member explains. The predicted
    variance is that plus the members' disagreement.
    Source: Lakshminarayanan et al., Deep Ensembles (2017); Krogh & Vedelsby (1995) for the held-out
    shares. Deviation: one noise level per target (on its log scale) instead of a predicted one,
    and no adversarial examples; a few hundred rows do not support more.
    Raises ArgumentError when a setting is out of range.
    """

    members: int = 5
    hidden: tuple[int, ...] = (32, 32)
    log: bool | tuple[bool, ...] = True
    epochs: int = 800
    lr: float = 0.01
    weight_decay: float = 3.0
    patience: int = 200

    def __post_init__(self) -> None:
        object.__setattr__(self, "log", log_flags(self.log))
        object.__setattr__(self, "hidden", tuple(map(int, self.hidden)))
        if not self.hidden:
            raise ArgumentError("hidden", "at least one layer", "none", "use Ridge for a linear predictor")
        at_least("members", self.members, 2)
        for name in ("epochs", "patience"):
            at_least(name, getattr(self, name), 1)
        for units in self.hidden:
            at_least("hidden", units, 1)
        at_least("lr", self.lr, 1e-6)
        at_least("weight_decay", self.weight_decay, 0.0)

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedMLP:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, features, targets = scaled_rows(x, y, self.log)
        z, t = features.astype(np.float32), targets.astype(np.float32)
        held = _held_out(self.members, len(z), rng)
        with one_thread():
            weights, biases, linear = _trained(self, z, t, held, rng)
        silent = FittedMLP(scaling, tuple(weights), tuple(biases), linear, np.zeros(t.shape[1]))
        return _calibrated(silent, z, t, held)


@dataclass(frozen=True, eq=False)
class FittedMLP:
    """m networks over the same features; see predict.

    weights: of each layer (m, inputs, outputs); biases: of each layer (m, 1, outputs); linear: (m, q, k)
    from the features to the outputs at once; noise: (k,) variance that no member explains.
    """

    scaling: Scaling
    weights: tuple[Float32, ...]
    biases: tuple[Float32, ...]
    linear: Float32
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        outputs = self.members(self.scaling.features(x))
        mean = outputs.mean(axis=0)
        variance = ((outputs - mean) ** 2).sum(axis=0) / (len(outputs) - 1)
        return self.scaling.unscaled(mean, variance + self.noise)

    def members(self, z: Array) -> Array:
        """What each member says of scaled features z, (n, q): scaled targets (m, n, k).

        A point has the very same value in any company, which is how searchers detect a change: a
        library's matrix product rounds differently for different numbers of rows.
        """
        from surrogates.dense import dense

        x = np.ascontiguousarray(z.T, dtype=np.float32)[None]
        h = x
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = dense(h, w, b[:, 0], True)
        out = dense(h, self.weights[-1], self.biases[-1][:, 0], False)
        out += dense(x, self.linear, np.zeros(out.shape[:2], dtype=np.float32), False)
        return out.transpose(0, 2, 1).astype(np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        return {
            **self.scaling.arrays(),
            **{f"weight_{i}": w for i, w in enumerate(self.weights)},
            **{f"bias_{i}": b for i, b in enumerate(self.biases)},
            "linear": self.linear,
            "noise": self.noise,
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedMLP:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        layers = range(sum(name.startswith("weight_") for name in arrays))
        weights, biases = (tuple(arrays[f"{name}_{i}"] for i in layers) for name in ("weight", "bias"))
        fitted = cls(Scaling.restore(arrays), weights, biases, arrays["linear"], arrays["noise"])
        fitted.predict(np.zeros((1, fitted.scaling.n_features)))  # ValueError where shapes do not chain
        return fitted


def _held_out(members: int, n: int, rng: Generator) -> BoolArray:
    """Which rows each member does not learn from, (members, n): each row one member's, in equal shares."""
    owner = rng.permutation(np.arange(n) % min(members, n))
    return np.asarray(owner == np.arange(members)[:, None])


def _calibrated(fitted: FittedMLP, z: Float32, t: Float32, held: BoolArray) -> FittedMLP:
    """The ensemble with the noise that held-out rows show beyond what its disagreement explains."""
    outputs = fitted.members(z.astype(np.float64))
    error = (((outputs - t) ** 2)[held]).mean(axis=0)
    explained = outputs.var(axis=0, ddof=1).mean(axis=0)
    return replace(fitted, noise=np.maximum(error - explained, 0.1 * error))


def _trained(
    settings: MLPEnsemble, z: Float32, t: Float32, held: BoolArray, rng: Generator
) -> tuple[list[Float32], list[Float32], Float32]:
    """Weights and biases of each layer, and the linear path, of each member at its best epoch."""
    import torch

    m, q, k = settings.members, z.shape[1], t.shape[1]
    shapes = list(pairwise((q, *settings.hidden, k)))
    # He et al. (2015); the last layer starts small, so that the linear path finds its share first.
    drawn = [rng.standard_normal((m, i, o)) * np.sqrt(2.0 / i) for i, o in shapes]
    drawn[-1] *= 0.1
    weights = [torch.tensor(w, dtype=torch.float32, requires_grad=True) for w in drawn]
    biases = [torch.zeros(m, 1, o, requires_grad=True) for _, o in shapes]
    linear = torch.zeros(m, q, k, requires_grad=True)
    parameters = [*weights, *biases, linear]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": settings.weight_decay},
        {"params": [*biases, linear], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs)
    inputs, wanted = torch.from_numpy(z).expand(m, *z.shape), torch.from_numpy(t)
    left_out = torch.from_numpy(held).float()
    learnt = 1.0 - left_out
    best, since = torch.full((m,), float("inf")), torch.zeros(m)
    kept = [p.detach().clone() for p in parameters]
    for _ in range(settings.epochs):
        h = inputs
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(torch.baddbmm(b, h, w))
        out = torch.baddbmm(biases[-1], h, weights[-1]) + torch.bmm(inputs, linear)
        error = ((out - wanted) ** 2).mean(dim=2)
        with torch.no_grad():
            unseen = (error * left_out).sum(1) / left_out.sum(1).clamp(min=1.0)
            better = unseen < best
            best, since = torch.where(better, unseen, best), torch.where(better, 0.0, since + 1.0)
            for copy, p in zip(kept, parameters, strict=True):
                copy[better] = p[better]
        if bool((since >= settings.patience).all()):
            break
        optimiser.zero_grad()
        torch.autograd.backward(((error * learnt).sum(1) / learnt.sum(1)).sum())
        optimiser.step()
        schedule.step()
    arrays = [p.numpy() for p in kept]
    return arrays[: len(shapes)], arrays[len(shapes) : -1], arrays[-1]
