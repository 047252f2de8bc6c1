"""The conformance kit finds what it is there to find."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import pytest

from dmo import DmoError, Evolve
from dmo.check import ConformanceError, _problems, check_searcher
from dmo.errors import ArgumentError
from dmo.optimisers import NSGA2
from dmo.responses import Restart


@dataclass(frozen=True)
class Bad:
    """A searcher of random points whose one vice is named."""

    vice: str
    memory: Any = field(default_factory=count)

    def start(self, space, rng):
        return BadSearch(self, space, rng)


class BadSearch:
    def __init__(self, settings, space, rng):
        self.vice, self.memory, self.space, self.rng = settings.vice, settings.memory, space, rng

    def ask(self, limit):
        match self.vice:
            case "too many":
                return self.space.sample(limit + 1, self.rng)
            case "none":
                return self.space.empty()
            case "outside":
                return self.space.sample(1, self.rng) + 1.5
            case "half an integer":
                return np.clip(self.space.sample(1, self.rng) + 0.5, self.space.lower, self.space.upper)
            case "remembers":
                return self.space.sample(1, np.random.default_rng(next(self.memory)))
            case "global luck":
                np.random.rand()  # noqa: NPY002
        return self.space.sample(min(limit, 10), self.rng)

    def tell(self, batch):
        self.last = batch
        if self.vice == "changes values":
            batch.f[:] = 0.0

    def change(self, environment):
        if self.vice == "changes context":
            environment.context[:] = 0.0

    def answer(self):
        return self.space.empty() if self.vice == "no answer" else self.last.x


@pytest.mark.parametrize(
    ("vice", "breach"),
    [
        ("too many", "where 1 to"),
        ("none", "0 points where 1 to"),
        ("outside", "outside the space"),
        ("half an integer", "outside the space"),
        ("remembers", "other answers for the same seed"),
        ("global luck", "global generator"),
        ("changes values", "read-only"),
        ("changes context", "read-only"),
        ("no answer", "returned no points"),
    ],
)
@pytest.mark.parametrize("quick", [False, True])
def test_every_vice_is_found(vice, breach, quick):
    with pytest.raises((DmoError, ValueError), match=breach):
        check_searcher(Bad(vice), quick=quick)


def test_the_virtuous_pass():
    check_searcher(Bad("none of them"))
    check_searcher(Evolve(NSGA2(10)), generation=10)


def test_a_breach_names_the_searcher_and_the_case():
    with pytest.raises(ConformanceError, match=r"^Bad, real, Schedule"):
        check_searcher(Bad("remembers"))
    with pytest.raises(ArgumentError, match="generation"):
        check_searcher(Evolve(), generation=0)
    with pytest.raises(ArgumentError, match="searcher"):
        check_searcher(Restart())


def test_the_problems_are_what_their_names_say():
    by_name = {p.name: p for p in _problems()}
    assert len(by_name) == len(_problems())
    rng = np.random.default_rng(0)
    for name, problem in by_name.items():
        x = problem.space.sample(500, rng)
        feasible = [problem.evaluate(x, t).feasible.mean() for t in (0.0, 0.1, 0.2, 0.3)]
        if name == "never feasible":
            assert feasible == [0.0] * 4
        elif name == "feasible in every other environment":
            assert feasible[1] == feasible[3] == 0.0
            assert min(feasible[0], feasible[2]) > 0.2
        elif name == "constrained":
            assert min(feasible) > 0.2
            assert max(feasible) < 0.8
        else:
            assert feasible == [1.0] * 4
    four = by_name["four points"].space
    assert len(np.unique(four.sample(500, rng), axis=0)) == 4
    assert (by_name["one point"].space.span == 0).all()
    assert np.ptp(by_name["equal values"].evaluate(by_name["equal values"].space.sample(9, rng), 0.1).f) == 0
