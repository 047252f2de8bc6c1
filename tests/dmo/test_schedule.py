"""The clocks, against their published formulas."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Schedule, cec2018, fixed, platemo
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
    ],
)
def test_a_bad_value_is_named(make, name):
    with pytest.raises(ArgumentError, match=f"^{name}: expected"):
        make()
