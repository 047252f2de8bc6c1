"""Associative memory: restore what was found in the past environments that are most like the new one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, fraction
from dmo.history import History
from dmo.responses.take import take
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class AssociativeMemory:
    """Restore the non-dominated sets of the past environments most like the new one; the rest is random.

    share: of the population that is restored, from the most similar environment as far as its set
    reaches, then from the next; sentinels: points of each past set that are evaluated first, to
    compare values then and now, where no context is announced.
    Environments are compared by their contexts if all have one, each component scaled by its
    extent, at no cost. Else each past set's sentinels tell: the smaller the mean difference of their
    objectives and constraints then and now, scaled likewise, the more similar. Of equally similar
    environments the latest comes first.
    Source: Yang, Explicit Memory Schemes for Evolutionary Algorithms in Dynamic Environments (2007),
    associative memory, whose environmental information is a distribution of good points; here it is
    the context, or values at those points as detectors compare them.
    """

    share: float = 0.7
    sentinels: int = 2

    def __post_init__(self) -> None:
        fraction("share", self.share)
        at_least("sentinels", self.sentinels, 1)

    def probe(self, history: History, space: Space, rng: Generator) -> Array:
        """The sentinels of each past set, the oldest first; nothing where contexts tell."""
        if _contexts(history) is not None:
            return space.empty()
        return np.concatenate([old.x for old in self._sentinels(history)])

    def respond(self, history: History, space: Space, n: int, rng: Generator) -> Array:
        """Members of the sets that the memory associates, then random points."""
        rows = max(1, n - len(history.probes))
        restored = round(self.share * rows)
        x = space.empty()
        for i in self.order(history):
            if len(x) >= restored:
                break
            x = np.concatenate([x, take(history.answers[i].x, len(history.answers[i]), rng)])
            # A set that recurs has the same points again: each is restored once, as long as there are others.
            x = x[np.sort(np.unique(x, axis=0, return_index=True)[1])]
        x = x[:restored] if len(x) >= restored else np.concatenate([x, take(x, restored - len(x), rng)])
        return np.concatenate([x, space.sample(rows - restored, rng)])

    def order(self, history: History) -> IntArray:
        """The past environments, the most similar first."""
        contexts = _contexts(history)
        if contexts is not None:
            gaps = np.abs(contexts[:-1] - contexts[-1]) / _extent(contexts)
            difference = gaps.mean(axis=1) if gaps.shape[1] else np.zeros(len(gaps))
        else:
            old = self._sentinels(history)
            then, now = _values(Batch.concat(*old)), _values(history.probes)
            gaps = np.abs(now - then) / _extent(np.concatenate([then, now]))
            ends = np.cumsum([len(sentinels) for sentinels in old])[:-1]
            difference = np.array([part.mean() for part in np.split(gaps, ends)])
        return np.lexsort((-np.arange(len(difference)), difference))

    def _sentinels(self, history: History) -> list[Batch]:
        """Points of each past set, spread over its first objective."""
        found = []
        for answer in history.answers:
            along = np.argsort(answer.f[:, 0], kind="stable")
            places = np.linspace(0, len(answer) - 1, self.sentinels).round().astype(np.intp)
            found.append(answer[along[np.unique(places)]])
        return found


def _contexts(history: History) -> Array | None:
    """The contexts of all past environments and of the new one, (T + 1, c), if each has one."""
    contexts = [e.context for e in (*history.environments, history.now) if e.context is not None]
    complete = len(contexts) == len(history.environments) + 1 and len({len(c) for c in contexts}) == 1
    return np.stack(contexts) if complete else None


def _values(batch: Batch) -> Array:
    return np.concatenate([batch.f, batch.g], axis=1)


def _extent(values: Array) -> Array:
    extent = np.ptp(values, axis=0)
    return np.where(extent > 0.0, extent, 1.0)
