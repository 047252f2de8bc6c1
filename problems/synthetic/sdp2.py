"""SDP7 to SDP12: scalable problems with any number of objectives.

Source of all, and deviation of those that draw random numbers: see sdp.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.analytic import squares, wave
from problems.synthetic import holes
from problems.synthetic.curve import undominated
from problems.synthetic.sdp import Drawn, Sdp, chain
from problems.synthetic.sequence import environment


@final
@dataclass(frozen=True)
class SDP7(Drawn):
    """Five valleys, one of which, drawn at random, is the deepest; the front is a plane.

    Moves: the set (distance variables at 0, 0.2, 0.4, 0.6 or 0.8); the front stays.
    Source: SDP7.
    """

    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        floors = np.arange(1.0, 6.0)
        floors[self._deepest(t)] = 0.5
        depth = floors + 10.0 * (10.0 * rest[:, :, None] - 2.0 * np.arange(5)) ** 2
        g = 0.5 + depth.min(axis=2).mean(axis=1)
        return Batch.unconstrained(x.copy(), g[:, None] * chain(1.0 - p, p))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, 0.2 * self._deepest(t))

    def _deepest(self, t: float) -> int:
        """Which valley is the deepest, from 0; the first at t = 0."""
        return int(5.0 * self._draw(t))


@final
@dataclass(frozen=True)
class SDP8(Sdp):
    """The front is a sphere whose holes change in number and size; DF12 for any n_obj.

    Moves: the set (its curvature) and the front (the holes). See DF12, also for whole t, where rounding
    makes holes. Raised points are on the front where no point of the unit sphere is better.
    Source: SDP8, which some codes call SDP9.
    """

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        g = 1.0 + squares(rest - np.sin(t * x[:, :1])) + holes.depth(p, t)
        f = chain(np.sin(0.5 * np.pi * p), np.cos(0.5 * np.pi * p))[:, ::-1]
        return Batch.unconstrained(x.copy(), g[:, None] * f)

    def _positions(self, t: float, n: int) -> Array:
        p = super()._positions(t, n)
        return p[holes.undominated(p, t)]

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, np.sin(t * p[:, :1]))


@final
@dataclass(frozen=True)
class SDP9(Sdp):
    """The front is one piece or many, which come and go, and it moves as a whole.

    Moves: the set (a triangular wave of ever shorter period) and the front (p = floor(6 G) for its pieces,
    and all objectives by G = |sin(pi t / 2)|). Distance enters all objectives but the last. Each
    position enters one of these and adds to the last, so that the optimal positions are all
    combinations of values for which every larger one adds more; front(t, n) has points on every piece,
    which takes more than n where n is small.
    Source: SDP9, whose C++ code adds G to g as well; some codes call it SDP8.
    """

    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        G = abs(wave(t))
        g = 1.0 + squares(rest - self._goal(t))
        f = np.column_stack([g[:, None] * np.cos(0.5 * np.pi * p) ** 2, self._added(p, t).sum(axis=1)])
        return Batch.unconstrained(x.copy(), f + G)

    def _positions(self, t: float, n: int) -> Array:
        def curve(u: Array) -> Array:
            return np.column_stack([np.cos(0.5 * np.pi * u) ** 2, self._added(u, t)])

        values = undominated(curve, max(2, round(n ** (1.0 / (self.n_obj - 1)))))
        axes = np.meshgrid(*[values] * (self.n_obj - 1), indexing="ij")
        return np.column_stack([axis.ravel() for axis in axes])

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(t))

    def _added(self, p: Array, t: float) -> Array:
        """What each position adds to the last objective."""
        s = np.sin(0.5 * np.pi * p)
        return np.asarray(s**2 + s * np.cos(np.floor(6.0 * abs(wave(t))) * np.pi * p) ** 2)

    def _goal(self, t: float) -> float:
        """|arctan(cot(3 pi t^2))| / pi."""
        return abs(0.5 - 3.0 * t**2 % 1.0)


@final
@dataclass(frozen=True)
class SDP10(Sdp):
    """The front is a surface of rings, connected or not.

    Moves: the set (a sine of x1, which wanders) and the front (r = floor(10 |G|) sharpens its waves). The
    positions are objectives, and the last objective depends on s, their mean square, alone: the front is
    where it is less than at any smaller s. Points of the grid beside it are moved onto it along rays.
    Source: SDP10.
    """

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        g = 1.0 + squares(rest - self._goal(x[:, :1], t))
        return Batch.unconstrained(x.copy(), np.column_stack([p, g * self._last((p**2).mean(axis=1), t)]))

    def _positions(self, t: float, n: int) -> Array:
        p = super()._positions(t, n)
        s = undominated(lambda s: np.column_stack([s, self._last(s, t)]), 20_000)
        at = (p**2).mean(axis=1)
        above = np.clip(np.searchsorted(s, at), 1, s.size - 1)
        low, high = s[above - 1], s[above]
        within = (high - low < 1e-4) & (at <= s[-1])
        end = np.where(within, at, np.where(at - low < high - at, low, high))
        moved = p * np.sqrt(np.divide(end, at, out=np.ones_like(at), where=at > 0.0))[:, None]
        step = 1.0 / (n ** (1.0 / p.shape[1]) - 1.0)
        near = np.abs(np.sqrt(end) - np.sqrt(at)) <= step
        return np.asarray(moved[near & (moved <= 1.0).all(axis=1)])

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p[:, :1], t))

    def _last(self, s: Array, t: float) -> Array:
        """The last objective of least distance, (k,)."""
        waves = (-np.sin(2.5 * np.pi * s)) ** np.floor(10.0 * abs(wave(t)))
        return np.asarray(2.0 - s - np.sqrt(s) * waves)

    def _goal(self, x1: Array, t: float) -> Array:
        return np.asarray(np.sin(x1 + 0.5 * np.pi * t))


@final
@dataclass(frozen=True)
class SDP11(Sdp):
    """A strip of the space, which wanders, has a narrow and deceptive valley; the front is a sphere.

    Moves: the set (distance variables at |G|; the strip frac(3 t) <= sum of positions < frac(3 t + 0.2),
    and none where that wraps around); the front stays.
    Source: SDP11, with 1 + g for g, as in the C++ code: the MATLAB code's front would be one point.
    """

    distance = (0.0, 1.0)

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x)
        off, total = np.abs(rest - abs(wave(t))), p.sum(axis=1)
        strip = (total >= 3.0 * t % 1.0) & (total < (3.0 * t + 0.2) % 1.0)
        terms = np.where(strip[:, None], off**0.6 - 0.9 * off**2, off**2)
        y = 0.5 * np.pi * p
        return Batch.unconstrained(x.copy(), (1.0 + terms.sum(axis=1))[:, None] * chain(np.sin(y), np.cos(y)))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, abs(wave(t)))


@final
@dataclass(frozen=True)
class SDP12(Drawn):
    """The number of variables that have an effect changes at random; the front is a plane.

    fewest: the least number of them, from n_obj to dim, and that at t = 0; then it is drawn up to dim.
    Moves: the set (a sine of x1 whose amplitude is sin(n_t t), n_t the number in force); the front stays.
    Source: SDP12. Deviation: the space always has dim variables, of which those beyond the number in force
    have no effect; the sources change the length of solutions.

    Raises ArgumentError when fewest is not such a number, too.
    """

    dim: int = 20
    fewest: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("fewest", self.fewest, self.n_obj)
        if self.fewest > self.dim:
            raise ArgumentError(
                "fewest", f"at most dim = {self.dim}", str(self.fewest), "lower it or raise dim"
            )

    def _evaluate(self, x: Array, t: float) -> Batch:
        p, rest = self._split(x[:, : self.active(t)])
        g = 1.0 + squares(rest - self._goal(x[:, :1], t))
        return Batch.unconstrained(x.copy(), g[:, None] * chain(1.0 - p, p))

    def active(self, t: float) -> int:
        """The number of variables that have an effect at time t."""
        if environment(t, self.severity) == 0:
            return self.fewest
        return self.fewest + int((self.dim - self.fewest + 1) * self._draw(t))

    def _optimal(self, p: Array, t: float) -> Array:
        return self._joined(p, self._goal(p[:, :1], t))

    def _goal(self, x1: Array, t: float) -> Array:
        return np.asarray(np.sin(self.active(t) * t) * np.sin(2.0 * np.pi * x1))
