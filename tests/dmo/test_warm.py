"""Warm: its parts against second implementations and laws, and what it is for: few evaluations."""

from dataclasses import dataclass
from itertools import product

import moocore
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Batch, Environment, Evolve, Oracle, Reevaluate, Schedule, Space, measure, run
from dmo.check import check_searcher
from dmo.errors import ArgumentError
from dmo.loop import answers_of
from dmo.optimisers import NSGA2
from dmo.responses import Restart
from dmo.rows import Rows, first_of_equals
from dmo.warm import Warm
from dmo.warm.heights import heights
from dmo.warm.moves import moves
from dmo.warm.quadratic import Quadratic
from dmo.warm.scale import Scale
from dmo.warm.transfer import Transfer
from dmo.warm.worth import by_worth, gain
from problems.synthetic import DF1, DF2

WHOLE = Space(np.array([0.0, -1.0, 2.0]), np.array([3.0, 1.0, 4.0]), np.ones(3, bool), 2)
GRID = np.array(list(product(range(4), range(-1, 2), range(2, 5))), dtype=float)
REAL = Space.box(np.array([-2.0, 0.0, 1.0]), np.array([2.0, 5.0, 1.0]), 2)


@pytest.mark.parametrize(
    "searcher",
    [
        Warm(),
        Warm(generation=5, opening=3, probes=2, moves=7, memory=9, recall=1, detector=Reevaluate()),
        Warm(generation=1, opening=1, probes=1, moves=1, memory=1, recall=0, explore=1.0),
    ],
    ids=["default", "small", "least"],
)
def test_keeps_a_searchers_contract(searcher):
    check_searcher(searcher, generation=searcher.generation, quick=searcher != Warm())


def test_settings_are_checked():
    for wrong in ({"generation": 0}, {"memory": 0}, {"explore": 2}, {"tolerance": -1}, {"detector": 3}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            Warm(**wrong)


def test_the_surface_represents_any_function_of_pairs_of_levels():
    rng = np.random.default_rng(0)
    tables = {(i, j): rng.normal(size=(8, 8)) for i in range(3) for j in range(i)}
    column = [GRID[:, j].astype(int) for j in range(3)]
    y = np.column_stack([sum(t[column[i], column[j]] for (i, j), t in tables.items()), GRID[:, 0]])
    surface = Quadratic(WHOLE, 2)
    surface.learn(GRID[:20], y[:20])
    surface.learn(GRID[20:], y[20:])
    assert np.ptp(surface(GRID) - y, axis=0) == pytest.approx(0.0, abs=2e-2)


def test_the_surface_is_ridge_regression_on_all_batches():
    rng = np.random.default_rng(1)
    x = REAL.sample(40, rng)
    y = rng.normal(size=(40, 3))
    surface = Quadratic(REAL, 3)
    for part in np.split(np.arange(40), [7, 25]):
        surface.learn(x[part], y[part])
    a, b = x[:, 0] / 2.0, x[:, 1] / 2.5 - 1.0
    terms = np.column_stack([np.ones(40), a, b, a * a, a * b, b * b])
    penalty = 1e-5 * 40 * np.diag([0.0, 1, 1, 1, 1, 1])
    reference = terms @ np.linalg.solve(terms.T @ terms + penalty, terms.T @ y)
    assert np.ptp(surface(x) - reference, axis=0) == pytest.approx(0.0, abs=1e-10)


def test_heights_are_those_of_the_quadratic_form():
    rng = np.random.default_rng(3)
    basis = rng.normal(size=(50, 7)) * (rng.random((50, 7)) < 0.5)
    linear, product = (
        rng.normal(size=(7, 3)),
        np.triu(np.ones((7, 7)))[:, :, None] * rng.normal(size=(7, 7, 3)),
    )
    wanted = basis @ linear + np.einsum("ni,ijq,nj->nq", basis, product, basis)
    assert heights(basis, linear, product) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_a_surface_that_follows_is_one_that_learnt_the_new_values():
    rng = np.random.default_rng(2)
    x, y = REAL.sample(30, rng), rng.normal(size=(30, 2))
    slope, offset = np.array([0.5, -2.0]), np.array([3.0, 1.0])
    mapped, anew = Quadratic(REAL, 2), Quadratic(REAL, 2)
    mapped.learn(x, y)
    mapped(x)
    mapped.learn(x[:5], y[:5])
    mapped.follow(slope, offset, 1.0)
    more = REAL.sample(20, rng), rng.normal(size=(20, 2))
    mapped.learn(*more)
    for batch in ((x, slope * y + offset), (x[:5], slope * y[:5] + offset), more):
        anew.learn(*batch)
    assert mapped(x) == pytest.approx(anew(x), abs=1e-9)


def test_what_is_not_trusted_is_forgotten():
    rng = np.random.default_rng(3)
    x = REAL.sample(30, rng)
    surface = Quadratic(REAL, 1)
    surface.learn(x, 100.0 * rng.normal(size=(30, 1)))
    surface(x)
    surface.follow(np.ones(1), np.zeros(1), 0.0)
    surface.learn(x, x[:, :1])
    assert np.ptp(surface(x) - x[:, :1]) == pytest.approx(0.0, abs=1e-2)


def test_transfer_finds_affine_maps_and_says_how_far_to_trust_them():
    rng = np.random.default_rng(4)
    old = rng.normal(size=(20, 3))
    slope, offset = np.array([2.0, -0.5, 0.0]), np.array([1.0, 0.0, 7.0])
    found = Transfer.of(old, slope * old + offset)
    assert (found.slope, found.offset) == (pytest.approx(slope), pytest.approx(offset))
    assert found.trust == pytest.approx(1.0)
    assert Transfer.of(old, rng.normal(size=(20, 3))).trust < 0.4
    assert Transfer.of(old[:1], old[:1] + 5.0)(old[1:]) == pytest.approx(old[1:] + 5.0)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12), st.integers(0, 12))
def test_rows_are_found_as_a_loop_finds_them(rows, split):
    x = np.array(rows, dtype=float).reshape(-1, 2)
    sought, among = x[:split], x[split:]
    expected = [next((i for i, a in enumerate(among) if (a == row).all()), -1) for row in sought]
    assert Rows(among).find(sought).tolist() == expected
    assert first_of_equals(x).tolist() == [i for i, row in enumerate(rows) if rows.index(row) == i]


def test_moves_change_one_or_two_variables_to_other_levels():
    start, x = moves(GRID, WHOLE, 500, np.random.default_rng(5), two=0.5, blend=0.0)
    changed = (x != GRID[start]).sum(axis=1)
    assert WHOLE.contains(x).all()
    # A second change of the same variable may undo the first.
    assert set(changed) <= {0, 1, 2}
    assert (changed == 1).mean() > 0.4
    assert {tuple(row) for row in x} == {tuple(row) for row in GRID}


def test_moves_of_real_variables_stay_inside_and_leave_fixed_ones_alone():
    begin = REAL.sample(10, np.random.default_rng(6))
    start, x = moves(begin, REAL, 500, np.random.default_rng(6))
    assert REAL.contains(x).all()
    assert (x != begin[start]).any(axis=1).all()


def test_worth_is_the_hypervolume_that_goes_with_a_point():
    rng = np.random.default_rng(7)
    f = rng.random((30, 3))
    batch = Batch(np.zeros((30, 1)), f, np.where(np.arange(30) % 3 == 0, 1.0, -1.0)[:, None])
    kept = f[batch.feasible]
    front = kept[moocore.is_nondominated(kept)]
    low, span = front.min(axis=0), np.ptp(front, axis=0)

    def volume(points):
        return moocore.hypervolume((points - low) / span, ref=[1.1] * 3)

    order = by_worth(batch)
    assert {tuple(row) for row in f[order]} == {tuple(row) for row in front}
    lost = [volume(front) - volume(front[(front != row).any(axis=1)]) for row in f[order]]
    assert lost == sorted(lost, reverse=True)


def test_gain_is_a_share_of_hypervolume_or_of_violation():
    def batch(f, g):
        return Batch(np.zeros((len(f), 1)), np.array(f, dtype=float), np.array(g, dtype=float)[:, None])

    near, far = batch([[0, 1], [1, 0]], [0, 0]), batch([[0, 1], [1, 0], [0, 0]], [0, 0, 0])
    assert gain(near, far) == pytest.approx(1.0 - 0.21 / 1.21)
    assert gain(far, far) == 0.0
    assert gain(batch([[0, 1]], [4]), batch([[0, 1], [2, 2]], [4, 1])) == 0.75
    assert gain(batch([[0, 1]], [4]), batch([[0, 1], [2, 2]], [4, 0])) == 1.0
    assert gain(batch([[1]], [0]), batch([[1], [0]], [0, 0])) > 0.0


def test_the_scale_is_the_one_in_which_outputs_are_quadratic():
    x = REAL.sample(30, np.random.default_rng(8))
    bowl = (x**2).sum(axis=1)
    y = np.column_stack([bowl, np.exp(bowl), bowl - 10.0])
    scale = Scale.of(Quadratic(REAL, 3).terms(x), y)
    assert scale.log.tolist() == [False, True, False]
    assert scale.back(scale(y)) == pytest.approx(y)


@dataclass(frozen=True)
class Budgets:
    """Fixed products of tables over a grid of 4,096 strategies; limits move. All is known."""

    @property
    def space(self):
        return Space(np.zeros(6), np.full(6, 3.0), np.ones(6, bool), 2, 2)

    def evaluate(self, x, t):
        rng = np.random.default_rng(11)
        tables = rng.normal(0.0, 0.4, (2, 6, 4)) + rng.normal(0.0, 0.1, (2, 6, 1)) * np.arange(4)
        tables[1] = -0.6 * tables[0] + 0.5 * tables[1]
        f = np.exp(tables[:, np.arange(6), x.astype(int)].sum(axis=2).T)
        return Batch(x.copy(), f, f / self.context(t) - 1.0)

    def context(self, t):
        return np.array([1.5 + np.sin(t), 1.5 + np.cos(t)])

    def front(self, t, n):
        batch = self.evaluate(np.indices((4,) * 6).reshape(6, -1).T.astype(float), t)
        f = batch.f[batch.feasible]
        return f[moocore.is_nondominated(f)]


def test_a_surface_that_runs_away_stays_finite():
    scale = Scale(np.array([True, False, True]), np.ones(3))
    y = scale.back(np.array([[800.0, 1.0, -2.0], [1.5, 2.0, -900.0], [0.5, 3.0, 0.1]]))
    assert np.isfinite(np.square(y)).all()
    assert np.array_equal(y[2], [np.exp(0.5), 3.0, np.exp(0.1)])
    assert sorted(by_worth(Batch(np.arange(3.0)[:, None], y, np.empty((3, 0))))) == [0, 1, 2]


def test_it_finds_the_exhaustive_front_where_a_restart_does_not():
    problem, schedule = Budgets(), Schedule(100, 12, 1.0)
    shares = {}
    for name, searcher in {"warm": Warm(), "restart": Evolve(NSGA2(20), Restart())}.items():
        runs = [run(problem, schedule, searcher, seed) for seed in range(3)]
        values = [measure(problem, r.answers, r.times).values for r in runs]
        shares[name] = np.array([v["hv"] / v["hv_front"] for v in values])[:, 3:]
    assert shares["warm"].mean() > 0.995
    assert shares["restart"].mean() < 0.98
    assert shares["warm"].min() > 0.98


@dataclass(frozen=True)
class Cycle(DF2):
    """DF2, which tells where in its period it is."""

    def context(self, t):
        return np.array([np.sin(0.5 * np.pi * t), np.cos(0.5 * np.pi * t)])


def test_memory_by_context_pays_when_contexts_return():
    schedule = Schedule(400, 24, 2.5)  # ten environments make a period
    later = {}
    for recall in (0, 3):
        results = [run(Cycle(), schedule, Warm(recall=recall), seed) for seed in range(3)]
        igd = [measure(Cycle(), r.answers, r.times).values["igd"] for r in results]
        later[recall] = np.array(igd)[:, 11:].mean()
    assert later[3] < 0.5 * later[0]


def test_done_comes_with_convergence_and_goes_with_a_change():
    problem = Budgets()
    search = Warm().start(problem.space, np.random.default_rng(0))
    search.change(Environment(0, 0.0, problem.context(0.0)))
    told = []
    for _ in range(60):
        search.tell(problem.evaluate(search.ask(1000), 0.0))
        told.append(search.done)
        if search.done:
            break
    assert told[-1]
    assert not told[0]
    search.change(Environment(1, 1.0, problem.context(1.0)))
    assert not search.done


def test_a_controller_may_stop_early_and_a_budgeted_run_does_not():
    problem, schedule = Budgets(), Schedule(2000, 4, 1.0)
    oracle = Oracle(problem, schedule, keep=True)
    answers = list(answers_of(Warm().start(problem.space, np.random.default_rng(0)), oracle, early=True))
    assert len(answers) == 4
    assert sum(map(len, oracle.told)) < 0.5 * schedule.total
    assert run(problem, schedule, Warm(), 0).evaluations == schedule.total
    # A search that does not know when it is done is never stopped.
    other = Oracle(DF1(), Schedule(60, 3), keep=True)
    assert (
        len(
            list(
                answers_of(Evolve(NSGA2(20)).start(DF1().space, np.random.default_rng(0)), other, early=True)
            )
        )
        == 3
    )
    assert sum(map(len, other.told)) == 180


def test_it_may_be_asked_before_anything_is_told():
    search = Warm().start(WHOLE, np.random.default_rng(0))
    search.change(Environment(0, 0.0, None))
    search.change(Environment(1, 1.0, None))
    assert WHOLE.contains(search.ask(10)).all()
