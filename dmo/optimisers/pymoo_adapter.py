"""Pymoo: any ask-and-tell algorithm of pymoo as an optimiser."""

from __future__ import annotations

import copy
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.dominance import select
from dmo.errors import ArgumentError
from dmo.optimisers.members import distinct, nobody
from dmo.optimisers.weights import weights
from dmo.space import Space
from dmo.types import Array


@dataclass(frozen=True)
class Pymoo:
    """A static algorithm of pymoo, or one written for it.

    algorithm: dotted name of its class; pop_size: its population; options: further keyword
    arguments of its class, in plain values; generations: how many it plans for, where it must know,
    as RVEA; it goes on after them. pop_size, and as `ref_dirs` as many directions (see `weights`),
    are passed on if the class takes them. It is given our points to begin from instead of its own
    sample: the best pop_size of them, some twice where they are fewer. Its seed is drawn from our
    generator; integer variables are rounded. It costs what pymoo costs.
    Some algorithms draw random numbers that no seed reaches, so that their runs cannot be repeated:
    in pymoo 0.6.2 CMOPSO, and NSGA-III and U-NSGA-III between infeasible points.
    Raises ArgumentError where a run starts: when there is no such class, when it refuses the options,
    or the problem, as pymoo's MOEA/D does with constraints.
    Source: Blank & Deb, pymoo: multi-objective optimization in Python (2020).
    """

    algorithm: str = "pymoo.algorithms.moo.nsga2.NSGA2"
    pop_size: int = 100
    options: Mapping[str, Any] = field(default_factory=dict)
    generations: int | None = None

    def __post_init__(self) -> None:
        at_least("pop_size", self.pop_size, 2)
        if self.generations is not None:
            at_least("generations", self.generations, 1)
        if not isinstance(self.algorithm, str) or "." not in self.algorithm:
            raise ArgumentError(
                "algorithm",
                "the dotted name of a class",
                repr(self.algorithm),
                "write for instance pymoo.algorithms.moo.rvea.RVEA",
            )

    def start(self, space: Space, rng: Generator) -> PymooEvolution:
        """A new evolution."""
        return PymooEvolution(self, space, rng)

    def build(self, n_obj: int) -> Any:
        """A fresh algorithm for this number of objectives."""
        module, _, name = self.algorithm.rpartition(".")
        try:
            kind = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise ArgumentError(
                "algorithm", "a class that can be imported", str(error), "correct it"
            ) from None
        given = {"pop_size": self.pop_size, "ref_dirs": np.array(weights(self.pop_size, n_obj))}
        takes = inspect.signature(kind).parameters
        # pymoo swallows what it does not know: a slip of the pen would go unnoticed.
        known = {p for base in kind.__mro__ for p in inspect.signature(base.__init__).parameters}
        unknown = sorted(set(self.options) - known)
        if unknown:
            raise ArgumentError("options", f"keyword arguments of {name}", str(unknown), "correct them")
        try:
            algorithm = kind(**({k: v for k, v in given.items() if k in takes} | dict(self.options)))
        except Exception as error:  # of whatever kind pymoo raises
            raise ArgumentError(
                "options", f"what {name} can be built with", str(error), "correct them"
            ) from error
        # Some classes share their default parts, state included, with all instances.
        return copy.deepcopy(algorithm)


class PymooEvolution:
    """One algorithm of pymoo between an ask and a tell."""

    def __init__(self, settings: Pymoo, space: Space, rng: Generator) -> None:
        self._settings = settings
        self._space = space
        self._rng = rng
        self._algorithm: Any = None
        self._infills: Any = None  # what the algorithm asked for, exactly as it did
        self._asked = space.empty()
        self._told = nobody(space)  # values of the asked points so far
        self._population = nobody(space)

    @property
    def population(self) -> Batch:
        """The algorithm's population, and what a cut generation has brought beyond it."""
        if len(self._told) == 0:
            return self._population
        batch = distinct(Batch.concat(self._population, self._told))
        return batch[select(batch, self._settings.pop_size)]

    def begin(self, batch: Batch) -> None:
        """A fresh algorithm, with these points as its initial population."""
        from pymoo.core.termination import NoTermination
        from pymoo.termination.max_gen import MaximumGenerationTermination

        n, planned = self._settings.pop_size, self._settings.generations
        termination = NoTermination() if planned is None else MaximumGenerationTermination(planned)
        self._algorithm = self._settings.build(self._space.n_obj)
        seed = int(self._rng.integers(2**31))
        try:
            self._algorithm.setup(_problem(self._space), termination=termination, seed=seed)
        except Exception as error:  # of whatever kind pymoo raises
            raise ArgumentError(
                "algorithm", "one that takes this problem", str(error), "choose another"
            ) from error
        best = np.sort(select(batch, n))
        self._algorithm.ask()  # begins pymoo's first generation; its own sample is not used
        self._advance(_individuals(batch[np.resize(best, n)]))
        self._told = batch[:0]

    def ask(self) -> Array:
        """What the algorithm asks for; if a generation was cut, the rest of it."""
        if len(self._asked) == 0:
            self._infills = self._algorithm.ask()
            if self._infills is None:
                # It found no point that is new to it, as in a small space of integers.
                self._asked = self._space.sample(self._settings.pop_size, self._rng)
            else:
                self._asked = self._space.repair(np.atleast_2d(self._infills.get("X")).astype(float))
        return self._asked

    def tell(self, batch: Batch) -> None:
        """Collect values; when a generation is whole, the algorithm gets it."""
        if len(self._asked) == 0:  # not children, but more points to begin from
            self.begin(distinct(Batch.concat(self._population, batch)))
            return
        self._asked = self._asked[len(batch) :]
        self._told = Batch.concat(self._told, batch)
        if len(self._asked) == 0:
            infills = _individuals(self._told) if self._infills is None else self._infills
            _fill(infills, self._told)
            self._advance(infills)
            self._told = self._told[:0]

    def _advance(self, infills: Any) -> None:
        self._algorithm.tell(infills=infills)
        pop = self._algorithm.pop
        x, f, g = (np.asarray(pop.get(name), dtype=float) for name in "XFG")
        self._population = Batch(x, f, g.reshape(len(x), self._space.n_con))
        self._asked = self._space.empty()


def _individuals(batch: Batch) -> Any:
    """A population of pymoo with these values."""
    from pymoo.core.population import Population

    population = Population.new(X=batch.x.copy())
    _fill(population, batch)
    return population


def _fill(individuals: Any, batch: Batch) -> None:
    """Write values into a population of pymoo, or into a single individual."""
    from pymoo.core.individual import Individual

    if isinstance(individuals, Individual):
        individuals.set("X", batch.x[0].copy())
        individuals.set("F", batch.f[0].copy())
        individuals.set("G", batch.g[0].copy())
    else:
        individuals.set("X", batch.x.copy())
        individuals.set("F", batch.f.copy())
        individuals.set("G", batch.g.copy())


def _problem(space: Space) -> Any:
    """A pymoo problem of this space; its values come from us alone."""
    from pymoo.core.problem import Problem

    return Problem(
        n_var=space.dim,
        n_obj=space.n_obj,
        n_ieq_constr=space.n_con,
        xl=space.lower.copy(),
        xu=space.upper.copy(),
    )
