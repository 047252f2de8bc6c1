"""Pareto set learning: a network from surroundings and preference to a solution, as a change response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.optimisers.weights import weights
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array
from surrogates.threads import one_thread

AHEAD = 0.2  # of the time feature from one environment to the next, so that a forecast stays near the data


@dataclass(frozen=True)
class ParetoSetModel:
    """Seed the population with what a network, trained on past sets, says for evenly spread preferences.

    share, random: of the population from the network and random, the rest are old members; hidden:
    units of each of two layers, beside a linear path; epochs, rate: of its training by Adam; recent:
    weight of an environment against the next one; window: environments learnt from at most.
    A preference is where a point lies on its front: its objectives, each scaled to [0, 1] over the
    front, divided by their sum. The surroundings are the context, if every environment has one of the
    same length, and environments then count alike, for an old one may come back; else the
    environment's place in time, and `recent` counts. With one past environment, or where all past
    contexts are equal, nothing tells how sets depend on it: the network's share then is old members.
    Source: Lin, Yang, Zhang & Zhang, Pareto Set Learning for Expensive Multi-Objective Optimization
    (2022), the network from preferences to solutions.
    Deviation: theirs descends a surrogate of the objectives; ours learns from the sets that a search
    found, in every environment, and so takes the surroundings too.
    Cost: 0.1 ms for 50 solutions, and before that 0.2 s of training on 10 environments of 100 points.
    It is trained anew after each change, as a response has no memory of its own and the last set is
    known only when its environment ends; train does it apart, for those who have idle time for it.
    """

    share: float = 0.5
    random: float = 0.2
    hidden: int = 32
    epochs: int = 150
    rate: float = 0.02
    recent: float = 0.4
    window: int = 10

    def __post_init__(self) -> None:
        for name in ("share", "random", "recent"):
            fraction(name, getattr(self, name))
        fraction("share + random", self.share + self.random)
        for name in ("hidden", "epochs", "window"):
            at_least(name, getattr(self, name), 1)
        at_least("rate", self.rate, 1e-9)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The network's solutions, old members and random points."""
        fresh, predicted = round(self.random * n), round(self.share * n)
        features = surroundings(history)
        x = space.empty()
        if predicted and len(np.unique(features[:-1], axis=0)) > 1:
            network = self.train(history, space, rng)
            x = network.solutions(features[-1], weights(predicted, space.n_obj), space)
        old = take(history.populations[-1].x, n - fresh - len(x), rng)
        return np.concatenate([x, old, space.sample(fresh, rng)])

    def train(self, history: History, space: Space, rng: Generator) -> SetNetwork:
        """The network of the past environments that history holds; rng is its only randomness."""
        answers = history.answers[-self.window :]
        features = surroundings(history)[:-1][-self.window :]
        recent = 1.0 if _contexts(history) is not None else self.recent
        # A weight that vanishes altogether would leave a row of no use.
        weight = np.maximum(recent ** np.arange(len(answers) - 1.0, -1.0, -1.0), 1e-6)
        x = np.concatenate([(answer.x - space.lower) / _range(space) for answer in answers])
        z = np.concatenate([_inputs(f, preferences(a)) for f, a in zip(features, answers, strict=True)])
        count = [len(answer) for answer in answers]
        row_weight = np.repeat(weight / count, count) / weight.sum()
        with one_thread():
            return _trained(self, z, x, row_weight, rng)


@dataclass(frozen=True, eq=False)
class SetNetwork:
    """What training found.

    parameters: weights and constants of the two hidden layers and the output, then the linear path's
    weights; mean: (d,) of the sets learnt from, as shares of the ranges, to which the output is added.
    """

    parameters: tuple[Array, ...]
    mean: Array

    def solutions(self, features: Array, preference: Array, space: Space) -> Array:
        """Points of the space for these surroundings, (c,), and preferences, (n, m): (n, d)."""
        a, b, c, d, e, f, line = self.parameters
        z = _inputs(features, preference)
        out = np.tanh(np.tanh(z @ a + b) @ c + d) @ e + f + z @ line
        return np.asarray(space.repair(space.lower + _range(space) * (self.mean + out)))


def preferences(batch: Batch) -> Array:
    """Where each point lies on the front, (n, m), not negative and summing to 1."""
    low, extent = batch.f.min(axis=0), np.ptp(batch.f, axis=0)
    f = (batch.f - low) / np.where(extent > 0.0, extent, 1.0)
    total = f.sum(axis=1, keepdims=True)
    even = np.full_like(f, 1.0 / f.shape[1])
    return np.asarray(np.where(total > 0.0, f / np.where(total > 0.0, total, 1.0), even))


def surroundings(history: History) -> Array:
    """Features of each past environment and, last, the new one: (T + 1, c), contexts scaled to [-1, 1]."""
    contexts = _contexts(history)
    if contexts is None:
        return AHEAD * (np.arange(len(history.environments) + 1.0) - len(history.environments) + 1.0)[:, None]
    known = contexts[:-1]
    low, extent = known.min(axis=0), np.ptp(known, axis=0)
    # Beyond what is known nothing was learnt: a context there counts as the nearest one within.
    inside = np.clip(contexts, low, low + extent)
    return np.asarray(2.0 * (inside - low) / np.where(extent > 0.0, extent, 1.0) - 1.0)


def _contexts(history: History) -> Array | None:
    contexts = [e.context for e in (*history.environments, history.now) if e.context is not None]
    complete = len(contexts) == len(history.environments) + 1 and len({len(c) for c in contexts}) == 1
    return np.stack(contexts).astype(float) if complete and len(contexts[0]) else None


def _inputs(features: Array, preference: Array) -> Array:
    """The network's inputs: preferences scaled to [-1, 1] beside the same features in every row."""
    return np.concatenate([2.0 * preference - 1.0, np.tile(features, (len(preference), 1))], axis=1)


def _range(space: Space) -> Array:
    return np.where(space.span > 0.0, space.span, 1.0)


def _trained(settings: ParetoSetModel, z: Array, x: Array, weight: Array, rng: Generator) -> SetNetwork:
    """The network of least weighted squared error over the rows."""
    import torch

    q, d, h = z.shape[1], x.shape[1], settings.hidden
    mean = weight @ x
    # The last layer and the linear path start at 0, which predicts the mean.
    drawn = [rng.normal(0.0, q**-0.5, (q, h)), np.zeros(h), rng.normal(0.0, h**-0.5, (h, h)), np.zeros(h)]
    drawn += [np.zeros((h, d)), np.zeros(d), np.zeros((q, d))]
    parameters = [torch.tensor(p, dtype=torch.float32, requires_grad=True) for p in drawn]
    a, b, c, e, f, g, line = parameters
    inputs, wanted, share = (
        torch.tensor(array, dtype=torch.float32) for array in (z, x - mean, weight[:, None])
    )
    optimiser = torch.optim.Adam(parameters, lr=settings.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs)
    for _ in range(settings.epochs):
        out = torch.tanh(torch.tanh(inputs @ a + b) @ c + e) @ f + g + inputs @ line
        optimiser.zero_grad()
        torch.autograd.backward((share * (out - wanted) ** 2).sum())
        optimiser.step()
        schedule.step()
    return SetNetwork(tuple(p.detach().numpy().astype(float) for p in parameters), mean)
