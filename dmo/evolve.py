"""Evolve: a dynamic searcher is an optimiser times a change response, with a detector."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least, speaks
from dmo.detectors import Announced, Detector, Watch
from dmo.dominance import nondominated
from dmo.errors import EvaluationError
from dmo.history import History
from dmo.optimisers import NSGA2, Evolution, Optimiser
from dmo.responses import Response, Restart
from dmo.search import Environment
from dmo.space import Space
from dmo.types import Array, IntArray


@dataclass(frozen=True)
class Evolve:
    """Evolutionary search that responds to changes.

    optimiser: searches within an environment; response: where it restarts after a change;
    detector: how it learns of changes that are not announced; memory: past environments kept for
    the response.
    """

    optimiser: Optimiser = field(default_factory=NSGA2)
    response: Response = field(default_factory=Restart)
    detector: Detector = field(default_factory=Announced)
    memory: int = 30

    def __post_init__(self) -> None:
        speaks("optimiser", self.optimiser, ("pop_size", "start"))
        speaks("response", self.response, ("probe", "respond"))
        speaks("detector", self.detector, ("start",))
        at_least("memory", self.memory, 1)

    def start(self, space: Space, rng: Generator) -> EvolveSearch:
        """A new search."""
        return EvolveSearch(self, space, rng)


class _Stage(Enum):
    """Why the pending points are evaluated."""

    PROBE = auto()  # the response wants to see them before it answers
    SEED = auto()  # the response's answer, or the first population
    DETECT = auto()  # sentinels, evaluated again
    GENERATION = auto()  # the optimiser's children


class EvolveSearch:
    """One run of Evolve: a queue of points to evaluate, and what to do when it is empty."""

    def __init__(self, settings: Evolve, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._evolution: Evolution = settings.optimiser.start(space, rng)
        self._watch: Watch = settings.detector.start(space)
        self._past: deque[tuple[Batch, Batch, Environment]] = deque(maxlen=settings.memory)
        self._environment = Environment(0, None, None)
        self._stage = _Stage.SEED
        self._pending = space.sample(settings.optimiser.pop_size, rng)
        self._told: list[Batch] = []  # values of the present stage's points so far
        self._fresh: list[Batch] = []  # probes, which belong to the new population too
        self._sentinels: IntArray = np.empty(0, dtype=np.intp)
        self._begun = False  # whether the optimiser has begun in this environment
        self._unwatched = 0  # children evaluated since the last sentinels

    def ask(self, limit: int) -> Array:
        """The next pending points, as many as are allowed."""
        return self._pending[:limit]

    def tell(self, batch: Batch) -> None:
        """Take the values; when the stage is complete go on to the next."""
        self._pending = self._pending[len(batch) :]
        self._told.append(batch)
        if len(self._pending) == 0:
            self._complete()

    def change(self, environment: Environment) -> None:
        """Close the present environment and respond to the new one."""
        if environment.index == 0:
            self._environment = environment
        else:
            self._respond(environment)

    def answer(self) -> Array:
        """The non-dominated part of the population."""
        self._take_told()
        population = self._evolution.population
        return population.x[nondominated(population)]

    def _complete(self) -> None:
        stage, values = self._stage, self._told
        if stage is _Stage.PROBE:
            self._fresh, self._told = values, []
            self._seed(Batch.concat(*values))
        elif stage is _Stage.DETECT:
            self._told = []
            before = self._evolution.population[self._sentinels]
            if self._watch.changed(before, Batch.concat(*values)):
                self._detected()
            else:
                self._go(_Stage.GENERATION, self._evolution.ask())
        elif stage is _Stage.GENERATION and self._watch.observe(
            self._evolution.population, Batch.concat(*values)
        ):
            self._told = []  # not the old environment's values
            self._detected()
        else:
            self._take_told()
            self._sentinels = self._chosen(stage, sum(map(len, values)))
            if len(self._sentinels):
                self._go(_Stage.DETECT, self._evolution.population.x[self._sentinels])
            else:
                self._go(_Stage.GENERATION, self._evolution.ask())

    def _chosen(self, stage: _Stage, evaluated: int) -> IntArray:
        """The sentinels, once a generation: an optimiser may ask for its children in parts."""
        self._unwatched += evaluated
        if stage is _Stage.GENERATION and self._unwatched < self._settings.optimiser.pop_size:
            return np.empty(0, dtype=np.intp)
        self._unwatched = 0
        return self._watch.sentinels(self._evolution.population, self._rng)

    def _take_told(self) -> None:
        """Hand the optimiser what has been evaluated, be it a part of a stage that the budget cut."""
        values = [*self._fresh, *self._told]
        if not values or self._stage is _Stage.DETECT:
            return
        if self._begun:
            self._evolution.tell(Batch.concat(*values))
        else:
            self._evolution.begin(Batch.concat(*values))
            self._begun = True
        self._fresh, self._told = [], []

    def _detected(self) -> None:
        self._respond(Environment(self._environment.index + 1, None, None))

    def _respond(self, environment: Environment) -> None:
        self._take_told()
        population = self._evolution.population
        self._past.append((population, population[nondominated(population)], self._environment))
        self._environment = environment
        self._fresh, self._told, self._begun = [], [], False
        self._watch.reset()
        nothing = population[:0]
        x = self._settings.response.probe(self._history(nothing), self._space, self._rng)
        if len(x):
            self._go(_Stage.PROBE, x)
        else:
            self._seed(nothing)

    def _seed(self, probes: Batch) -> None:
        n = self._settings.optimiser.pop_size
        x = self._settings.response.respond(self._history(probes), self._space, n, self._rng)
        fewest = max(1, n - len(probes))
        if x.ndim != 2 or x.shape[1] != self._space.dim or not fewest <= len(x) <= n:
            name, rows = type(self._settings.response).__name__, f"{fewest} to {n}" if fewest < n else f"{n}"
            raise EvaluationError(
                f"{name}.respond returned an array of shape {x.shape} where {rows} rows of {self._space.dim} "
                "variables were expected; return one row per member of the population that was not probed"
            )
        self._go(_Stage.SEED, x)

    def _history(self, probes: Batch) -> History:
        populations, answers, environments = zip(*self._past, strict=True)
        return History(populations, answers, environments, self._environment, probes)

    def _go(self, stage: _Stage, x: Array) -> None:
        self._stage, self._pending, self._told = stage, x, []
