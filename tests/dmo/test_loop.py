"""Oracle and loop: who counts, who keeps time, what is refused."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmo import Batch, Environment, Evolve, Oracle, Reevaluate, Schedule, Space, cec2018, run
from dmo.check import check_searcher
from dmo.errors import ArgumentError, EvaluationError
from dmo.optimisers import NSGA2
from dmo.responses import Hypermutation, Immigrants, NoResponse, Restart

RESPONSES = (NoResponse(), Restart(), Immigrants(), Hypermutation())
DETECTORS = {"announced": Evolve().detector, "reevaluate": Reevaluate()}


@dataclass(frozen=True)
class Clock:
    """f tells the time at which it was evaluated; g moves even where f would not."""

    moves_f: bool = True

    @property
    def space(self):
        return Space.box(np.zeros(2), np.ones(2), 2, 1)

    def evaluate(self, x, t):
        f = x + (t if self.moves_f else 0.0)
        return Batch(x, f, np.full((len(x), 1), t - 100.0))

    def front(self, t, n):
        return None

    def context(self, t):
        return np.array([t, 7.0])


@dataclass(frozen=True)
class Scripted:
    """Asks for batches of the given sizes, and notes all that it is told."""

    sizes: tuple[int, ...]
    log: list

    def start(self, space, rng):
        return ScriptedSearch(self, space, rng)


class ScriptedSearch:
    def __init__(self, settings, space, rng):
        self.sizes, self.log, self.space, self.rng = list(settings.sizes), settings.log, space, rng

    def ask(self, limit):
        self.log.append(("limit", limit))
        return self.space.sample(min(self.sizes.pop(0) if self.sizes else 1, limit), self.rng)

    def tell(self, batch):
        self.log.append(("times", (batch.f - batch.x)[:, 0].round(9).tolist()))
        self.last = batch.x

    def change(self, environment):
        self.log.append(("change", environment))

    def answer(self):
        return self.last[-1:]


def test_announced_changes_come_before_anything_else_and_limits_end_environments():
    log = []
    run(Clock(), Schedule(evals=3, n_env=2, first=4, severity=2), Scripted((3, 9, 9), log), 0)
    kinds = [kind for kind, _ in log]
    assert kinds == ["change", *["limit", "times"] * 2, "change", "limit", "times"]
    assert [v for k, v in log if k == "limit"] == [4, 1, 3]
    assert [v for k, v in log if k == "times"] == [[0.0] * 3, [0.0], [0.5] * 3]
    first, second = (v for k, v in log if k == "change")
    assert (first.index, first.t, first.context.tolist()) == (0, 0.0, [0.0, 7.0])
    assert (second.index, second.t, second.context.tolist()) == (1, 0.5, [0.5, 7.0])


def test_a_hidden_change_is_not_leaked_and_a_batch_across_it_has_true_times():
    log = []
    schedule = Schedule(evals=3, n_env=3, severity=1, announced=False)
    result = run(Clock(), schedule, Scripted((2, 5, 2), log), 0, evals=True)
    assert [v for k, v in log if k == "limit"] == [9, 7, 2]
    assert [v for k, v in log if k == "times"] == [[0, 0], [0, 1, 1, 1, 2], [2, 2]]
    assert len(result.answers) == 3
    # The batch of five ended environments 0 and 1: their answer is what was proposed before it.
    assert np.array_equal(result.answers[0].x, result.told.x[1:2])
    assert np.array_equal(result.answers[1].x, result.told.x[1:2])
    assert np.array_equal(result.answers[2].x, result.told.x[-1:])


def test_before_the_first_tell_the_answer_is_what_was_asked_for():
    schedule = Schedule(evals=3, n_env=3, severity=1, announced=False)
    result = run(Clock(), schedule, Scripted((8,), []), 0, evals=True)
    assert np.array_equal(result.answers[0].x, result.told.x[:3])


def test_what_was_just_evaluated_is_scored_without_another_evaluation():
    problem, asked = Clock(), []

    class Counting(Clock):
        def evaluate(self, x, t):
            asked.append((len(x), t))
            return problem.evaluate(x, t)

    oracle = Oracle(Counting(), Schedule(6, 3, 1.0))
    x = np.random.default_rng(0).random((6, 2))
    oracle.evaluate(x[:4])
    oracle.evaluate(x[4:])
    for rows, index in (([5, 0, 3, 0], 0), ([1], 1), ([2], 0)):
        scored, wanted = oracle.score(x[rows], index), problem.evaluate(x[rows], float(index))
        assert all(np.array_equal(getattr(scored, a), getattr(wanted, a)) for a in "xfg")
    assert asked == [(4, 0.0), (2, 0.0), (1, 1.0)]
    oracle.evaluate(x[:2])
    oracle.score(x[2:3], 1)
    oracle.score(x[2:3], 0)
    assert asked[3:] == [(2, 1.0), (1, 1.0), (1, 0.0)]


def test_answers_are_scored_at_their_own_time():
    result = run(Clock(), Schedule(evals=20, n_env=4, severity=1), Evolve(NSGA2(8)), 0)
    for k, answer in enumerate(result.answers):
        assert np.allclose(answer.f - answer.x, k)


@pytest.mark.parametrize("response", RESPONSES, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("pop_size", [4, 30])
def test_searchers_keep_their_contract(response, detector, pop_size):
    check_searcher(Evolve(NSGA2(pop_size), response, DETECTORS[detector]), generation=pop_size)


@given(
    evals=st.integers(1, 40),
    n_env=st.integers(1, 4),
    first=st.none() | st.integers(1, 60),
    announced=st.booleans(),
    pop_size=st.integers(2, 30),
)
def test_evaluations_sum_to_the_budget(evals, n_env, first, announced, pop_size):
    schedule = Schedule(evals, n_env, 10.0, first, announced)
    searcher = Evolve(NSGA2(pop_size), Immigrants(), Reevaluate())
    result = run(Clock(), schedule, searcher, 0, evals=True)
    assert result.evaluations == schedule.total == len(result.told)
    assert len(result.answers) == n_env


@dataclass(frozen=True)
class Watching:
    """A response that notes what it is shown, and probes."""

    seen: list

    def probe(self, history, space, rng):
        return space.sample(3, rng)

    def respond(self, history, space, n, rng):
        self.seen.append(history)
        return space.sample(n, rng)


def test_history_is_what_happened_and_probes_are_of_the_new_environment():
    seen = []
    schedule = Schedule(evals=20, n_env=4, severity=1)
    result = run(Clock(), schedule, Evolve(NSGA2(6), Watching(seen), memory=2), 0)
    assert [h.now.index for h in seen] == [1, 2, 3]
    assert [len(h.populations) for h in seen] == [1, 2, 2]
    for h in seen:
        assert np.allclose(h.probes.f - h.probes.x, h.now.t)
        assert len(h.probes) == 3
        for population, answer, environment in zip(h.populations, h.answers, h.environments, strict=True):
            assert np.allclose(population.f - population.x, environment.t)
            assert np.array_equal(answer.x, result.answers[environment.index].x)


def test_an_environment_that_ends_with_its_probes_is_answered_from_them():
    seen = []
    schedule = Schedule(evals=3, n_env=3, first=20, severity=1)  # Watching probes just three points
    result = run(Clock(), schedule, Evolve(NSGA2(6), Watching(seen)), 0, evals=True)
    for k, start in ((1, 20), (2, 23)):
        probes = {tuple(x) for x in result.told.x[start : start + 3]}
        assert {tuple(x) for x in result.answers[k].x} <= probes
    for past, environment in zip(seen[-1].populations, seen[-1].environments, strict=True):
        assert np.allclose(past.f - past.x, environment.t)


def test_a_problem_cannot_replace_the_points_it_was_asked_for():
    class Repairing(Clock):
        def evaluate(self, x, t):
            batch = super().evaluate(x, t)
            return Batch(np.zeros_like(x), batch.f, batch.g)

    oracle = Oracle(Repairing(), Schedule(9, 2))
    x = np.full((2, 2), 0.25)
    assert np.array_equal(oracle.evaluate(x).x, x)


def test_a_problem_must_return_a_batch():
    class Bare(Clock):
        def evaluate(self, x, t):
            return x, x

    with pytest.raises(EvaluationError, match=r"Bare.evaluate returned tuple where a dmo.Batch"):
        run(Bare(), Schedule(9, 2), Evolve(NSGA2(4)), 0)


@pytest.mark.parametrize("moves_f", [True, False])
def test_reevaluation_detects_changes_of_objectives_or_constraints_alone(moves_f):
    seen = []
    schedule = Schedule(evals=100, n_env=3, severity=1, announced=False)
    run(Clock(moves_f), schedule, Evolve(NSGA2(10), Watching(seen), Reevaluate()), 0)
    assert len(seen) == 2
    assert all(h.now.t is None for h in seen)


def test_without_a_detector_a_hidden_change_goes_unnoticed():
    seen = []
    schedule = Schedule(evals=100, n_env=3, severity=1, announced=False)
    run(Clock(), schedule, Evolve(NSGA2(10), Watching(seen)), 0)
    assert seen == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "not finite at t = 0"),
        (np.inf, "not finite"),
        ("shape", r"f \(4, 3\).*\(4, 2\).* were expected"),
    ],
)
def test_what_a_problem_may_not_return(value, message):
    class Broken(Clock):
        def evaluate(self, x, t):
            batch = super().evaluate(x, t)
            f = np.zeros((len(x), 3)) if value == "shape" else np.where(batch.x == batch.x[1], value, 1.0)
            return Batch(batch.x, f, batch.g)

    with pytest.raises(EvaluationError, match=message):
        run(Broken(), Schedule(9, 2), Evolve(NSGA2(4)), 0)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((1, 3)), r"shape \(1, 3\) where \(n, 2\) was expected"),
        (np.full((1, 2), 1.5), "outside the space"),
        (np.full((1, 2), np.nan), "outside the space"),
        (np.zeros((0, 2)), "0 points where 1 to 9"),
        (np.zeros((10, 2)), "10 points where 1 to 9"),
    ],
)
def test_what_a_searcher_may_not_ask(x, message):
    with pytest.raises(EvaluationError, match=message):
        Oracle(Clock(), Schedule(9, 2)).evaluate(x)


def test_a_response_of_the_wrong_shape_is_named():
    class Short(Restart):
        def respond(self, history, space, n, rng):
            return space.sample(n - 1, rng)

    with pytest.raises(EvaluationError, match=r"Short.respond returned .* \(3, 2\) where 4 rows of 2"):
        run(Clock(), Schedule(9, 2), Evolve(NSGA2(4), Short()), 0)


@pytest.mark.parametrize(("rows", "allowed"), [(0, False), (1, True), (3, True), (4, True), (5, False)])
def test_rows_may_be_left_out_for_points_that_were_probed(rows, allowed):
    @dataclass(frozen=True)
    class Probing:
        def probe(self, history, space, rng):
            return space.sample(3, rng)

        def respond(self, history, space, n, rng):
            return space.sample(rows, rng)

    schedule = Schedule(evals=3 + rows, n_env=2, first=4, severity=1)
    if not allowed:
        with pytest.raises(EvaluationError, match=r"where 1 to 4 rows of 2 variables"):
            run(Clock(), schedule, Evolve(NSGA2(4), Probing()), 0)
        return
    result = run(Clock(), schedule, Evolve(NSGA2(4), Probing()), 0, evals=True)
    asked = {tuple(x) for x in result.told.x[4:]}
    assert len(asked) == 3 + rows
    assert {tuple(x) for x in result.answers[1].x} <= asked


def test_environment_zero_does_not_trigger_a_response():
    search = Evolve(NSGA2(4), Watching([])).start(Clock().space, np.random.default_rng(0))
    search.change(Environment(0, 0.0, None))
    assert len(search.ask(100)) == 4


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        ("problem", {"problem": Clock}),
        ("schedule", {"schedule": Clock()}),
        ("searcher", {"searcher": "dnsga2_a"}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": 1.5}),
    ],
)
def test_arguments_of_another_kind_are_named(argument, change):
    given = {"problem": Clock(), "schedule": cec2018(n_env=2), "searcher": Evolve(), "seed": 1}
    with pytest.raises(ArgumentError, match=f"^{argument}: expected"):
        run(**{**given, **change})
