"""Static problems with known fronts, and how to run an optimiser on one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dmo import Batch, Space
from dmo.optimisers.weights import lattice


def zdt1(x):
    """Convex; the set is x_1 in [0, 1], the others 0."""
    g = 1.0 + 9.0 * x[:, 1:].mean(axis=1)
    return np.stack([x[:, 0], g * (1.0 - np.sqrt(x[:, 0] / g))], axis=1)


def linked(x):
    """F1 of the RM-MEDA paper: ZDT1 with the optimal set x_i = x_1, a line across the space."""
    g = 1.0 + 9.0 * ((x[:, 1:] - x[:, :1]) ** 2).mean(axis=1)
    return np.stack([x[:, 0], g * (1.0 - np.sqrt(x[:, 0] / g))], axis=1)


def dtlz2(x):
    """An eighth of a sphere; the set has all variables but the first two at 0.5."""
    r = 1.0 + ((x[:, 2:] - 0.5) ** 2).sum(axis=1)
    a, b = 0.5 * np.pi * x[:, 0], 0.5 * np.pi * x[:, 1]
    return np.stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)], axis=1) * r[:, None]


def convex(n):
    """Points of the front of ZDT1."""
    f1 = np.linspace(0.0, 1.0, n)
    return np.stack([f1, 1.0 - np.sqrt(f1)], axis=1)


def sphere():
    """Points of the front of DTLZ2."""
    w = lattice(30, 3)
    return w / np.sqrt((w**2).sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Static:
    """A function of the unit box; circle: radius about the middle of its first two variables, forbidden."""

    function: Callable
    dim: int
    n_obj: int = 2
    circle: float | None = None

    @property
    def space(self):
        return Space.box(np.zeros(self.dim), np.ones(self.dim), self.n_obj, int(self.circle is not None))

    def evaluate(self, x):
        g = np.empty((len(x), 0))
        if self.circle is not None:
            g = self.circle - np.sqrt(((x[:, :2] - 0.5) ** 2).sum(axis=1, keepdims=True))
        batch = Batch(x.copy(), self.function(x), g)
        for array in (batch.x, batch.f, batch.g):
            array.flags.writeable = False  # an optimiser must not change what it is told
        return batch


def steps(optimiser, problem, n, seed=0):
    """The evolution after its beginning and after each ask and tell, for n times pop_size evaluations."""
    rng = np.random.default_rng(seed)
    evolution = optimiser.start(problem.space, rng)
    evolution.begin(problem.evaluate(problem.space.sample(optimiser.pop_size, rng)))
    yield evolution
    left = n * optimiser.pop_size
    while left > 0:
        x = evolution.ask()[:left]
        evolution.tell(problem.evaluate(x))
        left -= len(x)
        yield evolution


def solve(optimiser, problem, n, seed=0):
    """The population after n generations."""
    *_, last = steps(optimiser, problem, n, seed)
    return last.population
