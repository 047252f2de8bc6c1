"""A deployment-like table whose truth is known: physical formulas, knobs, 10 % noise on latency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.types import Array, IntArray

NAMES = ("latency_ms", "load_peak_mib", "error")


@dataclass(frozen=True, eq=False)
class Rows:
    """x: (n, q) features; truth, y: (n, 3) without and with noise; variant: (n,) number of the model."""

    x: Array
    truth: Array
    y: Array
    variant: IntArray


def table(n: int, seed: int, noise: float = 0.1) -> Rows:
    """n random strategies: three widths, depth, resolution, int8, threads, kernel level, arena, patches."""
    rng = np.random.default_rng(seed)
    width = rng.integers(1, 5, (n, 3)) / 4.0
    depth = rng.integers(1, 3, (n, 3))
    side = rng.choice([16, 20, 24, 28, 32], n)
    int8, threads, arena = rng.integers(0, 2, n), rng.integers(1, 3, n), rng.integers(0, 2, n)
    kernels, patches = rng.integers(0, 3, n), rng.choice([1, 2, 4], n)
    channels = width * [32, 64, 128]
    area = (side[:, None] / [1.0, 2.0, 4.0]) ** 2
    macs = (9.0 * depth * 2.0 * channels**2 * area).sum(axis=1) / 1e6
    weights = (9.0 * depth * 2.0 * channels**2).sum(axis=1) / 1e6
    live = channels[:, 0] * area[:, 0] * 4.0 / 1e6
    slow = np.array([3.0, 1.6, 1.0])[kernels] * np.where(int8 & (kernels > 0), 0.45, 1.0)
    halo = 1.0 + 0.08 * (patches - 1)
    latency = 0.15 + 0.05 * depth.sum(axis=1) + macs * slow * halo / (9.0 * threads**0.8)
    memory = (
        12.0
        + weights * np.where(int8, 2.0, 8.0) * (1.0 + 0.5 * (kernels == 2))
        + live * (2 + arena) / patches
    )
    error = (
        0.07 + 0.06 / (1.0 + 8.0 * width.prod(axis=1)) + 0.4 / side + 0.006 * int8 - 0.004 * depth.sum(axis=1)
    )
    truth = np.stack([latency, memory, error], axis=1)
    y = truth * np.exp(rng.normal(0.0, [noise, 0.01, 0.02], truth.shape))
    one_hot = np.eye(3)[kernels]
    x = np.column_stack(
        [
            width,
            depth,
            side,
            int8,
            threads,
            arena,
            one_hot,
            patches,
            np.log(macs),
            np.log(weights),
            np.log(live),
        ]
    )
    variant = np.unique(np.column_stack([width, depth, side, int8]), axis=0, return_inverse=True)[1].ravel()
    return Rows(x.astype(float), truth, y, variant)
