"""The conformance kit: does a problem or searcher of yours keep its contract?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least, speaks
from dmo.errors import DmoError
from dmo.loop import run
from dmo.metrics import igd
from dmo.oracle import Oracle
from dmo.problem import HasSet, Problem
from dmo.schedule import Schedule
from dmo.search import Searcher
from dmo.space import Space
from dmo.types import Array


class Fitted(Protocol):
    """What a surrogate's fit returns."""

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets, (n, k) each, of features x, (n, q)."""


class Surrogate(Protocol):
    """Learns targets y, (n, k), of features x, (n, q); see the package surrogates."""

    def fit(self, x: Array, y: Array, rng: np.random.Generator) -> Fitted:
        """A predictor; every random number comes from rng."""


class ConformanceError(DmoError, AssertionError):
    """A component breaks its contract; the message names the law and the case."""


def check_problem(
    problem: Problem, times: Sequence[float] = (0.0, 0.1, 0.5, 1.0, 2.3), seed: int = 0
) -> None:
    """Hold a problem to its contract at some times; raises ConformanceError at the first breach.

    Shapes and finiteness; the same bits for the same input, alone or in company; input unmutated;
    a front that is mutually non-dominated and that no random point dominates; where the optimal
    set is known, that it lies in the space, is feasible and evaluates onto the front.
    """
    speaks("problem", problem, ("space", "evaluate", "front"))
    space, name = problem.space, type(problem).__name__
    x = space.sample(200, np.random.default_rng(seed))
    for t in times:
        oracle = Oracle(problem, _Moment(evals=1, n_env=1, moment=t))
        kept = x.copy()
        batch = oracle.score(x, 0)
        again, alone = oracle.score(x, 0), oracle.score(x[:1], 0)
        _law(np.array_equal(x, kept), name, t, "evaluate changed its input")
        _law(_same(batch, again), name, t, "evaluate gave other values for the same input")
        _law(_same(batch[:1], alone), name, t, "a point's values depend on the points beside it")
        front = problem.front(t, 200)
        if front is None:
            continue
        _law(front.ndim == 2 and front.shape[1] == space.n_obj, name, t, f"front has shape {front.shape}")
        _law(bool(np.isfinite(front).all()) and len(front) > 0, name, t, "front is empty or not finite")
        _law(not _dominates(front, front, 1e-9).any(), name, t, "a front point dominates another")
        feasible = batch.f[batch.feasible]
        _law(not _dominates(feasible, front, 1e-6).any(), name, t, "a random point dominates the front")
        optimal = problem.set(t, 200) if isinstance(problem, HasSet) else None
        if optimal is not None:
            _law(bool(space.contains(optimal).all()), name, t, "the optimal set leaves the space")
            image = oracle.score(optimal, 0)
            _law(bool(image.feasible.all()), name, t, "the optimal set is infeasible")
            span = float(np.ptp(front, axis=0).max())
            _law(igd(image.f, front) <= 0.05 * (span + 1e-12), name, t, "the optimal set misses the front")


def check_searcher(searcher: Searcher, seed: int = 0, *, generation: int = 40, quick: bool = False) -> None:
    """Hold a searcher to its contract on small moving problems; raises at the first breach.

    Real, integer, mixed and constrained problems, of one to three objectives; never feasible, or not
    in every environment; of four points in all, of one variable, of none that can vary; of equal
    values everywhere, and of units far apart. Under announced changes, hidden ones, and environments
    shorter than a generation. Checked: 1 to `limit` points within the space, integers whole, values
    unmutated, an answer in every environment, the whole budget used, the same bits for the same
    seed, and no random numbers but from the generator given.
    generation: about as many evaluations as the searcher makes at a time, so that environments last
    for a few generations and cut one; quick: each problem under one of the schedules instead of all, and
    every other one run once instead of twice; which ones depends on the seed.
    Raises ConformanceError, or EvaluationError as a run would.
    """
    speaks("searcher", searcher, ("start",))
    at_least("generation", generation, 1)
    name = type(searcher).__name__
    schedules = (
        Schedule(evals=max(1, round(1.5 * generation)), n_env=4, first=max(1, round(3.75 * generation))),
        Schedule(evals=max(1, round(1.5 * generation)), n_env=4, announced=False),
        Schedule(evals=3, n_env=3, first=7),
    )
    for number, problem in enumerate(_problems()):
        for schedule in (schedules[(number + seed) % 3],) if quick else schedules:
            case = f"{problem.name}, {schedule}"
            common = _global_state()
            first = run(problem, schedule, searcher, seed)
            again = first if quick and (number + seed) % 2 else run(problem, schedule, searcher, seed)
            _law(first.evaluations == schedule.total, name, case, f"made {first.evaluations} evaluations")
            _law(len(first.answers) == schedule.n_env, name, case, f"gave {len(first.answers)} answers")
            equal = all(_same(a, b) for a, b in zip(first.answers, again.answers, strict=True))
            _law(equal, name, case, "gave other answers for the same seed")
            _law(_global_state() == common, name, case, "drew from numpy's global generator")


def check_surrogate(surrogate: Surrogate, seed: int = 0) -> None:
    """Hold a surrogate to its contract on a smooth function; raises ConformanceError at the first breach.

    Shapes; finite means and standard deviations >= 0; inputs unmutated; the same bits for the same
    seed; a row's prediction does not depend on the rows beside it; better than the mean.
    """
    speaks("surrogate", surrogate, ("fit",))
    name, case = type(surrogate).__name__, "a smooth function of 3 features"
    rng = np.random.default_rng(seed)
    x = rng.random((160, 3))
    y = 1.0 + np.column_stack([x @ [1.0, 2.0, 0.5], np.exp(x[:, 0]) * (1.0 + x[:, 1])])
    kept = x.copy(), y.copy()
    fitted = surrogate.fit(x[:120], y[:120], np.random.default_rng(seed))
    again = surrogate.fit(x[:120], y[:120], np.random.default_rng(seed))
    mean, std = fitted.predict(x[120:])
    _law(mean.shape == std.shape == (40, 2), name, case, f"predicted {mean.shape} and {std.shape}")
    _law(bool(np.isfinite(mean).all() and np.isfinite(std).all()), name, case, "predicted what is not finite")
    _law(bool((std >= 0.0).all()), name, case, "a standard deviation is negative")
    _law(np.array_equal(x, kept[0]) and np.array_equal(y, kept[1]), name, case, "changed its input")
    _law(np.array_equal(mean, again.predict(x[120:])[0]), name, case, "fitted otherwise with the same seed")
    _law(np.array_equal(mean[:1], fitted.predict(x[120:121])[0]), name, case, "a row depends on its company")
    error, spread = np.abs(mean - y[120:]).mean(axis=0), np.abs(y[120:] - y[:120].mean(axis=0)).mean(axis=0)
    _law(bool((error < 0.5 * spread).all()), name, case, f"errs by {error}, the mean itself by {spread}")


@dataclass(frozen=True)
class _Moment(Schedule):
    """One environment, at a time of choice."""

    moment: float = 0.0

    def time(self, index: int) -> float:
        return self.moment


@dataclass(frozen=True)
class _Moving:
    """Distance to a moving point in each objective; constraints forbid a part, or all, of the space."""

    name: str
    integer: tuple[bool, ...] = (False,) * 3
    n_obj: int = 2
    upper: float = 4.0
    units: tuple[float, ...] = (1.0,)  # of the objectives, the last for all further ones
    limit: float | None = None  # of the summed variables, constraint where given
    alternates: bool = False  # whether the limit changes its sign with every environment

    @property
    def space(self) -> Space:
        d = len(self.integer)
        return Space(
            np.zeros(d),
            np.full(d, self.upper),
            np.array(self.integer),
            self.n_obj,
            int(self.limit is not None),
        )

    def evaluate(self, x: Array, t: float) -> Batch:
        goals = self.upper * np.linspace(0.1, 0.9, self.n_obj) + 0.3 * np.sin(t)
        f = np.stack([((x - goal) ** 2).sum(axis=1) for goal in goals], axis=1)
        f *= np.resize(self.units, self.n_obj)
        g = np.empty((len(x), 0))
        if self.limit is not None:
            sign = np.cos(10.0 * np.pi * t) if self.alternates else 1.0
            g = x.sum(axis=1, keepdims=True) - self.limit * sign * (1.0 + 0.1 * np.sin(t))
        # Read-only, as a searcher must not change what it is told.
        for array in (f, g):
            array.flags.writeable = False
        return Batch(x.copy(), f, g)

    def front(self, t: float, n: int) -> Array | None:
        return None

    def context(self, t: float) -> Array:
        context = np.array([t, 1.0])
        context.flags.writeable = False
        return context


def _problems() -> tuple[_Moving, ...]:
    whole = (True,) * 3
    return (
        _Moving("real"),
        _Moving("integer", whole),
        _Moving("mixed", (False, True, True)),
        _Moving("three objectives", n_obj=3),
        _Moving("constrained", limit=5.0),
        _Moving("never feasible", whole, limit=-1.0),
        _Moving("feasible in every other environment", limit=5.0, alternates=True),
        _Moving("one objective", n_obj=1),
        _Moving("one variable", (False,)),
        _Moving("four points", (True, True), upper=1.0),
        _Moving("one point", upper=0.0),
        _Moving("equal values", units=(0.0,)),
        _Moving("units apart", n_obj=3, units=(1e9, 1e-9, 1.0)),
    )


def _dominates(a: Array, b: Array, by: float) -> Array:
    """(len(b),) whether some row of a is better than the row of b by more than `by` in every objective."""
    return np.array([((a < row - by).all(axis=1)).any() for row in b])


def _same(a: Batch, b: Batch) -> bool:
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("x", "f", "g"))


def _global_state() -> str:
    return str(np.random.get_state())  # noqa: NPY002 - to see that nobody uses it


def _law(held: bool, name: str, where: object, breach: str) -> None:
    if not held:
        place = f"t = {where:g}" if isinstance(where, float) else where
        raise ConformanceError(f"{name}, {place}: {breach}")
