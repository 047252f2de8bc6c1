"""Random sequences and counters of a problem, as pure functions of the environment."""

from __future__ import annotations

import numpy as np

from dmo.types import Array


def environment(t: float, severity: float) -> int:
    """The number k of the environment at time t = k / severity; between two of them, that of the earlier."""
    return int(np.floor(t * severity + 1e-9))


def draws(seed: int, index: int, n: int = 1) -> Array:
    """n random numbers in [0, 1), (n,), the same on every machine for the same seed and index."""
    words = np.random.SeedSequence([seed, index]).generate_state(n, np.uint64)
    return np.asarray((words >> np.uint64(11)) * 2.0**-53)
