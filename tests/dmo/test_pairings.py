"""Every optimiser with every response, whatever the two packages export, under the conformance kit."""

from dataclasses import dataclass
from typing import Any

import pytest

import dmo.optimisers
import dmo.responses
from dmo import Evolve, Reevaluate
from dmo.check import check_searcher


def frozen(*batches):
    """The batches, whose arrays can no longer be written to."""
    for batch in batches:
        for array in (batch.x, batch.f, batch.g):
            array.flags.writeable = False
    return batches


@dataclass(frozen=True)
class ReadOnlyPast:
    """A response whose inputs are read-only."""

    response: Any

    def probe(self, history, space, rng):
        frozen(*history.populations, *history.answers)
        return self.response.probe(history, space, rng)

    def respond(self, history, space, n, rng):
        frozen(*history.populations, *history.answers, history.probes)
        return self.response.respond(history, space, n, rng)


@dataclass(frozen=True)
class ReadOnlyValues:
    """An optimiser whose inputs are read-only."""

    optimiser: Any

    @property
    def pop_size(self):
        return self.optimiser.pop_size

    def start(self, space, rng):
        return ReadOnlyEvolution(self.optimiser.start(space, rng))


class ReadOnlyEvolution:
    def __init__(self, evolution):
        self.evolution = evolution
        self.ask = evolution.ask

    @property
    def population(self):
        return self.evolution.population

    def begin(self, batch):
        self.evolution.begin(*frozen(batch))

    def tell(self, batch):
        self.evolution.tell(*frozen(batch))


def exported(package, *verbs):
    """The components that a package exports: dataclasses with these verbs, which protocols are not."""
    parts = (getattr(package, name) for name in package.__all__)
    return [p for p in parts if hasattr(p, "__dataclass_fields__") and all(hasattr(p, v) for v in verbs)]


OPTIMISERS = exported(dmo.optimisers, "start")
RESPONSES = exported(dmo.responses, "probe", "respond")


@pytest.mark.parametrize("response", RESPONSES, ids=lambda r: r.__name__)
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: o.__name__)
def test_every_pairing_keeps_a_searchers_contract(optimiser, response):
    # Another seed puts every problem under another schedule; the detector lets hidden changes be noticed.
    for seed, pop_size in enumerate((4, 10)):
        parts = ReadOnlyValues(optimiser(pop_size=pop_size)), ReadOnlyPast(response())
        searcher = Evolve(*parts, Reevaluate())
        check_searcher(searcher, seed, generation=pop_size, quick=True)


def test_the_packages_were_searched():
    names = {part.__name__ for part in (*OPTIMISERS, *RESPONSES)}
    assert {"NSGA2", "MOEAD", "Pymoo", "Restart", "Immigrants"} <= names
    assert not {"Optimiser", "Evolution", "Response", "PBI"} & names
