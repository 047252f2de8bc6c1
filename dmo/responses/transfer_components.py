"""Transfer component analysis: features in which two samples look alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from dmo.distances import squared_distances
from dmo.types import Array


@dataclass(frozen=True, eq=False)
class TransferComponents:
    """A map into the latent space.

    x: (n, p) both samples; weights: (n, k), from kernel values to latent coordinates; gamma: of the
    Gaussian kernel exp(-gamma r^2).
    """

    x: Array
    weights: Array
    gamma: float

    def transform(self, x: Array) -> Array:
        """Latent coordinates of x, (n, p): (n, k)."""
        return kernel(x, self.x, self.gamma) @ self.weights


def fit(source: Array, target: Array, dimensions: int, trade_off: float, gamma: float) -> TransferComponents:
    """The k <= dimensions leading components of samples (s, p) and (t, p).

    They maximise the variance of all points against the distance of the two samples' means in the
    latent space and trade_off > 0 times the size of the weights: the leading eigenvectors, of unit
    length, of (K L K + trade_off I)^-1 K H K, with K the kernel matrix, H the centring matrix and
    L = l l^T, l being 1/s for the source's points and -1/t for the target's.
    Source: Pan, Tsang, Kwok & Yang, Domain Adaptation via Transfer Component Analysis (2011), in the
    form of Jiang et al., Tr-DMOEA (2018), algorithm 1.
    """
    x = np.concatenate([source, target])
    n = len(x)
    k = kernel(x, x, gamma)
    gap = k[: len(source)].mean(axis=0) - k[len(source) :].mean(axis=0)
    centred = k - k.mean(axis=0)
    spread = centred.T @ centred
    # K L K = gap gap^T has rank one, so that the inverse square root of K L K + trade_off I is, but
    # for a factor, I - shrink u u^T, and makes the problem symmetric.
    length = float(np.linalg.norm(gap))
    u = gap / length if length > 0.0 else gap
    shrink = 1.0 - np.sqrt(trade_off / (trade_off + length**2))
    half = spread - shrink * np.outer(u, u @ spread)
    symmetric = half - shrink * np.outer(half @ u, u)
    leading = eigh(symmetric, subset_by_index=(max(0, n - dimensions), n - 1))[1][:, ::-1]
    weights = leading - shrink * np.outer(u, u @ leading)
    return TransferComponents(x, weights / np.linalg.norm(weights, axis=0), gamma)


def kernel(a: Array, b: Array, gamma: float) -> Array:
    """exp(-gamma r^2) of each row of a, (n, p), and each of b, (k, p): (n, k)."""
    return np.asarray(np.exp(-gamma * squared_distances(a, b)))
