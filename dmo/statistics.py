"""Is one searcher better than another? Rank-sum and Friedman tests, corrected by Holm, and effect sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from dmo.errors import ArgumentError
from dmo.types import Array, BoolArray


def rank_sum(a: Array, b: Array) -> float:
    """Two-sided p-value that a, (n,), and b, (k,), are from one distribution; 1 where all values are equal.

    Exact for small samples without ties, else the normal approximation with correction of ties.
    Source: Wilcoxon (1945), Mann & Whitney (1947); computed by scipy.stats.mannwhitneyu.
    Raises ArgumentError when a sample is empty or has a NaN; inf is a value like others, the worst.
    """
    for name, sample in (("a", a), ("b", b)):
        if np.ndim(sample) != 1 or len(sample) == 0 or np.isnan(sample).any():
            raise ArgumentError(
                name, "a vector of at least one value without NaN", repr(sample), "drop runs without a value"
            )
    # Ranks make infinities, which unsolved runs have, comparable with the rest.
    ranks = stats.rankdata(np.concatenate([a, b]))
    if np.ptp(ranks) == 0.0:
        return 1.0
    return float(stats.mannwhitneyu(ranks[: len(a)], ranks[len(a) :], alternative="two-sided").pvalue)


def holm(p: Array) -> Array:
    """p-values, (n,), adjusted so that all of them together err at most at the level they are held against.

    Source: Holm, A simple sequentially rejective multiple test procedure (1979).
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def a12(a: Array, b: Array) -> float:
    """Chance that a value of a, (n,), is smaller than one of b, (k,), ties counted half: 0.5 is no effect.

    Source: Vargha & Delaney (2000), for measures that are minimised.
    """
    ranks = stats.rankdata(np.concatenate([a, b]))
    n, k = len(a), len(b)
    return float(1.0 - (ranks[:n].sum() / n - (n + 1) / 2) / k)


def performance_ratios(values: Array) -> Array:
    """How many times worse than the best of its row each value is, (n, k), 1 and more; inf is a failure.

    values: (n, k) of k searchers on n problems, positive, smaller is better; NaN and inf are failures.
    Source: Dolan & More, Benchmarking optimization software with performance profiles (2002), section 2.
    Raises ArgumentError when a value is not positive.
    """
    values = np.asarray(values, dtype=float)
    if (values <= 0.0).any():
        raise ArgumentError(
            "values",
            "positive numbers",
            f"{values.min():g}",
            "compare by a measure that has no zero, as MIGD",
        )
    failed = ~np.isfinite(values)
    best = np.where(failed, np.inf, values).min(axis=1, initial=np.inf, keepdims=True)
    return np.where(failed, np.inf, values / np.where(np.isfinite(best), best, 1.0))


def performance_profile(ratios: Array) -> tuple[Array, Array]:
    """Where a searcher's performance profile steps, (k,) ratios from 1 on, and how high it is there, (k,).

    ratios: (n,) of one searcher, see performance_ratios; the profile at r is the share of them up to r.
    """
    steps = np.unique(np.append(1.0, ratios[np.isfinite(ratios)]))
    return steps, (ratios[:, None] <= steps).mean(axis=0)


@dataclass(frozen=True, eq=False)
class Friedman:
    """Outcome of a Friedman test over n blocks (problems) and k treatments (searchers).

    ranks: (k,) mean rank of each, 1 is best; statistic, p: of the test that all are equal; blocks: n.
    """

    ranks: Array
    statistic: float
    p: float
    blocks: int

    def against(self, control: int) -> Array:
        """p-value of each treatment's difference from the control, (k,), Holm-adjusted; the control has 1.

        Source: Demsar, Statistical comparisons of classifiers over multiple data sets (2006), eq. 5.
        """
        k = len(self.ranks)
        z = (self.ranks - self.ranks[control]) / np.sqrt(k * (k + 1) / (6.0 * self.blocks))
        others = np.arange(k) != control
        p = np.ones(k)
        p[others] = holm(2.0 * stats.norm.sf(np.abs(z[others])))
        return p

    def critical_difference(self, alpha: float = 0.05) -> float:
        """How far two mean ranks must lie apart to differ at level alpha (Nemenyi).

        Source: Demsar (2006), section 3.2.2.
        """
        k = len(self.ranks)
        q = stats.studentized_range.ppf(1.0 - alpha, k, np.inf) / np.sqrt(2.0)
        return float(q * np.sqrt(k * (k + 1) / (6.0 * self.blocks)))


def friedman(values: Array) -> Friedman:
    """Rank k treatments over n blocks, (n, k), smaller is better, and test whether they differ.

    Ties share their mean rank. Source: Friedman (1937); computed by scipy.stats.friedmanchisquare.
    Raises ArgumentError when there are fewer than 2 blocks or 3 treatments, or a NaN.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 3 or np.isnan(values).any():
        raise ArgumentError(
            "values",
            "a matrix of at least 2 problems x 3 searchers without NaN",
            f"shape {values.shape}" + (" with NaN" if np.isnan(values).any() else ""),
            "compare two searchers by rank_sum; run what is missing",
        )
    ranks = stats.rankdata(values, axis=1)
    if (np.ptp(ranks, axis=1) == 0.0).all():
        return Friedman(ranks.mean(axis=0), 0.0, 1.0, len(values))
    found = stats.friedmanchisquare(*ranks.T)
    return Friedman(ranks.mean(axis=0), float(found.statistic), float(found.pvalue), len(values))


def cliques(ranks: Array, difference: float) -> list[tuple[int, ...]]:
    """Largest groups of treatments whose mean ranks, (k,), all lie within the difference, best first.

    Groups of one are left out: what a critical-difference diagram joins by bars.
    """
    order = np.argsort(ranks, kind="stable")
    found: list[tuple[int, ...]] = []
    reach = 0
    for i, first in enumerate(order):
        within: BoolArray = ranks[order] <= ranks[first] + difference
        last = int(np.flatnonzero(within)[-1])
        if last > max(i, reach):
            found.append(tuple(int(j) for j in order[i : last + 1]))
            reach = last
    return found
