"""Problems that are two-dimensional at heart: a position, a distance, and limits on the objectives."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from dmo.batch import Batch
from dmo.errors import ArgumentError
from dmo.types import Array
from problems.analytic import Analytic
from problems.constrained.cache import kept, key
from problems.constrained.trace import Rays, spread, trace, undominated


@dataclass(frozen=True)
class Planar(Analytic):
    """A problem whose objectives and constraints are functions of a position p and a distance g; abstract.

    One variable is the position, in [0, 1]. Each other one adds bowl(x_i - goal) >= 0 to g, which is 1
    where all meet their goal. The constraints bind the objectives, so that the true front is that of
    a plane (see trace) and any point of it is attained by variables all equally far from their goal.

    front(t, n) and set(t, n) lie at equal steps of length along the front in the space of the
    objectives, the ends of each piece included. They are computed once, kept in memory and on disk.

    drift: both objectives grow by this much per unit of time, which the constraints do not see.
    """

    drift: float = 0.0

    n_obj = 2
    reach: ClassVar[float] = 3.5  # every front lies at lesser distances

    def _evaluate(self, x: Array, t: float) -> Batch:
        place = self.place(t)
        p = x[:, place]
        rest = x[:, 1:] if place == 0 else np.delete(x, place, axis=1)
        g = 1.0 + np.sum(self.bowl(rest - self.goal(p[:, None], t), t), axis=1)
        f1, f2 = self.image(p, g, t)
        f = np.column_stack([f1, f2]) + self.drift * t
        return Batch(x.copy(), f, np.column_stack(self.limits(f1, f2, t)))

    def place(self, t: float) -> int:
        """Which variable is the position."""
        return 0

    def goal(self, p: Array, t: float) -> Array | float:
        """Where the distance variables of points with position p, (k, 1), are best: (k, 1) or a number."""
        return 0.0

    def bowl(self, y: Array, t: float) -> Array:
        """What a variable adds to g that is y off its goal; even in y, 0 at 0 and rising up to |y| = 1."""
        return np.square(y)

    def image(self, p: Array, g: Array, t: float) -> tuple[Array, Array]:
        """The objectives at position p and distance g before the drift; they broadcast."""
        h1, h2 = self.curve(p, t)
        offset = self.offset(t)
        return g * h1 + offset, g * h2 + offset

    def curve(self, p: Array, t: float) -> tuple[Array, Array]:
        """The objectives at least distance, before the offset and the drift."""
        return p, 1.0 - p

    def offset(self, t: float) -> float:
        """What is added to both objectives, and seen by the constraints."""
        return 0.0

    @abstractmethod
    def limits(self, f1: Array, f2: Array, t: float) -> tuple[Array, ...]:
        """The constraints of points with these objectives, before the drift: <= 0 where feasible."""

    def knots(self, t: float) -> Array:
        """Positions, (k,), of feasible stretches too short to be found by a scan at equal steps."""
        return np.empty(0)

    def tips(self, t: float) -> Array:
        """Pairs (p, g), (k, 2), of feasible points at the end of spikes too sharp to be found by a scan."""
        return np.empty((0, 2))

    def front(self, t: float, n: int) -> Array:
        """At most about n points of the true constrained front at time t, none dominated: (k, 2)."""
        return self.evaluate(self.set(t, n), t).f

    def set(self, t: float, n: int) -> Array:
        """The points that evaluate to front(t, n), row by row, all feasible: (k, dim)."""
        if n < 1:
            raise ArgumentError("n", "at least 1 point", repr(n), "ask for some 100 to 1000 points")
        return _optimal_set(self, float(t), int(n)).copy()

    def rays(self, t: float) -> Rays:
        """The plane of this problem at time t."""

        def top(p: Array) -> Array:
            room = self._room(p, t)[1]
            return np.minimum(self.reach, 1.0 + (self.dim - 1) * self.bowl(room, t))

        return Rays(lambda p, g: self.image(p, g, t), lambda f1, f2: self.limits(f1, f2, t), top)

    def at(self, p: Array, g: Array, t: float) -> Array:
        """Points with positions p and distances g up to rounding, (k,) each, no nearer than g: (k, dim)."""
        way, far = self._room(p, t)
        share, near = (g - 1.0) / (self.dim - 1), np.zeros_like(far)
        for _ in range(60):
            middle = 0.5 * (near + far)
            enough = self.bowl(middle, t) >= share
            near, far = np.where(enough, near, middle), np.where(enough, middle, far)
        y = np.where(share > 0.0, way * far, 0.0)[:, None]
        rest = np.broadcast_to(self.goal(p[:, None], t) + y, (len(p), self.dim - 1))
        return self.space.repair(np.insert(rest, self.place(t), p, axis=1))

    def _optimal(self, p: Array, t: float) -> Array:
        g = self.rays(t).least(p[:, 0], np.empty((len(p), 0)))
        return self.at(p[:, 0], np.where(np.isnan(g), 1.0, g), t)

    def _room(self, p: Array, t: float) -> tuple[Array, Array]:
        """On which side of their goal distance variables have more room, and how much up to 1: (k,) each."""
        goal = np.broadcast_to(self.goal(p[:, None], t), (len(p), 1))[:, 0]
        low, high = goal - self.distance[0], self.distance[1] - goal
        return np.where(high >= low, 1.0, -1.0), np.minimum(np.maximum(low, high), 1.0)


@lru_cache(maxsize=256)
def _optimal_set(problem: Planar, t: float, n: int) -> Array:
    def compute() -> Array:
        return _compute(problem, t, n)

    ours = type(problem).__module__.startswith("problems.constrained.")
    # of a class from elsewhere the source is not part of the key: its front may not outlive the process
    return kept(key(problem, t, n), compute, problem.dim) if ours else compute()


def _compute(problem: Planar, t: float, n: int) -> Array:
    p, g = spread(problem.rays(t), _traced(problem, t), n).T
    x = problem.at(p, g, t)
    image = problem.evaluate(x, t)
    # summing over the variables may round to the wrong side of a border: step back from it
    for step in (1e-14, 1e-13, 1e-12, 1e-11, 1e-10):
        wrong = ~image.feasible
        x[wrong] = problem.at(p[wrong], g[wrong] + step, t)
        image = problem.evaluate(x, t)
    x, image = x[image.feasible], image[image.feasible]
    return x[undominated(image.f)]


@lru_cache(maxsize=1024)
def _traced(problem: Planar, t: float) -> list[Array]:
    return trace(problem.rays(t), problem.knots(t), problem.tips(t))


def turned(f1: Array, f2: Array, angle: float) -> tuple[Array, Array]:
    """The coordinates of (f1, f2) in axes turned by -angle."""
    s, c = np.sin(angle), np.cos(angle)
    return s * f2 + c * f1, c * f2 - s * f1


def sixth(a: Array) -> Array:
    """a to the power 6, many times faster than **."""
    square = np.square(a)
    return square * square * square
