"""Transfer: what values measured before a change say of those after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmo.types import Array

FEWEST = 4  # points that tell a slope


@dataclass(frozen=True, eq=False)
class Transfer:
    """new = slope * old + offset, (q,) each; trust: the share of the new variance that this explains, of
    the output of which it explains least."""

    slope: Array
    offset: Array
    trust: float

    @classmethod
    def of(cls, old: Array, new: Array) -> Transfer:
        """Fitted to the values of n points before and after, (n, q) each, n >= 1.

        Least squares; with slope 1 where the points are few or do not differ.
        """
        means = old.mean(axis=0), new.mean(axis=0)
        a, b = old - means[0], new - means[1]
        spread = (a * a).sum(axis=0)
        slope = np.ones(len(spread))
        if len(old) >= FEWEST:
            np.divide((a * b).sum(axis=0), spread, out=slope, where=spread > 0.0)
        offset = means[1] - slope * means[0]
        error, total = ((b - slope * a) ** 2).sum(axis=0), (b * b).sum(axis=0)
        unexplained = np.divide(error, total, out=np.zeros(len(total)), where=total > 0.0)
        return cls(slope, offset, float(np.clip(1.0 - unexplained, 0.0, 1.0).min()))

    def __call__(self, old: Array) -> Array:
        """The values to be expected now, (n, q)."""
        return np.asarray(self.slope * old + self.offset)
