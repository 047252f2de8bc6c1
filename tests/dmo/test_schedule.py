"""The clocks, against their published formulas."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Irregular, Schedule, cec2018, cec2023, fixed, irregular, platemo, pps, pymoo, xiamen
from dmo.errors import ArgumentError

counts = st.integers(1, 40)


@given(n=counts, tau_t=counts, opening=counts, n_env=st.integers(1, 8))
def test_cec2018_follows_the_official_formula_for_every_generation(n, tau_t, opening, n_env):
    schedule = cec2018(n, tau_t, 10.0, n_env, opening)
    for tau in range(1, opening + tau_t * (n_env - 1) + 1):
        official = math.floor(max(tau + tau_t - (opening + 1), 0) / tau_t) / 10
        for count in ((tau - 1) * n, tau * n - 1):  # first and last evaluation of generation tau
            assert schedule.time(schedule.index(count)) == official


@given(n=counts, tau_t=counts, n_env=st.integers(1, 8))
def test_platemo_follows_its_formula_for_every_evaluation(n, tau_t, n_env):
    schedule = platemo(n, tau_t, 5.0, n_env)
    for count in range(schedule.total):
        assert schedule.time(schedule.index(count)) == math.floor(count / n / tau_t) / 5


@given(n=counts, tau_t=st.integers(2, 40), n_env=st.integers(1, 8))
def test_pymoo_follows_its_formula_for_every_generation(n, tau_t, n_env):
    schedule = pymoo(n, tau_t, 10.0, n_env)
    for tau in range(1, tau_t * n_env):
        for count in ((tau - 1) * n, tau * n - 1):
            assert schedule.time(schedule.index(count)) == (tau // tau_t) / 10
    assert schedule.total == n * (tau_t * n_env - 1)


@pytest.mark.parametrize(
    ("schedule", "generations", "last"),
    [
        (cec2018(), [50, *[10] * 30], 3.0),
        (cec2023(), [60, *[10] * 30], 3.0),
        (platemo(), [10] * 30, 2.9),
        (pymoo(), [9, *[10] * 30], 3.0),
        (xiamen(), [10] * 30, 2.9),
        (xiamen(frequency=5, generations=150), [5] * 30, 2.9),
        (pps(), [30] * 161, 16.0),
        (pps(pop_size=200), [60] * 161, 16.0),
    ],
    ids=["cec2018", "cec2023", "platemo", "pymoo", "xiamen", "xiamen fast", "pps", "pps of 3 objectives"],
)
def test_named_clocks_have_the_lengths_and_times_of_their_sources(schedule, generations, last):
    ends = [0, *(schedule.end(k) for k in range(schedule.n_env))]
    assert [(b - a) / 100 for a, b in itertools.pairwise(ends)] == generations
    assert [schedule.time(k) for k in range(3)] == [0.0, 0.1, 0.2]
    assert schedule.time(schedule.n_env - 1) == last
    assert schedule.total == 100 * sum(generations)


@given(
    evals=counts,
    n_env=st.integers(1, 8),
    first=st.none() | counts,
    spread=st.floats(0, 1),
    seed=st.integers(0, 9),
)
def test_irregular_environments_partition_the_budget(evals, n_env, first, spread, seed):
    schedule = Irregular(evals, n_env, first=first, spread=spread, seed=seed)
    sizes = [0] * n_env
    for count in range(schedule.total):
        sizes[schedule.index(count)] += 1
    assert sizes[0] == (first or evals)
    assert all(max(1, (1 - spread) * evals) <= size <= (1 + spread) * evals + 1e-9 for size in sizes[1:])
    assert schedule.index(schedule.total) == n_env
    assert [schedule.end(k) for k in range(n_env)] == [sum(sizes[: k + 1]) for k in range(n_env)]
    assert [schedule.time(k) for k in range(n_env)] == [k / 10 for k in range(n_env)]


def test_irregular_lengths_are_whole_generations_of_the_seed_alone():
    ends = [irregular().end(k) for k in range(31)]
    lengths = [b - a for a, b in itertools.pairwise(ends)]
    assert ends[0] == 5000
    assert set(lengths) <= {100 * g for g in range(5, 16)}
    assert len(set(lengths)) > 5
    assert ends == [irregular().end(k) for k in range(31)]
    assert ends != [irregular(seed=1).end(k) for k in range(31)]
    assert [irregular(spread=0.0).end(k) for k in range(31)] == [cec2018().end(k) for k in range(31)]


@given(evals=counts, n_env=st.integers(1, 8), first=st.none() | counts)
def test_environments_partition_the_budget(evals, n_env, first):
    schedule = Schedule(evals, n_env, first=first)
    sizes = [0] * n_env
    for count in range(schedule.total):
        sizes[schedule.index(count)] += 1
    assert sizes == [first or evals] + [evals] * (n_env - 1)
    assert schedule.index(schedule.total) == n_env
    assert [schedule.end(k) for k in range(n_env)] == [sum(sizes[: k + 1]) for k in range(n_env)]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: fixed(evals=0), "evals"),
        (lambda: fixed(evals=10.5), "evals"),
        (lambda: fixed(n_env=True), "n_env"),
        (lambda: fixed(first=0), "first"),
        (lambda: fixed(severity=0), "severity"),
        (lambda: fixed(severity=float("nan")), "severity"),
        (lambda: cec2018(pop_size=0), "pop_size"),
        (lambda: cec2018(opening="50"), "opening"),
        (lambda: platemo(frequency=-1), "frequency"),
        (lambda: pymoo(frequency=1), "frequency"),
        (lambda: xiamen(generations=9), "generations"),
        (lambda: irregular(spread=1.5), "spread"),
        (lambda: irregular(seed=-1), "seed"),
        (lambda: irregular(pop_size=0), "pop_size"),
    ],
)
def test_a_bad_value_is_named(make, name):
    with pytest.raises(ArgumentError, match=f"^{name}: expected"):
        make()
