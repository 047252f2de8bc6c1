"""Fitted predictors on disk: one .npz of plain arrays, nothing pickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dmo.errors import ArgumentError, DataError
from dmo.files import UNREADABLE, reason, replacing
from dmo.types import Array
from surrogates.protocol import Storable, find_kind, kind_name

SCHEMA = 1
REMEDY = "make it with: python -m experiments.fit network=... device=..."


@dataclass(frozen=True, eq=False)
class Predictor:
    """A fitted surrogate whose features and targets have names.

    features: q names in the order of the columns of x; targets: k names in the order of the
    predictions' columns; meta: how it came about (table, command, configuration, scores).
    """

    fitted: Storable
    features: tuple[str, ...]
    targets: tuple[str, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(self.features))
        object.__setattr__(self, "targets", tuple(self.targets))

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of the targets of x, (n, q): each (n, k), in the targets' units."""
        return self.fitted.predict(x)

    @cached_property
    def sha256(self) -> str:
        """Of names and parameters, not of how they came about: equal ones predict the same bits."""
        total = hashlib.sha256(json.dumps([kind_name(self.fitted), self.features, self.targets]).encode())
        for name, a in sorted(self.fitted.arrays().items()):
            total.update(f"{name} {a.dtype} {a.shape} ".encode())
            total.update(np.ascontiguousarray(a).tobytes())
        return total.hexdigest()

    def column(self, target: str) -> int:
        """Where a target is among the predictions' columns. Raises ArgumentError when it is not predicted."""
        if target not in self.targets:
            raise ArgumentError("target", f"one of {', '.join(self.targets)}", repr(target), "fit it as well")
        return self.targets.index(target)


def save(predictor: Predictor, file: Path) -> None:
    """Write a predictor in one step: a reader finds the old file or the whole new one.

    Raises ArgumentError when the names do not fit the predictor or meta is not plain JSON.
    """
    _check_names(predictor.fitted, predictor.features, predictor.targets)
    try:
        head = json.dumps(
            {
                "schema": SCHEMA,
                "kind": kind_name(predictor.fitted),
                "features": predictor.features,
                "targets": predictor.targets,
                "meta": dict(predictor.meta),
            },
            allow_nan=False,
        )
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            "meta", "numbers, texts, lists and maps", str(error), "convert it to plain JSON values"
        ) from error
    arrays: dict[str, Any] = {f"array_{name}": a for name, a in predictor.fitted.arrays().items()}
    with replacing(file) as partial:
        np.savez(partial, head=np.array(head), **arrays)


def load(file: Path, remedy: str = REMEDY, features: Sequence[str] | None = None) -> Predictor:
    """The predictor that save wrote, bit for bit.

    features: the names that whoever asks will pass columns of, to be compared where given.
    Raises DataError, ending in `remedy`, when the file is missing, damaged, of another schema, or
    of other features.
    """
    if not file.is_file():
        raise DataError(f"no fitted surrogate at {file}; {remedy}")
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            head = json.loads(str(stored["head"]))
            arrays = {name[6:]: stored[name] for name in stored.files if name.startswith("array_")}
        schema = head["schema"]
        if schema != SCHEMA:
            raise DataError(
                f"{file} is a surrogate of schema {schema}, this version reads {SCHEMA}; {remedy}"
            )
        fitted = find_kind(head["kind"]).restore(arrays)
        predictor = Predictor(fitted, tuple(head["features"]), tuple(head["targets"]), head["meta"])
        _check_names(fitted, predictor.features, predictor.targets)
    except (*UNREADABLE, ImportError) as error:
        raise DataError(f"{file} cannot be read as a fitted surrogate ({reason(error)}); {remedy}") from error
    if features is not None and predictor.features != tuple(features):
        differ = sorted({*predictor.features} ^ {*features}) or ["their order"]
        raise DataError(f"{file} was fitted with other features ({', '.join(differ)} differ); {remedy}")
    return predictor


def _check_names(fitted: Storable, features: Sequence[str], targets: Sequence[str]) -> None:
    mean, _ = fitted.predict(np.zeros((1, len(features))))
    if mean.shape[1] != len(targets):
        raise ArgumentError(
            "targets", f"{mean.shape[1]} names", f"{len(targets)}", "name every column of y in order"
        )
