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
        # Sums over the points; of the symmetric one the lower triangle.
        self._gram, self._work = (np.zeros((terms, terms), order="F") for _ in range(2))
        self._moment = np.zeros((terms, outputs))
        self._points = 0.0
        self._new: list[tuple[Array, Array]] = []  # not yet in the sums, `since` many
        self._since = 0
        self._linear = np.zeros((basis, outputs))
        self._product = np.zeros((outputs, basis, basis))

    def learn(self, x: Array, y: Array) -> None:
        """Take outputs y, (n, q), of points x, (n, d)."""
        self._new.append((x, y))
        self._since += len(x)

    def follow(self, slope: Array, offset: Array, trust: float) -> None:
        """From now on outputs are slope * output + offset, (q,) each; what was learnt counts `trust`-fold."""
        self._moment = trust * (self._moment * slope + np.outer(self._gram[:, 0], offset))
        self._gram *= trust
        self._points *= trust
        self._new = [(x, y * slope + offset) for x, y in self._new]
        self._linear *= slope
        self._product *= slope[:, None, None]

    def __call__(self, x: Array) -> Array:
        """Outputs at x, (n, d), but for a constant: (n, q). Differences of two points are predictions."""
        if self._since > REFIT * self._points:
            self._fit()
        basis = self.basis(x)
        n, width = basis.shape
        crossed = basis @ self._product.transpose(1, 0, 2).reshape(width, len(self._product) * width)
        return np.asarray(
            basis @ self._linear + np.vecdot(crossed.reshape(n, len(self._product), width), basis[:, None, :])
        )

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
        x, y = (np.concatenate(part) for part in zip(*self._new, strict=True))
        terms = self.terms(x)
        self._gram = dsyrk(1.0, terms.T, beta=1.0, c=self._gram, lower=1, overwrite_c=1)
        self._moment += terms.T @ y
        self._points += self._since
        self._new, self._since = [], 0
        np.copyto(self._work, self._gram)
        np.einsum("ii->i", self._work)[1:] += RIDGE * self._points
        factor = cho_factor(self._work, lower=True, overwrite_a=True, check_finite=False)
        coefficients = cho_solve(factor, self._moment, check_finite=False)
        width = len(self._linear)
        self._linear = coefficients[1 : width + 1]
        self._product[:, self._first, self._second] = coefficients[width + 1 :].T
