"""Guided relocation: the change response of SGEA."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.dominance import nondominated
from dmo.history import History
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class SGEA:
    """Re-evaluate a well-spread half of the population, and move the other half where it points to.

    The direction is from the centroid of the re-evaluated half to that of its non-dominated members
    in the new environment; the step is as long as the last displacement of the non-dominated set's
    centroid, with Gaussian noise of half that length. After the first change, when there is no
    displacement yet, the other half is random.
    Source: Jiang & Yang, A Steady-State and Generational Evolutionary Algorithm for Dynamic
    Multiobjective Optimization, IEEE Trans. Evolutionary Computation 21(1), 2017, section III; the
    half is chosen the farthest first from the extremes, and the first change answered, as in the
    first author's program.
    Deviation: the response alone; the steady-state search belongs to the optimiser.
    """

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The half that is well spread over the objectives."""
        last = history.populations[-1]
        return last.x[farthest_first(last.f, (len(last) + 1) // 2)]

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """The other half, moved; the first one is among the probes."""
        last, probes = history.populations[-1], history.probes
        rows = max(1, n - len(probes))
        if len(history.answers) < 2:
            return space.sample(rows, rng)
        others = np.ones(len(last), dtype=bool)
        others[farthest_first(last.f, len(probes))] = False
        members = take(last.x[others] if others.any() else last.x, rows, rng)
        before, now = (answer.x.mean(axis=0) for answer in history.answers[-2:])
        step = float(np.linalg.norm(now - before))
        towards = probes.x[nondominated(probes)].mean(axis=0) - probes.x.mean(axis=0)
        length = float(np.linalg.norm(towards))
        direction = towards / length if length > 0.0 else np.zeros(space.dim)
        noise = rng.normal(0.0, 0.5 * step / np.sqrt(space.dim), members.shape)
        return space.repair(members + step * direction + noise)


def farthest_first(f: Array, n: int) -> IntArray:
    """n rows of f, (k, m): the best of each objective, then always the one farthest from those chosen."""
    chosen = list(dict.fromkeys(f.argmin(axis=0).tolist()))[:n]
    gaps = np.square(f[:, None] - f[chosen][None]).sum(axis=2).min(axis=1)
    gaps[chosen] = -1.0  # equal points may be chosen too, but none twice
    while len(chosen) < n:
        next_one = int(gaps.argmax())
        chosen.append(next_one)
        gaps = np.minimum(gaps, np.square(f - f[next_one]).sum(axis=1))
        gaps[next_one] = -1.0
    return np.array(chosen, dtype=np.intp)
