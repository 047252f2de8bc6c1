"""RM-MEDA: an estimation of distribution algorithm that models the optimal set as pieces of a manifold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.optimisers.generations import Generations
from dmo.optimisers.localpca import local_pca
from dmo.optimisers.thinning import select
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class RMMEDA:
    """Regularity model-based multiobjective estimation of distribution algorithm.

    The optimal set of m objectives is, under mild conditions, a piecewise continuous manifold of
    m - 1 dimensions: local PCA finds its pieces in the population, and children are sampled from them.
    pop_size: points kept, and points asked for each generation; clusters: pieces; extension: by how
    much of its extent a piece is prolonged at either end.
    Source: Zhang, Zhou & Jin, RM-MEDA: a regularity model-based multiobjective estimation of
    distribution algorithm (2008); a child's variable that leaves the space is put halfway between
    the bound and that variable of a member of its piece, as in the authors' code.
    Deviation: of points with equal variables only one survives; where every piece has shrunk to a
    point, children scatter around them by a tenth of the mean span, as the authors' code does for
    pieces of one point; dominance is constrained dominance; integer variables are rounded.
    """

    pop_size: int = 100
    clusters: int = 5
    extension: float = 0.25

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        at_least("clusters", self.clusters, 1)
        at_least("extension", self.extension, 0.0)

    def start(self, space: Space, rng: Generator) -> Generations:
        """A new evolution; its population is sorted by rank, its model lives for a generation."""
        return Generations(self, space, rng)

    def offspring(self, population: Batch, space: Space, rng: Generator) -> Array:
        """pop_size points sampled from the pieces of the population."""
        return sample(population.x, self, space, rng)

    def survivors(self, batch: Batch) -> IntArray:
        """The pop_size best by rank; of the rank that fits in part, see `thinning`."""
        return select(batch, self.pop_size)


def sample(x: Array, settings: RMMEDA, space: Space, rng: Generator) -> Array:
    """pop_size points from a model of x, (n, d); a piece is drawn in proportion to its volume."""
    n = settings.pop_size
    q = min(space.n_obj - 1, space.dim)
    model = local_pca(x, settings.clusters, q, rng)
    extent = model.high - model.low
    volume = np.where(model.count > 1, extent.prod(axis=1), 0.0)
    noise = model.noise
    if not volume.sum() > 0.0:
        volume, noise = model.count.astype(float), np.full(len(noise), 0.1 * float(space.span.mean()))
    piece = rng.choice(len(volume), size=n, p=volume / volume.sum())
    low = model.low - settings.extension * extent
    along = low[piece] + rng.random((n, q)) * (1.0 + 2.0 * settings.extension) * extent[piece]
    ideal = model.mean[piece] + (model.axes[piece] @ along[:, :, None])[:, :, 0]
    trial = ideal + noise[piece, None] * rng.standard_normal((n, space.dim))
    outside = (trial < space.lower) | (trial > space.upper)
    if outside.any():
        # Another member for every variable, as in the authors' code; drawn for all, needed for few.
        draws = rng.integers(np.broadcast_to(np.maximum(model.count, 1)[piece, None], trial.shape))
        rows, columns = np.nonzero(outside)
        order, first = np.argsort(model.part, kind="stable"), np.cumsum(model.count) - model.count
        fellow = order[first[piece[rows]] + draws[rows, columns]]
        bound = np.clip(trial[rows, columns], space.lower[columns], space.upper[columns])
        trial[rows, columns] = 0.5 * (bound + x[fellow, columns])
    return space.repair(trial)
