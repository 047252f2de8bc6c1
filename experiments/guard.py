"""Importing this makes sure that the packages are ours: such common names collide easily."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent

for _name in ("dmo", "problems", "surrogates"):
    _spec = importlib.util.find_spec(_name)
    _found = Path(_spec.origin).resolve().parent.parent if _spec and _spec.origin else None
    if _found != HOME:
        sys.exit(
            f"error: the package {_name!r} that Python finds is {_found or 'a folder without code'}, not "
            f"dmo-lab's in {HOME}; run from another folder, or remove the other {_name!r} from the path"
        )
