"""Policies: what their rules promise, held against the truth that only the oracle knows."""

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmo import Evolve
from dmo.check import check_problem
from dmo.errors import ArgumentError
from dmo.optimisers import NSGA2
from dmo.responses import Immigrants
from problems.deployment.elastic.shape import Elastic
from problems.deployment.network import Network
from problems.deployment.networks.resnet import ResNet
from problems.deployment.policies import (
    ILP,
    FromScratch,
    Kalman,
    OneLayer,
    Oracle,
    PrecomputedSet,
    Search,
    StaticBest,
    StaticFull,
    UniformCompression,
    Verified,
    Walk,
)
from problems.deployment.policies.additive import added, solve
from problems.deployment.policies.kalman import SlowDown
from problems.deployment.policies.play import play
from problems.deployment.problem import TARGETS, Deployment
from problems.deployment.sampling import sample
from problems.deployment.scenarios import MemoryPressure, ProcessorContention, UserDemand
from problems.deployment.space import StrategySpace
from problems.deployment.table import COLUMNS, CONTENTION, Table
from problems.deployment.tabulated import Tabulated, halved

N = 8
SEARCH = Search(Evolve(NSGA2(20), Immigrants()), evals=100)
POLICIES = (
    StaticFull(),
    StaticBest(),
    UniformCompression(),
    *(OneLayer(layer) for layer in ("model", "graph", "memory")),
    FromScratch(20, 3),
    ILP(),
    Walk(),
    Kalman(),
    PrecomputedSet(),
    SEARCH,
    Verified(SEARCH),
    Oracle(),
)
SCENARIOS = (MemoryPressure(N), ProcessorContention(N), UserDemand(N))
names = [f"{type(p).__name__}{i}" for i, p in enumerate(POLICIES)]


TINY = Network("tiny", ResNet, Elastic(((4, 8, 12), (8, 16, 24)), ((1, 2), (1, 2)), (12, 16)))


@dataclass(frozen=True)
class Nothing:
    targets: tuple[str, ...] = TARGETS
    sha256: str = "of nothing"

    def predict(self, x):
        raise AssertionError("policies predict by what the table problem holds")


SPACE = StrategySpace.of(TINY, threads=2)


def made(scenario, levels=1, noise=0.1, seed=0):
    """A table whose costs follow its sizes, and predictions of it that are off by `noise`."""
    rng = np.random.default_rng(seed)
    x = sample(SPACE, 130, seed).astype(int)
    size = np.exp(SPACE.features(x.astype(float))[:, -6:].mean(axis=1) / 3.0)
    size /= size.max()
    one = {name: np.ones(len(x)) for name in COLUMNS}
    one |= {
        "latency_ms": 5.0 * size * rng.uniform(0.7, 1.3, len(x)),
        "memory_mib": 20.0 * size * rng.uniform(0.7, 1.3, len(x)),
        "accuracy": 0.95 - 0.05 * (1.0 - size) ** 2,
        "load_ms": rng.uniform(5.0, 50.0, len(x)),
    }
    columns = {name: np.tile(column, levels) for name, column in one.items()}
    if levels > 1:
        columns[CONTENTION] = np.repeat(np.arange(levels), len(x)).astype(float)
        columns["latency_ms"] *= (1.0 + columns[CONTENTION]) * rng.uniform(0.9, 1.1, len(x) * levels)
    meta = {"network": "tiny", "threads": 2, "knobs": [[k.name, list(k.levels)] for k in SPACE.knobs]}
    table = Table(np.tile(x, (levels, 1)), columns, ("sample",) * (len(x) * levels), meta)
    problem = Deployment(SPACE, table, Nothing(), scenario)
    off = rng.lognormal(0.0, noise, problem.tabulated.shape) if noise else 1.0
    return Tabulated(problem, problem.tabulated * off, problem.tabulated * off * (1.0 + noise))


def played(policy, problem, seed=0):
    return list(play(policy, problem, N, np.random.default_rng(seed)))


@pytest.mark.parametrize("policy", POLICIES, ids=names)
def test_every_policy_lives_through_every_scenario_and_never_beats_the_oracle(policy):
    for scenario, levels in product(SCENARIOS, (1, 3)):
        problem = made(scenario, levels)
        found = played(policy, problem)
        assert [o.t for o in found] == list(range(N))
        assert [o.row for o in found] == [o.row for o in played(policy, problem)], "not reproducible"
        for o in found:
            truth = problem.truth(o.t)
            assert np.array_equal(o.f, truth.f[o.row])
            assert bool(o.violated) == (not truth.feasible[o.row])
            assert o.possible == truth.feasible.any()
            assert o.excess >= -1e-12
            if o.possible and not o.violated:
                assert o.cost >= o.oracle
        assert sum(o.switched for o in found) == sum(a.row != b.row for a, b in pairwise(found))


def test_the_oracle_is_the_best_row_by_a_plain_loop():
    problem = made(UserDemand(N))
    for o in played(Oracle(), problem):
        truth = problem.truth(o.t)
        fits = [i for i in range(len(problem)) if (truth.g[i] <= 0).all()]
        if fits:
            weights = problem.prefers(o.t).weights
            costs = [float(truth.f[i] / problem.problem.full @ weights / weights.sum()) for i in fits]
            assert o.row == fits[int(np.argmin(costs))]
        assert o.cost == o.oracle


def test_the_walk_stays_on_the_trade_off_and_takes_the_most_accurate_that_keeps_the_limits():
    problem = made(UserDemand(N), noise=0.0)
    f = problem.mean[0]
    path = [i for i, a in enumerate(f) if not ((f <= a).all(axis=1) & (f < a).any(axis=1)).any()]
    found = played(Walk(), problem)
    assert {o.row for o in found} <= set(path)
    for before, o in pairwise(found):
        batch = problem.predicted(o.t)
        fits = [i for i in path if batch.feasible[i]]
        if not fits:
            assert batch.violation[o.row] == min(batch.violation[path])
            continue
        assert batch.feasible[o.row]
        error = f[o.row, 2]
        if batch.feasible[before.row]:
            assert error == min(f[fits, 2])
        elif f[o.row, 2] > f[before.row, 2]:
            assert error == min(f[i, 2] for i in fits if f[i, 2] >= f[before.row, 2])


@pytest.mark.parametrize("layer", ["model", "graph", "memory"])
def test_a_single_layer_policy_leaves_other_layers_alone(layer):
    problem = made(MemoryPressure(N))
    full = SPACE.encode(SPACE.full)
    others = np.array([knob.layer != layer for knob in SPACE.knobs])
    seen = {o.row for o in played(OneLayer(layer), problem)}
    for row in seen:
        assert np.array_equal(problem.x[row][others], full[others])
    with pytest.raises(ArgumentError, match="layer"):
        OneLayer("all")


def test_uniform_compression_shrinks_all_stages_alike():
    for o in played(UniformCompression(), problem := made(MemoryPressure(N))):
        strategy = SPACE.decode(problem.x[o.row])
        assert strategy.shape.width[1] == 2 * strategy.shape.width[0]
        assert strategy.shape.depth[0] == strategy.shape.depth[1]
        assert strategy.shape.resolution == 16


@pytest.mark.parametrize("policy", POLICIES, ids=names)
def test_a_static_policy_never_switches_and_with_perfect_predictions_the_best_are_the_oracle(policy):
    problem = made(MemoryPressure(N), noise=0.0)
    found = played(policy, problem)
    if isinstance(policy, StaticFull | StaticBest):
        assert not any(o.switched for o in found)
    if isinstance(policy, Oracle):
        assert not any(o.violated for o in found if o.possible)
    if isinstance(policy, StaticBest):
        assert found[0].cost == found[0].oracle


def test_what_is_measured_before_it_is_deployed_exceeds_limits_less_often():
    broken = {"plain": 0, "verified": 0}
    for seed in range(3):
        problem = made(MemoryPressure(N), noise=0.4, seed=seed)
        for name, policy in (("plain", SEARCH), ("verified", Verified(SEARCH, trials=5))):
            broken[name] += sum(bool(o.violated) and o.possible for o in played(policy, problem))
    assert broken["verified"] < broken["plain"]


def test_a_trial_is_paid_once():
    problem = made(MemoryPressure(N))
    trials = Verified(SEARCH, trials=2).start(problem, np.random.default_rng(0))
    for t in range(N):
        before = sum(map(len, trials.known.values()))
        row = trials.choose(float(t))
        new = sum(map(len, trials.known.values())) - before
        assert 0 <= new <= 2
        assert (trials.trial_ms > 0.0) == (new > 0)
        assert row in trials.known[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_integer_program_is_brute_force(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 4, 3)
    parts = [rng.normal(0.0, 0.3, (n, 3)) for n in sizes]
    base, limits, weights = rng.uniform(0.5, 1.0, 3), rng.uniform(0.3, 1.2, 3), rng.dirichlet(np.ones(3))
    every = np.array(list(product(*(range(n) for n in sizes))))
    rows = every[rng.permutation(len(every))[: rng.integers(2, len(every) + 1)]]
    total = np.array([base + sum(part[i] for part, i in zip(parts, row, strict=True)) for row in rows])
    excess = (np.maximum(total - limits, 0.0) / limits).sum(axis=1)
    value = total @ weights + 1e3 * excess
    best = solve(base, parts, limits, weights, rows)
    assert value[best] == pytest.approx(value.min(), rel=1e-6, abs=1e-6)


def test_what_adds_up_is_found_again():
    rng = np.random.default_rng(0)
    sizes = np.array([2, 3, 4])
    levels = np.array(list(product(range(2), range(3), range(4))))
    parts = [rng.normal(size=(n, 3)) for n in sizes]
    f = 5.0 + sum(part[levels[:, k]] for k, part in enumerate(parts))
    base, found = added(levels, sizes, f)
    again = base + sum(part[levels[:, k]] for k, part in enumerate(found))
    assert np.allclose(again, f, atol=2e-3)


def test_the_filter_is_a_kalman_filter_written_by_hand():
    belief, ratios = SlowDown(), [1.2, 1.5, 1.4, 3.0, 2.9, 1.0]
    mean, variance, gain, noise, innovation = 1.0, 0.1, 0.5, 0.1, 0.0
    for ratio in ratios:
        belief.update(ratio)
        noise = max(0.1, 0.3 * noise + 0.7 * (gain * innovation) ** 2)
        innovation = ratio - mean
        prior = (1.0 - gain) * variance + noise  # what the last gain left, and the process noise
        gain = prior / (prior + 0.001)
        mean, variance = mean + gain * innovation, prior
        assert (belief.mean, belief.variance, belief.gain) == pytest.approx((mean, variance, gain))


def test_the_slow_down_is_followed_to_a_constant():
    belief = SlowDown()
    for _ in range(20):
        belief.update(2.5)
    assert belief.mean == pytest.approx(2.5)


def test_a_slow_down_is_noticed_one_environment_late():
    """The filter is told nothing of contention: only what it deployed ran slower than profiled."""
    problem = made(ProcessorContention(N, burst=0.0, deadline=0.6), noise=0.0)
    following = Kalman().start(problem, np.random.default_rng(0))
    for t in map(float, range(N)):
        row = following.choose(t)
        following.observe(t, problem.truth(t).f[row])
        assert following.belief.mean == pytest.approx(problem.problem.scenario.at(t).slowdown, rel=0.02)


def test_the_tabulated_problem_is_a_problem_that_reaches_every_row():
    problem = made(MemoryPressure(N))
    check_problem(problem, times=(0.0, 1.0, 5.0))
    codes = np.array(list(product((0.0, 1.0), repeat=problem.space.dim)))
    found = np.bincount(problem.row(codes), minlength=len(problem))
    assert found.min() >= 1
    assert found.max() <= 2
    batch = problem.evaluate(codes, 3.0)
    assert np.array_equal(batch.f, problem.predicted(3.0).f[problem.row(codes)])


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.integers(0, 10_000))
def test_halving_a_table_keeps_its_rows_and_puts_like_ones_side_by_side(n, seed):
    features = np.random.default_rng(seed).normal(size=(n, 3))
    depth = max(1, (n - 1).bit_length())
    rows = halved(features, depth)
    assert len(rows) == 2**depth
    assert set(rows.tolist()) == set(range(n))
    if n >= 8:
        side_by_side = np.linalg.norm(features[rows[:-1]] - features[rows[1:]], axis=1).mean()
        assert side_by_side < np.linalg.norm(features[:, None] - features, axis=2).mean()


def test_with_trials_and_hope_without_end_adainfer_is_the_oracle():
    for scenario in SCENARIOS:
        problem = made(scenario, noise=0.4)
        found = played(Verified(SEARCH, trials=1000, images=10**9, hope=1000.0), problem)
        assert [o.cost for o in found] == [o.oracle for o in found]


def test_where_nothing_known_keeps_the_limits_trials_look_elsewhere():
    """A search that proposes one bad strategy for ever does not keep AdaInfer from the limits."""
    problem = made(MemoryPressure(N), noise=0.0)
    playing = Verified(SEARCH, trials=3).start(problem, np.random.default_rng(0))
    worst = int(np.argmax(problem.truth(0.0).violation))
    code = np.array(list(product((0.0, 1.0), repeat=problem.space.dim)))
    playing.answer = lambda t: code[problem.row(code) == worst][:1]
    for t in map(float, range(N)):
        truth = problem.truth(t)
        assert truth.feasible[playing.choose(t)] or not truth.feasible.any()


def test_searches_are_asked_in_order():
    searching = SEARCH.start(made(MemoryPressure(N)), np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="in order"):
        searching.choose(3.0)


def test_contention_takes_measured_rows_or_else_the_simulated_factor():
    scenario = ProcessorContention(N, burst=0.0, step=(1, 1))
    plain, profiled = made(scenario).problem, made(scenario, levels=3).problem
    for t in range(N):
        level = scenario.at(t).contention
        assert np.allclose(plain.truth(t).f[:, 0], plain.tabulated[0][:, 0] * scenario.slowdown[level])
        assert np.array_equal(profiled.truth(t).f, profiled.tabulated[level])
