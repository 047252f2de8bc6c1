"""What a run is: a canonical description of its parts, and the key made from it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Protocol, runtime_checkable

import numpy as np

from dmo.errors import ArgumentError

SCHEMA = 1  # of records: a change of what a record holds or means makes old keys unfindable


@runtime_checkable
class HasIdentity(Protocol):
    """A part whose fields are not what defines it, such as one made from a file's content."""

    def identity(self) -> Mapping[str, Any]:
        """What defines this part, in plain JSON values."""


def describe(part: Any) -> Any:
    """A JSON value that tells equal parts from different ones.

    A dataclass becomes its `_target_` and all its fields, defaults included; an array its shape
    and the SHA-256 of its bytes where it is long. Raises ArgumentError for anything that cannot be
    described, with the remedy.
    """
    if part is None or isinstance(part, str | bool | int):
        return part
    if isinstance(part, float):
        if not math.isfinite(part):
            raise ArgumentError("part of a run", "a finite number", repr(part), "give a finite value")
        return int(part) if part.is_integer() else part  # 10 and 10.0 are the same setting
    if isinstance(part, np.generic):
        return describe(part.item())
    if isinstance(part, PurePath):
        return str(part)
    if isinstance(part, np.ndarray):
        if part.size <= 64:
            return part.tolist()
        digest = hashlib.sha256(np.ascontiguousarray(part).tobytes()).hexdigest()
        return {"shape": list(part.shape), "dtype": str(part.dtype), "sha256": digest}
    if isinstance(part, Mapping):
        return {str(k): describe(v) for k, v in part.items()}
    if isinstance(part, list | tuple):
        return [describe(v) for v in part]
    if isinstance(part, type):
        return _name(part)
    if isinstance(part, HasIdentity):
        return {"_target_": _name(type(part)), **{k: describe(v) for k, v in part.identity().items()}}
    if dataclasses.is_dataclass(part):
        fields = {f.name: describe(getattr(part, f.name)) for f in dataclasses.fields(part) if f.init}
        return {"_target_": _name(type(part)), **fields}
    raise ArgumentError(
        "part of a run",
        "a frozen dataclass of plain values, or an object with identity()",
        f"{_name(type(part))}",
        "make it a frozen dataclass, so that its runs can be told apart and resumed",
    )


def run_key(config: Mapping[str, Any], seed: int) -> str:
    """SHA-256 of the canonical JSON of a run's description, seed and record schema; 64 hex digits."""
    canonical = json.dumps(
        {**config, "seed": seed, "schema": SCHEMA}, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
