"""How good answers are: distance to the true front and hypervolume, per environment and on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import moocore
import numpy as np

from dmo.batch import Batch
from dmo.checks import at_least
from dmo.errors import ArgumentError
from dmo.problem import Problem
from dmo.types import Array

MARGIN = 0.5  # the usual reference point lies this far beyond the front's worst corner


def igd(f: Array, front: Array) -> float:
    """Mean distance from each point of the front, (k, m), to the nearest of f, (n, m); inf if f is empty."""
    return float(moocore.igd(f, ref=front)) if len(f) else float("inf")


def hypervolume(f: Array, reference: Array) -> float:
    """Volume dominated by f, (n, m), within the reference point, (m,); 0 where f is empty."""
    return float(moocore.hypervolume(f, ref=reference)) if len(f) else 0.0


def reference_point(front: Array) -> Array:
    """max(front) + 0.5 in each objective, (m,): the field's usual choice."""
    return np.asarray(front.max(axis=0) + MARGIN)


@dataclass(frozen=True, eq=False)
class Metrics:
    """Figures of one run, one value per environment each, all (n_env,) arrays.

    values: by name - `feasible` share of the answer, `size` of it, and where the front is known
    `igd`, `hv` (infeasible points do not count) and `hv_front`, the front's own hypervolume;
    asked: how many points of each front were asked for; front_points: the most that one had.
    """

    values: Mapping[str, Array]
    asked: int
    front_points: int

    @property
    def means(self) -> dict[str, float]:
        """Averages over the environments under the field's names: MIGD, MHV, and so on.

        And `answered`, the share of environments with a feasible answer. MIGD is the mean of these
        alone, as without one there is no distance; inf where there are none. Read it beside `answered`.
        """
        names = {"igd": "migd", "hv": "mhv", "hv_front": "mhv_front"}
        answered = self.values["feasible"] > 0.0
        means = {names.get(name, name): float(np.mean(v)) for name, v in self.values.items()}
        if "migd" in means and not answered.all():
            means["migd"] = float(np.mean(self.values["igd"][answered])) if answered.any() else float("inf")
        return {**means, "answered": float(np.mean(answered))}

    def after(self, skip: int) -> Metrics:
        """The figures without those of the first `skip` environments, which some protocols leave out.

        Raises ArgumentError when none would be left.
        """
        at_least("skip", skip, 0)
        count = len(self.values["feasible"])
        if skip >= count:
            raise ArgumentError("skip", f"fewer than the {count} environments", str(skip), "skip fewer")
        return replace(self, values={name: v[skip:] for name, v in self.values.items()})


class Fronts:
    """A problem's true fronts of about n points, each computed once: what all its runs are scored against."""

    def __init__(self, problem: Problem, n: int = 500) -> None:
        self.asked = n
        self._problem = problem
        self._known: dict[float, tuple[Array, Array, float] | None] = {}

    def at(self, t: float) -> tuple[Array, Array, float] | None:
        """The front at time t, (k, m), its reference point, (m,), and hypervolume; None where unknown."""
        if t not in self._known:
            front = self._problem.front(t, self.asked)
            if front is None:
                self._known[t] = None
            else:
                reference = reference_point(front)
                self._known[t] = front, reference, hypervolume(front, reference)
        return self._known[t]

    def measure(self, answers: Sequence[Batch], times: Array) -> Metrics:
        """As the function of this name."""
        if len(answers) != len(times):
            raise ArgumentError(
                "answers", f"one per time, {len(times)}", str(len(answers)), "pass a run's both"
            )
        rows: dict[str, list[float]] = {"feasible": [], "size": [], "igd": [], "hv": [], "hv_front": []}
        count = 0
        for batch, t in zip(answers, times, strict=True):
            kept = np.ascontiguousarray(batch.f[batch.feasible])
            rows["feasible"].append(len(kept) / len(batch))
            rows["size"].append(len(batch))
            if known := self.at(float(t)):
                front, reference, volume = known
                rows["igd"].append(igd(kept, front))
                rows["hv"].append(hypervolume(kept, reference))
                rows["hv_front"].append(volume)
                count = max(count, len(front))
        return Metrics({name: np.array(v) for name, v in rows.items() if v}, self.asked, count)


def measure(problem: Problem, answers: Sequence[Batch], times: Array, front_points: int = 500) -> Metrics:
    """Score the answer of every environment against the true front at its time.

    answers: one Batch per environment; times: (n_env,). MIGD and MHV are the means of `igd` and
    `hv` over all environments, the first included; see `Metrics.means` for those without an answer.
    Source: Jiang et al., CEC2018 report, section 4 (MIGD, MHV with reference max(front) + 0.5).
    Raises ArgumentError when the numbers of answers and times differ.
    """
    return Fronts(problem, front_points).measure(answers, times)
