"""PymooProblem: any problem of pymoo, static or dynamic, as one of ours."""

from __future__ import annotations

import copy
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import comb
from typing import Any

import moocore
import numpy as np

from dmo.batch import Batch
from dmo.checks import evaluable
from dmo.errors import ArgumentError, EvaluationError
from dmo.identity import describe
from dmo.optimisers.weights import lattice
from dmo.space import Space
from dmo.types import Array, BoolArray


@dataclass(frozen=True)
class PymooProblem:
    """A problem of pymoo, or one written for it: real, whole or binary variables, inequality constraints.

    name: what pymoo's get_problem knows it by, the dotted name of its class, or the problem itself, which
    a record cannot tell from another; arguments: of its class, in plain values; equality: how far from 0
    an equality constraint may be, which makes |h| - equality <= 0 of it.
    A dynamic problem is given its time on a copy made for each call, so that neither values nor fronts
    are of another time; pymoo's clock is not used. The front is pymoo's, as exact as that is: it is
    checked only for points that dominate each other, and None where pymoo knows none, fails, or would have
    to download it and cannot.
    Raises ArgumentError when there is no such problem, it refuses the arguments, its variables are
    unbounded or of mixed types, or it has equality constraints and equality is None; EvaluationError
    when it fails to evaluate.
    Source: Blank & Deb, pymoo: multi-objective optimization in Python (2020).
    """

    name: str | Any = "zdt1"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    equality: float | None = None

    def __post_init__(self) -> None:
        made = self._made
        if made.n_eq_constr and self.equality is None:
            raise ArgumentError(
                "equality",
                f"a tolerance for the {made.n_eq_constr} equality constraints of {made.name()}",
                "None",
                "give a small number such as 1e-4: |h| <= equality is then feasible",
            )
        if self.equality is not None and not self.equality >= 0.0:
            raise ArgumentError("equality", "a number >= 0", repr(self.equality), "1e-4 is usual")
        if not all(isinstance(bound, np.ndarray) for bound in (made.xl, made.xu)):
            raise ArgumentError(
                "name",
                "a problem whose variables all have bounds and one type",
                f"{made.name()} with xl = {made.xl}, xu = {made.xu}",
                "give it bounds; variables of mixed types are not supported",
            )

    def identity(self) -> dict[str, Any]:
        """What tells this problem from another, for records."""
        if not isinstance(self.name, str):
            raise ArgumentError(
                "name",
                "a name, where runs are recorded",
                repr(self.name),
                "pass the dotted name of its class, and its arguments",
            )
        return {"name": self.name, "arguments": describe(self.arguments), "equality": self.equality}

    @cached_property
    def space(self) -> Space:
        """The decision space; whole and binary variables are integers."""
        made = self._made
        whole = np.full(made.n_var, made.vtype in (int, bool))
        return Space(made.xl, made.xu, whole, made.n_obj, made.n_ieq_constr + made.n_eq_constr)

    def evaluate(self, x: Array, t: float) -> Batch:
        """Objectives and constraints of x, (n, d), at time t: inequalities first, then |h| - equality.

        Raises ArgumentError where x is no such matrix or t no finite number, EvaluationError where
        pymoo's problem fails.
        """
        x = evaluable(x, t, self.space.dim)
        at, kind = self._at(t), self._made.vtype
        values = ["F", "G", "H"]
        given = x.astype(kind) if kind in (int, bool) else x.copy()
        try:
            out = at.evaluate(given, return_values_of=values, return_as_dictionary=True)
        except Exception as error:
            raise EvaluationError(
                f"pymoo's {at.name()} failed at t = {t:g}: {error!r}; it is theirs to mend"
            ) from error
        F, G, H = (np.asarray(out[key], dtype=float).reshape(len(x), -1) for key in values)
        return Batch(x.copy(), F, np.column_stack([G, np.abs(H) - (self.equality or 0.0)]))

    def front(self, t: float, n: int) -> Array | None:
        """At most about n points of pymoo's front at time t, none dominated, (k, m), or None."""
        at = self._at(t)
        takes = inspect.signature(at._calc_pareto_front).parameters
        counts = {name: n for name in ("n_pareto_points", "n_points") if name in takes}
        directions = {"ref_dirs": _directions(n, at.n_obj)} if "ref_dirs" in takes else {}
        try:
            points = at.pareto_front(**counts, **directions, use_cache=False, set_cache=False)
        except Exception:  # pymoo raises this, no less, where a front is not there; or it cannot download it
            return None
        if points is None or not np.isfinite(points).all():
            return None
        kept: BoolArray = moocore.is_nondominated(np.ascontiguousarray(points, dtype=float))
        points = points[kept]
        return points[np.unique(np.linspace(0, len(points) - 1, min(n, len(points))).astype(int))]

    def _at(self, t: float) -> Any:
        """The problem at time t; a dynamic one as a copy without what it has cached."""
        from pymoo.problems.dyn import DynamicProblem

        if not isinstance(self._made, DynamicProblem):
            return self._made
        made = copy.copy(self._made)
        made.__dict__["cache"] = {}
        made.time = t
        return made

    @cached_property
    def _made(self) -> Any:
        from pymoo.core.problem import Problem
        from pymoo.problems import get_problem

        if isinstance(self.name, Problem):
            return self.name
        try:
            if "." not in str(self.name):
                return get_problem(self.name, **self.arguments)
            module, _, kind = str(self.name).rpartition(".")
            made = getattr(importlib.import_module(module), kind)(**self.arguments)
        except Exception as error:
            raise ArgumentError(
                "name, arguments",
                "a problem of pymoo, or the dotted name of a class, and what it takes",
                f"{self.name!r}, {dict(self.arguments)} ({error!r})",
                "write for instance zdt1, dtlz2 or pymoo.problems.dynamic.cec2015.FDA4",
            ) from error
        if not isinstance(made, Problem):
            raise ArgumentError(
                "name", "a class derived from pymoo's Problem", repr(self.name), "name another class"
            )
        return made


def _directions(n: int, m: int) -> Array:
    """The largest simplex lattice of at most n directions of m objectives, (k, m), at least the corners."""
    parts = 1
    while m > 1 and comb(parts + m, m - 1) <= n:
        parts += 1
    return lattice(parts, m)
