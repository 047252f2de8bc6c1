"""Multicentre prediction for constrained problems: the change response of FCP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import select
from dmo.history import History
from dmo.penalty import penalised
from dmo.responses.k_means import k_means
from dmo.responses.pps import halfway
from dmo.responses.take import keep, take
from dmo.space import Space
from dmo.types import Array
from dmo.variation import polynomial_mutation, sbx


@dataclass(frozen=True)
class FCP:
    """Sample boxes around several centres of the last population, moved by the population's displacement.

    clusters: of the penalised objectives, by k-means; the centre of each is the mean of its members'
    variables, and its box reaches as far as another centre, drawn at random, is away. eta:
    distribution index of crossover and mutation after the first change, when there is no
    displacement: there the old population is evaluated first, its best members stay, as many as
    are feasible, and the others have children.
    Source: Gong, Xia, Zou, Hou & Liu, Enhancing Dynamic Constrained Multiobjective Optimization With
    Multicenters-Based Prediction, IEEE Trans. Evolutionary Computation 29(5), 2025, as the authors'
    program FCP runs it; the penalty is that of Woldesenbet, Yen & Tessema, Constraint Handling in
    Multiobjective Evolutionary Optimization (2009).
    Deviation: the response alone, with an optimiser's own constraint handling; no centre is its own
    partner, whose box were a point; the program never fills the penalty's last term, here it is as
    published; a value outside its bound is put halfway back to the centre.
    """

    clusters: int = 10
    eta: float = 20.0

    def __post_init__(self) -> None:
        at_least("clusters", self.clusters, 1)
        at_least("eta", self.eta, 0.0)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The old population after the first change, later nothing."""
        return history.populations[-1].x if len(history.populations) == 1 else space.empty()

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Points around the moved centres, or, after the first change, children of the worse members."""
        if len(history.populations) == 1:
            return self._children(history.probes, space, n, rng)
        before, last = history.populations[-2:]
        step = last.x.mean(axis=0) - before.x.mean(axis=0)
        labels = k_means(penalised(last), self.clusters, rng)
        count = int(labels.max()) + 1
        if count == 1:
            return space.repair(keep(last.x, n, rng) + step)
        centres = np.stack([last.x[labels == i].mean(axis=0) for i in range(count)])
        circle = rng.permutation(count)
        reach = np.empty_like(centres)
        reach[circle] = np.abs(centres[circle] - centres[np.roll(circle, 1)])
        moved = space.repair(centres + step)
        place = np.arange(n) % count
        x = moved[place] + rng.uniform(-1.0, 1.0, (n, space.dim)) * reach[place]
        return space.repair(halfway(x, moved[place], space))

    def _children(self, old: Batch, space: Space, n: int, rng: Generator) -> Array:
        kept = round(float(old.feasible.mean()) * min(n, len(old)))
        rows = min(n, max(1, n - len(old), n - kept))
        worse = old.x[select(old, len(old))[kept:]]
        parents = take(worse if len(worse) else old.x, rows + rows % 2, rng)
        a, b = np.split(parents, 2)
        children = sbx(a, b, space, rng, prob=1.0, eta=self.eta)[:rows]
        return polynomial_mutation(children, space, rng, eta=self.eta)
