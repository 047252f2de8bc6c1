"""Fronts that took a moment to compute, kept on disk for the next process; never needed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dmo.files import replacing
from dmo.identity import describe
from dmo.types import Array


def key(problem: Any, t: float, n: int) -> str:
    """SHA-256 of all that a front depends on: the problem, the time, the number of points, the code."""
    canonical = json.dumps([describe(problem), t.hex(), n, _code()], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def kept(name: str, compute: Callable[[], Array], width: int) -> Array:
    """The array of that name from disk, (k, width), or computed and stored for the next time.

    A missing or damaged file is computed anew and written whole; where the folder cannot be
    written, nothing is stored.
    """
    file = folder() / f"{name}.npz"
    try:
        with file.open("rb") as handle, np.load(handle) as archive:  # a zip file: checksums tell damage
            found = archive["x"]
        if found.dtype == np.float64 and found.ndim == 2 and found.shape[1] == width:
            return np.asarray(found)
    except Exception:
        pass  # whatever is wrong with the file, it can be computed again
    made = compute()
    try:
        with replacing(file) as partial:
            np.savez(partial, x=made)
    except OSError:
        pass  # a read-only or full disk costs time, not results
    return made


def folder() -> Path:
    """Where fronts are kept: dmo-lab/fronts in XDG_CACHE_HOME, or in ~/.cache."""
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if chosen.is_absolute():  # the standard has relative paths ignored
        return chosen / "dmo-lab" / "fronts"
    return Path(os.path.expanduser("~")) / ".cache" / "dmo-lab" / "fronts"


@cache
def _code() -> str:
    """SHA-256 of the sources that fronts are computed by."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for file in [here.parent / "analytic.py", *sorted(here.glob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
