"""Checks of hyper-parameters, with errors that name the argument and the remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np

from dmo.errors import ArgumentError
from dmo.types import Array


def at_least(name: str, value: float, least: float) -> None:
    """Raise ArgumentError unless value is a finite number >= least; whole where least is an int."""
    whole = isinstance(least, int)
    numeric = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    if not numeric or not math.isfinite(value) or value < least:
        kind = "whole number" if whole else "finite number"
        raise ArgumentError(name, f"a {kind} >= {least}", repr(value), "set it in this range")


def speaks(name: str, part: object, verbs: tuple[str, ...]) -> None:
    """Raise ArgumentError unless part, a component, has all the attributes of its protocol."""
    missing = [verb for verb in verbs if not hasattr(part, verb)]
    if missing or isinstance(part, type):
        raise ArgumentError(
            name,
            f"an object with {', '.join(verbs)}",
            f"{part!r}" + (f" without {', '.join(missing)}" if missing else ", a class"),
            "name another component, or give this one what it lacks",
        )


def listed(name: str, values: object, kind: type) -> None:
    """Raise ArgumentError unless values is a sequence, no text, of this kind alone."""
    texts = isinstance(values, str)
    if isinstance(values, Sequence) and not texts and all(isinstance(one, kind) for one in values):
        return
    what = "whole numbers" if kind is int else "names"
    raise ArgumentError(name, f"a list of {what}", repr(values), f"write {name}=[FIRST,SECOND]")


def fraction(name: str, value: float) -> None:
    """Raise ArgumentError unless value is a number in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 <= value <= 1.0:
        raise ArgumentError(name, "a share in [0, 1]", repr(value), "give a share, not a percentage")


def evaluable(x: Array, t: float, dim: int) -> Array:
    """x as floats, (n, dim), to be evaluated at time t.

    Whether x is inside the space and finite is the oracle's to check, once a run.
    Raises ArgumentError where x has another shape or t is no finite number.
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[1] != dim:
        raise ArgumentError("x", f"points as rows, (n, {dim})", f"shape {x.shape}", "give one row per point")
    if not isinstance(t, Real) or not math.isfinite(t):
        raise ArgumentError("t", "a finite number", repr(t), "evaluate each time on its own")
    return x
