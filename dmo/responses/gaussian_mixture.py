"""A Gaussian mixture as a diffusion model: its exact denoiser, its score, and the flow to its samples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dmo.distances import squared_distances
from dmo.types import Array


@dataclass(frozen=True, eq=False)
class Mixture:
    """Equal Gaussians of unit covariance around k centres.

    centres: (k, d); weights: (k,), positive, summing to 1.
    """

    centres: Array
    weights: Array

    def denoised(self, x: Array, level: float) -> Array:
        """The mean of what x, (n, d), was before noise of this standard deviation: (n, d)."""
        variance, noise = 1.0 + level**2, level**2
        log = np.log(self.weights) - squared_distances(x, self.centres) / (2.0 * variance)
        likely = np.exp(log - log.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        return np.asarray((noise * (likely @ self.centres) + x) / variance)

    def score(self, x: Array, level: float) -> Array:
        """The gradient of the log density of the mixture plus noise at x, (n, d), by Tweedie's formula."""
        return (self.denoised(x, level) - x) / level**2

    def flow(self, x: Array, levels: Array) -> Array:
        """x, (n, d), a sample of the mixture plus noise of levels[0], turned into one of the mixture.

        levels: falling to 0 at the end. Source: Song et al., Score-based generative modeling through
        stochastic differential equations (2021), the probability flow, with the steps of DDIM.
        """
        for level, lower in pairwise(levels):
            clean = self.denoised(x, level)
            x = clean + (lower / level) * (x - clean)
        return x
