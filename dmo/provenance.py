"""Where a result comes from: versions of the code and libraries, and the machine."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("dmo-lab", "numpy", "scipy", "moocore", "pymoo", "torch", "onnxruntime")


@functools.cache
def provenance() -> dict[str, Any]:
    """Versions, git commit (None outside a checkout) and machine, as plain JSON values."""
    return {
        "versions": {"python": platform.python_version(), **{n: _version(n) for n in LIBRARIES}},
        "git": _git(),
        "device": {"machine": platform.machine(), "system": platform.system(), "cores": os.cpu_count()},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git() -> str | None:
    folder = Path(__file__).parent
    if not (folder.parent / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
