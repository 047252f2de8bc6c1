"""Ranking: networks that learn which of two rows is greater, and a monotone map from rank to value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dmo.checks import at_least
from dmo.types import Array, BoolArray
from surrogates.mlp import FittedMLP, Float32
from surrogates.scaling import Scaling, log_flags, scaled_rows
from surrogates.threads import one_thread

KNOTS = 16  # of the monotone map


@dataclass(frozen=True)
class Ranking:
    """An ensemble of networks trained on pairs of rows, for searches that only compare.

    members: networks, each of which holds out its share of the rows; hidden: units of each hidden
    layer; epochs: steps, each over `pairs` random partners of every row; lr: peak of a cosine schedule;
    weight_decay: of the hidden layers' weights; log: which targets are logarithmic, one flag each
    or one for all.

    The loss of a pair is the logistic loss of its order. Scores become values by isotonic
    regression on held-out rows, so that mean and deviation are in the targets' units.
    Source: Burges et al., Learning to rank using gradient descent (2005), eq. 3; pairwise latency
    and accuracy prediction as in Dudziak et al., BRP-NAS (2020), section 3.2.
    Deviation: of BRP-NAS, no graph convolution; see GraphNetwork.
    Raises ArgumentError when a setting is out of range.
    """

    members: int = 5
    hidden: tuple[int, ...] = (32, 32)
    epochs: int = 500
    pairs: int = 4
    lr: float = 0.01
    weight_decay: float = 1.0
    log: bool | tuple[bool, ...] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(map(int, self.hidden)))
        object.__setattr__(self, "log", log_flags(self.log))
        at_least("members", self.members, 2)
        for name in ("epochs", "pairs"):
            at_least(name, getattr(self, name), 1)
        for units in self.hidden:
            at_least("hidden", units, 1)
        at_least("hidden", len(self.hidden), 1)
        at_least("lr", self.lr, 1e-6)
        at_least("weight_decay", self.weight_decay, 0.0)

    def fit(self, x: Array, y: Array, rng: Generator) -> FittedRanking:
        """Learn the targets y, (n, k), of the features x, (n, q), n >= 2.

        Raises ArgumentError when the rows cannot be used (see scaled_rows).
        """
        scaling, z, t = scaled_rows(x, y, self.log)
        owner = rng.permutation(np.arange(len(z)) % min(self.members, len(z)))
        held = owner == np.arange(self.members)[:, None]
        with one_thread():
            network = _trained(self, scaling, z, t, held, rng)
        scores = network.members(z)
        centre, spread = scores.mean(axis=1, keepdims=True), scores.std(axis=1, keepdims=True)
        gain = 1.0 / np.where(spread > 1e-9, spread, 1.0)
        scores = (scores - centre) * gain
        # What a member says of rows it has not seen, beside what all say: the same scale by now.
        unseen = scores[owner, np.arange(len(z))]
        knots, values = np.empty((2, t.shape[1], KNOTS))
        for k in range(t.shape[1]):
            knots[k], values[k] = _monotone(unseen[:, k], t[:, k])
        silent = FittedRanking(network, centre[:, 0], gain[:, 0], knots, values, np.zeros(t.shape[1]))
        return FittedRanking(
            network, centre[:, 0], gain[:, 0], knots, values, ((silent.valued(unseen) - t) ** 2).mean(axis=0)
        )


@dataclass(frozen=True, eq=False)
class FittedRanking:
    """network: its members' outputs are scores; centre, gain: (m, k) that standardise them; knots, values:
    (k, KNOTS) of the map from scores to scaled targets; noise: (k,) variance of held-out rows."""

    network: FittedMLP
    centre: Array
    gain: Array
    knots: Array
    values: Array
    noise: Array

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units.

        Raises ArgumentError when x has another number of features or a value that is not finite.
        """
        mean = self.valued(self.score(x))
        return self.network.scaling.unscaled(mean, np.broadcast_to(self.noise, mean.shape))

    def score(self, x: Array) -> Array:
        """(n, k): greater where the target is thought to be; without a unit."""
        scores = self.network.members(self.network.scaling.features(x))
        return np.asarray(((scores - self.centre[:, None]) * self.gain[:, None]).mean(axis=0))

    def valued(self, score: Array) -> Array:
        """(n, k) scaled targets of scores; beyond the outer knots the mean slope goes on."""
        out = np.empty_like(score)
        for k, (knots, values) in enumerate(zip(self.knots, self.values, strict=True)):
            inside = np.clip(score[:, k], knots[0], knots[-1])
            slope = (values[-1] - values[0]) / max(knots[-1] - knots[0], 1e-9)
            out[:, k] = np.interp(inside, knots, values) + slope * (score[:, k] - inside)
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it consists of, by name."""
        own = {n: getattr(self, n) for n in ("centre", "gain", "knots", "values")}
        network = {f"network.{n}": a for n, a in self.network.arrays().items()}
        return {**network, **own, "noise": self.noise}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any]) -> FittedRanking:
        """The same predictor from its arrays(); KeyError or ValueError when they do not fit together."""
        inner = {n.removeprefix("network."): a for n, a in arrays.items() if n.startswith("network.")}
        own = (arrays[n] for n in ("centre", "gain", "knots", "values", "noise"))
        fitted = cls(FittedMLP.restore(inner), *own)
        k = fitted.network.scaling.n_targets
        if fitted.noise.shape != (k,) or len(fitted.knots) != k:
            raise ValueError("a ranking whose arrays do not fit together")
        fitted.predict(np.zeros((1, fitted.network.scaling.n_features)))
        return fitted


def _monotone(score: Array, value: Array) -> tuple[Array, Array]:
    """Knots and values, (KNOTS,) each and ascending, of the isotonic regression of value on score."""
    from sklearn.isotonic import IsotonicRegression

    knots = np.quantile(score, np.linspace(0.0, 1.0, KNOTS))
    values = IsotonicRegression(out_of_bounds="clip").fit(score, value).predict(knots)
    # Flat steps are interpolated, or equal predictions would hide the order the networks learnt.
    steps = np.concatenate([[True], np.diff(values) > 1e-12])
    middle = knots if steps.sum() < 2 else np.interp(knots, knots[steps], values[steps])
    return knots, np.full(KNOTS, values[0]) if steps.sum() < 2 else middle


def _trained(
    settings: Ranking, scaling: Scaling, z: Array, t: Array, held: BoolArray, rng: Generator
) -> FittedMLP:
    """Networks whose outputs are in the order of t wherever both rows of a pair were learnt from."""
    import torch

    m, q, k = settings.members, z.shape[1], t.shape[1]
    shapes = list(pairwise((q, *settings.hidden, k)))
    drawn = [rng.standard_normal((m, i, o)) * np.sqrt(2.0 / i) for i, o in shapes]
    drawn[-1] *= 0.1
    weights = [torch.tensor(w, dtype=torch.float32, requires_grad=True) for w in drawn]
    biases = [torch.zeros(m, 1, o, requires_grad=True) for _, o in shapes]
    linear = torch.zeros(m, q, k, requires_grad=True)
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": settings.weight_decay},
        {"params": [*biases, linear], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs)
    inputs = torch.tensor(z, dtype=torch.float32).expand(m, *z.shape)
    wanted, learnt = torch.tensor(t, dtype=torch.float32), torch.from_numpy(~held)
    for _ in range(settings.epochs):
        h = inputs
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(torch.baddbmm(b, h, w))
        score = torch.baddbmm(biases[-1], h, weights[-1]) + torch.bmm(inputs, linear)
        loss = torch.zeros(())
        for _ in range(settings.pairs):
            other = torch.from_numpy(rng.permutation(len(z)))
            sign = torch.sign(wanted - wanted[other])
            both = (learnt & learnt[:, other])[:, :, None] * sign.abs()
            wrong = torch.nn.functional.softplus(-sign * (score - score[:, other]))
            loss = loss + (wrong * both).sum() / both.sum().clamp(min=1.0) * m
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()

    def array(p: torch.Tensor) -> Float32:
        found: Float32 = p.detach().numpy()
        return found

    return FittedMLP(
        scaling, tuple(map(array, weights)), tuple(map(array, biases)), array(linear), np.zeros(k)
    )
