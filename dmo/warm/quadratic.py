"""Quadratic: a least-squares response surface that grows batch by batch and follows a change."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dsyrk

from dmo.space import Space
from dmo.types import Array

LEVELS = 8  # a whole variable of at most this many levels has a coefficient for each of them
TERMS = 600  # with more terms than this, products of different variables are left out
RIDGE = 1e-5  # of the coefficients' squares, for each point learnt
REFIT = 0.2  # the share of new points at which the coefficients are computed again


class Quadratic:
    """Several outputs as quadratic functions of the variables, all of the same terms.

    Whole variables of few levels enter by an indicator of each level but the first, so that any
    function of one or two of them is represented exactly; others by their value, scaled to [-1, 1],
    and its square. Terms are these and the products of those that belong to two variables.
    Source: response surface methodology, Box & Wilson (1951); ridge by Hoerl & Kennard (1970).
    """

    def __init__(self, space: Space, outputs: int) -> None:
        self._space = space
        coded = space.integer & (space.span < LEVELS)
        self._scaled = (~coded & (space.span > 0.0)).nonzero()[0]
        levels = [(j, low + k) for j, low in enumerate(space.lower) if coded[j] for k in range(1, LEVELS)]
        levels = [(j, level) for j, level in levels if level <= space.upper[j]]
        self._column = np.array([j for j, _ in levels], dtype=np.intp)
        self._level = np.array([level for _, level in levels])
        variable = np.concatenate([self._column, self._scaled])
        first, second = np.triu_indices(len(variable))
        square = (first == second) & (first >= len(levels))
        crossed = variable[first] != variable[second]
        kept = square | (crossed if len(variable) + crossed.sum() + square.sum() < TERMS else False)
        self._first, self._second = first[kept], second[kept]
        basis, terms = len(variable), 1 + len(variable) + int(kept.sum())
        # Over the points of which the coefficients are, and over those learnt since.
        self._past, self._recent = _Sums(terms, outputs), _Sums(terms, outputs)
        self._linear = np.zeros((basis, outputs))
        self._product = np.zeros((basis, basis, outputs))

    def learn(self, x: Array, y: Array) -> None:
        """Take outputs y, (n, q), of points x, (n, d)."""
        self._recent.add(self.terms(x), y)

    def follow(self, slope: Array, offset: Array, trust: float) -> None:
        """From now on outputs are slope * output + offset, (q,) each; what was learnt counts `trust`-fold."""
        self._past.follow(slope, offset, trust)
        self._recent.follow(slope, offset, 1.0)
        self._linear *= slope
        self._product *= slope

    def __call__(self, x: Array) -> Array:
        """Outputs at x, (n, d), but for a constant: (n, q). Differences of two points are predictions."""
        from dmo.warm.heights import heights

        if self._recent.points > REFIT * self._past.points:
            self._fit()
        return heights(np.ascontiguousarray(self.basis(x)), self._linear, self._product)

    def basis(self, x: Array) -> Array:
        """Level indicators and scaled variables, (n, b)."""
        space, scaled = self._space, self._scaled
        middle = 0.5 * (space.lower + space.upper)[scaled]
        values = (x[:, scaled] - middle) / (0.5 * space.span[scaled])
        return np.concatenate([x[:, self._column] == self._level, values], axis=1)

    def terms(self, x: Array) -> Array:
        """1, the basis and its products, (n, p)."""
        basis = self.basis(x)
        products = basis[:, self._first] * basis[:, self._second]
        return np.concatenate([np.ones((len(x), 1)), basis, products], axis=1)

    def _fit(self) -> None:
        self._past.take(self._recent)
        gram = self._past.gram.copy(order="F")
        np.einsum("ii->i", gram)[1:] += RIDGE * self._past.points
        factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
        coefficients = cho_solve(factor, self._past.moment, check_finite=False)
        width = len(self._linear)
        self._linear = np.ascontiguousarray(coefficients[1 : width + 1])
        self._product[self._first, self._second] = coefficients[width + 1 :]


class _Sums:
    """What least squares needs of the points: sums over their terms, of which there are p, and q outputs."""

    def __init__(self, p: int, q: int) -> None:
        self.gram = np.zeros((p, p), order="F")  # terms' terms, the lower triangle
        self.moment = np.zeros((p, q))  # terms' outputs
        self.points = 0.0

    def add(self, terms: Array, y: Array) -> None:
        """Take outputs y, (n, q), of points with these terms, (n, p)."""
        self.gram = dsyrk(1.0, terms.T, beta=1.0, c=self.gram, lower=1, overwrite_c=1)
        self.moment += terms.T @ y
        self.points += len(terms)

    def follow(self, slope: Array, offset: Array, trust: float) -> None:
        """Outputs become slope * output + offset, (q,) each; the points then count `trust`-fold."""
        self.moment = trust * (self.moment * slope + np.outer(self.gram[:, 0], offset))
        if trust != 1.0:
            self.gram *= trust
            self.points *= trust

    def take(self, other: _Sums) -> None:
        """Take the points of another one, which has none then."""
        self.gram += other.gram
        self.moment += other.moment
        self.points += other.points
        other.gram[:], other.moment[:], other.points = 0.0, 0.0, 0.0
