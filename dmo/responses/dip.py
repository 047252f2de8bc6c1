"""Directional improvement prediction: a small network learns where the last set came from the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.responses.take import take
from dmo.responses.tracks import tracks
from dmo.space import Space
from dmo.types import Array

MEMORY = 0.9, 0.99  # of Adam's running means of the gradient and of its square


@dataclass(frozen=True)
class DIP:
    """Move each non-dominated point a random way to the network's prediction and along its last step.

    hidden: units of the network, which learns the last non-dominated set from the one before, each
    scaled to [-1, 1]; epochs, rate: of its training by Adam; random: share of the population that is
    random. The moved points come first, then the predictions, then the set itself, as far as there
    is room. After the first change the population stays.
    Source: Ye, Liu, Zhou, Lin, Jiang & Tan, Learning-Based Directional Improvement Prediction for
    Dynamic Multiobjective Optimization, IEEE Trans. Evolutionary Computation (2024, doi
    10.1109/TEVC.2024.3393151), in the form of the authors' program: x + r1 (prediction - x) +
    r2 (x - past of x), r1 and r2 uniform, and the prediction of a point from its place in its own set.
    Deviation: the program draws r1 and r2 once for all points; here each point has its own, which
    spreads them along both directions. A point's past is what made the same trade-off (see tracks),
    where the program pairs points by their order of crowding. The network learns from all points at
    once, which in Python is much faster than one by one, and has tanh units and a linear output.
    The program has no random points; some help where other variables take over, as in DF2.
    Cost: about 5 ms a change, nearly all of it training.
    """

    hidden: int = 5
    epochs: int = 60
    rate: float = 0.05
    random: float = 0.0

    def __post_init__(self) -> None:
        at_least("hidden", self.hidden, 1)
        at_least("epochs", self.epochs, 1)
        at_least("rate", self.rate, 1e-9)
        fraction("random", self.random)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Moved points, predictions, old and random ones."""
        fresh = round(self.random * n)
        rows = n - fresh
        if len(history.answers) < 2:
            return np.concatenate([take(history.populations[-1].x, rows, rng), space.sample(fresh, rng)])
        before, last = tracks(history.answers[-2:])
        low, extent = last.min(axis=0), np.ptp(last, axis=0)
        places = _unit(last)
        network = learn(_unit(before), places, self.hidden, self.epochs, self.rate, rng)
        predicted = low + 0.5 * (network(places) + 1.0) * extent
        r = rng.random((2, len(last), 1))
        moved = last + r[0] * (predicted - last) + r[1] * (last - before)
        order = rng.permutation(len(last))
        more = take(last, max(0, rows - 2 * len(last)), rng)
        x = np.concatenate([moved[order], predicted[order], more])[:rows]
        return space.repair(np.concatenate([x, space.sample(fresh, rng)]))


def learn(
    x: Array, y: Array, hidden: int, epochs: int, rate: float, rng: Generator
) -> Callable[[Array], Array]:
    """A network of one hidden layer from x, (n, p), to y, (n, d), trained on all rows at once.

    Weights start uniform in [-1, 1]; the loss is the mean over the rows of half the squared error.
    Source: Kingma & Ba, Adam (2015), algorithm 1, with a faster second moment for so few steps.
    """
    shapes = (x.shape[1], hidden), (hidden,), (hidden, y.shape[1]), (y.shape[1],)
    parameters = [rng.uniform(-1.0, 1.0, shape) for shape in shapes]
    mean, square = ([np.zeros(shape) for shape in shapes] for _ in range(2))
    for epoch in range(1, epochs + 1):
        slopes = gradient(parameters, x, y)
        for p, m, v, slope in zip(parameters, mean, square, slopes, strict=True):
            m += (1.0 - MEMORY[0]) * (slope - m)
            v += (1.0 - MEMORY[1]) * (slope**2 - v)
            unbiased = np.sqrt(v / (1.0 - MEMORY[1] ** epoch)) + 1e-8
            p -= rate / (1.0 - MEMORY[0] ** epoch) * m / unbiased
    return lambda z: output(parameters, z)


def output(parameters: Sequence[Array], x: Array) -> Array:
    """What the network of these weights and constants, layer by layer, makes of x, (n, p): (n, d)."""
    inner, shift, outer, constant = parameters
    return np.asarray(np.tanh(x @ inner + shift) @ outer + constant)


def gradient(parameters: Sequence[Array], x: Array, y: Array) -> tuple[Array, ...]:
    """The slope of the loss in each of the parameters."""
    inner, shift, outer, constant = parameters
    units = np.tanh(x @ inner + shift)
    error = (units @ outer + constant - y) / len(x)
    back = (error @ outer.T) * (1.0 - units**2)
    return x.T @ back, back.sum(axis=0), units.T @ error, error.sum(axis=0)


def _unit(x: Array) -> Array:
    """x with each column scaled to [-1, 1]; -1 where it does not vary."""
    low, extent = x.min(axis=0), np.ptp(x, axis=0)
    return np.asarray(2.0 * (x - low) / np.where(extent > 0.0, extent, 1.0) - 1.0)
