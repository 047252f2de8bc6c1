"""Diffusion: noise is denoised into the set that is predicted, by the exact score, without training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.responses.gaussian_mixture import Mixture
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Diffusion:
    """Sample what the past says of the next set by reverse diffusion from the noisy last one.

    steps: of the reverse diffusion; reach: its first noise, in units of the last displacement or of
    the kernel, whichever is larger; floor: least standard deviation of a variable, as a share of its
    range; window: past displacements from which uncertainty is estimated; random: share of the
    population that is random. After the first change the others are old members.
    The next set is believed to be the last one, moved on by the last displacement of its centroid or
    left where it is; each belief has the weight that its errors in the window earn it, inverse to
    their mean square. Around every point is a Gaussian with the covariance of the better belief's
    errors, so that the sample scatters where predictions went wrong before. Of such a mixture the
    score is known in closed form.
    Source: the previous set as a noisy sample of the next one, denoised by an analytic score, is the
    idea of Guan, Wu, Wang, Yen & Jiang, Training-Free Diffusion-Driven Modeling of Pareto Set Evolution
    for Dynamic Multiobjective Optimization (arXiv 2603.26749, 2026); a trained model is that of Wang,
    Xie, Zhou & Tang, A New Prediction Strategy for Dynamic Multiobjective Optimization Using
    Diffusion Model (2025).
    Deviation: neither's algorithm, but a predictive density of our own in the place of their predicted
    knee points and trained network. A mixture can be sampled directly too, and that is the same
    distribution; the flow is what remains where the density is another one.
    """

    steps: int = 10
    reach: float = 4.0
    floor: float = 0.01
    window: int = 10
    random: float = 0.2

    def __post_init__(self) -> None:
        at_least("steps", self.steps, 1)
        at_least("reach", self.reach, 1e-3)
        at_least("floor", self.floor, 1e-6)
        at_least("window", self.window, 1)
        fraction("random", self.random)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """Nothing."""
        return space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Samples of the predicted set, then random points."""
        fresh = round(self.random * n)
        sampled = self._sampled(history, space, n - fresh, rng)
        return np.concatenate([space.repair(sampled), space.sample(fresh, rng)])

    def _sampled(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        if len(history.answers) < 2:
            return take(history.populations[-1].x, n, rng)
        span = np.where(space.span > 0.0, space.span, 1.0)
        path = np.stack([answer.x.mean(axis=0) for answer in history.answers]) / span
        last, step = history.answers[-1].x / span, path[-1] - path[-2]
        moves, covariance = belief(path[-self.window - 2 :], self.floor)
        # In these coordinates the kernels are round.
        values, axes = np.linalg.eigh(covariance)
        out, back = axes / np.sqrt(values), (axes * np.sqrt(values)).T
        centres = np.concatenate([last + step, last]) @ out
        weights = np.repeat([moves, 1.0 - moves], len(last)) / len(last)
        noise = self.reach * max(float(np.sqrt(((step @ out) ** 2).mean())), 1.0)
        start = take(last, n, rng) @ out + noise * rng.standard_normal((n, space.dim))
        levels = noise * np.linspace(1.0, 0.0, self.steps + 1) ** 2
        return np.asarray(Mixture(centres, weights).flow(start, levels) @ back * span)


def belief(path: Array, floor: float) -> tuple[float, Array]:
    """How the centroid goes on from its path, (T, d), T >= 2: the weight that it moves, and a covariance.

    The weight is that of a repeated displacement against standing still, within [0.001, 0.999]; the
    covariance is that of the errors of the likelier of both, with floor^2 on its diagonal.
    """
    steps = np.diff(path, axis=0)
    turns = np.diff(steps, axis=0) if len(steps) > 1 else steps
    stood, moved = float((steps[-len(turns) :] ** 2).mean()), float((turns**2).mean())
    total = stood + moved
    weight = float(np.clip(stood / total, 0.001, 0.999)) if total > 0.0 else 0.5
    errors = turns if moved < stood else steps
    return weight, errors.T @ errors / len(errors) + floor**2 * np.eye(path.shape[1])
