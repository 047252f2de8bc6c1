"""The deployment problem: predictions in, objectives and constraints out, nothing else."""

from dataclasses import dataclass

import numpy as np
import pytest

from dmo import Evolve, Schedule, run
from dmo.check import check_problem
from dmo.errors import ArgumentError
from dmo.identity import describe
from dmo.optimisers import NSGA2
from dmo.responses import Immigrants
from problems.deployment.elastic.shape import Elastic
from problems.deployment.network import Network
from problems.deployment.networks.resnet import ResNet
from problems.deployment.problem import TARGETS, Deployment
from problems.deployment.scenarios import MemoryPressure
from problems.deployment.space import StrategySpace
from problems.deployment.table import COLUMNS, Table

TINY = Network("tiny", ResNet, Elastic(((4, 8), (8, 16)), ((1, 2), (1, 2)), (12, 16)))


@dataclass(frozen=True)
class Linear:
    """A predictor of which the truth is known: weighted sums of the features, 10 % uncertain."""

    targets: tuple[str, ...] = TARGETS
    sha256: str = "of nothing"

    def predict(self, x):
        mean = 1.0 + np.stack([x.sum(axis=1) * s for s in (0.1, 0.2, 0.3, 0.001)], axis=1) ** 2
        return mean, 0.1 * mean


def make(margin=1.0, scenario=None):
    space = StrategySpace.of(TINY, threads=2)
    rng = np.random.default_rng(0)
    x = space.canonical(np.concatenate([space.encode(space.full)[None], space.space(3).sample(60, rng)]))
    x = np.unique(x, axis=0).astype(int)
    columns = {name: rng.random(len(x)) + 1.0 for name in COLUMNS}
    columns["accuracy"] = rng.random(len(x))
    meta = {"network": "tiny", "threads": 2, "knobs": [[k.name, list(k.levels)] for k in space.knobs]}
    table = Table(x, columns, ("sample",) * len(x), meta)
    return Deployment(space, table, Linear(), scenario or MemoryPressure(), margin)


PROBLEM = make()


def test_it_keeps_the_contract_of_a_problem():
    check_problem(PROBLEM, times=(0.0, 1.0, 17.0, 59.0))


def test_what_executes_the_same_is_valued_the_same():
    x = PROBLEM.space.sample(500, np.random.default_rng(1))
    a, b = PROBLEM.evaluate(x, 3.0), PROBLEM.evaluate(PROBLEM.strategies.canonical(x), 3.0)
    assert np.array_equal(a.f, b.f)
    assert np.array_equal(a.g, b.g)


def test_objectives_by_hand():
    x = PROBLEM.space.sample(5, np.random.default_rng(2))
    mean, std = PROBLEM.predictor.predict(PROBLEM.strategies.features(PROBLEM.strategies.canonical(x)))
    batch = PROBLEM.evaluate(x, 4.0)
    budget, deadline, error = PROBLEM.limits(4.0)
    for i in range(5):
        latency, load, peak, wrong = mean[i]
        assert batch.f[i].tolist() == [latency, max(load, peak), wrong]
        up = mean[i] + std[i]
        g = [max(up[1], up[2]) / budget - 1, up[0] / deadline - 1, (up[3] - error) / 0.01]
        assert np.allclose(batch.g[i], g)


def test_limits_are_shares_of_the_measured_full_network():
    latency, memory, error = PROBLEM.full
    row = PROBLEM.find(PROBLEM.strategies.encode(PROBLEM.strategies.full)[None])[0]
    assert (latency, memory) == (PROBLEM.table["latency_ms"][row], PROBLEM.table["memory_mib"][row])
    budgets = PROBLEM.scenario.at(9.0)
    assert np.allclose(
        PROBLEM.context(9.0),
        [budgets.memory * memory, budgets.deadline * latency, error + budgets.accuracy_loss],
    )


def test_a_wider_margin_forbids_more():
    x = PROBLEM.space.sample(300, np.random.default_rng(3))
    feasible = [make(margin).evaluate(x, 0.0).g for margin in (0.0, 1.0, 3.0)]
    assert (feasible[0] < feasible[1]).all()
    assert (feasible[1] < feasible[2]).all()


def test_the_table_under_a_time_is_as_measured():
    truth = PROBLEM.truth(5.0)
    assert np.array_equal(truth.f[:, 0], PROBLEM.table["latency_ms"])
    assert np.allclose(truth.f[:, 2], 1 - PROBLEM.table["accuracy"])
    assert np.array_equal(truth.feasible, (truth.f[:, [1, 0, 2]] <= PROBLEM.limits(5.0)).all(axis=1))


def test_its_identity_follows_contents():
    same, other = describe(make()), describe(make(margin=2.0))
    assert same == describe(PROBLEM)
    assert other != same
    assert describe(make(scenario=MemoryPressure(seed=1))) != same


def test_a_search_on_it_respects_what_it_was_told():
    result = run(PROBLEM, Schedule(200, 4, 1.0), Evolve(NSGA2(20), Immigrants()), 0)
    for k, answer in enumerate(result.answers):
        again = PROBLEM.evaluate(answer.x, float(k))
        assert np.array_equal(again.f, answer.f)
        assert PROBLEM.space.contains(answer.x).all()


def test_a_predictor_of_something_else_is_refused():
    with pytest.raises(ArgumentError, match="predictor"):
        Deployment(PROBLEM.strategies, PROBLEM.table, Linear(("latency_ms",)), MemoryPressure())
