"""What an error means, in one line: the argument, what was expected, what came, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

HERE = Path(__file__).resolve().parent
# Beside the packages in a checkout, inside this package in a wheel.
CONF = next((c for c in (HERE / "conf", HERE.parent / "conf") if c.is_dir()), HERE / "conf")

MANY = 40  # choices: more are not all told


def one_line(error: BaseException) -> str:
    """An error's message without its line breaks and repetitions; Hydra's in words of the command line."""
    if isinstance(error, MissingConfigException) and error.options:
        return _no_such_file(str(error.missing_cfg_file), error.options)
    if isinstance(error, OverrideParseException) and "missing EQUAL" in error.message:
        return f"arguments: expected key=value, got {error.override!r}; --help lists the keys"
    if isinstance(error, ConfigCompositionException):
        key = re.match(r"Could not override '([^']+)'", str(error))
        if key:
            return _no_such_key(key[1], error.__cause__)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}; name another file or folder"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(dict.fromkeys(lines)) or repr(error)


def _no_such_file(missing: str, options: Iterable[str]) -> str:
    """The choice of a group that has no YAML."""
    group, _, name = missing.removesuffix(".yaml").rpartition("/")
    known = sorted(options)
    among = f"one of {', '.join(known)}"
    if len(known) > MANY:
        near = get_close_matches(name, known, 10, 0.3) or known[:10]
        among = f"one of the {len(known)} that --help lists, such as {', '.join(near)}"
    return (
        f"{group}: expected {among}, got {name!r}; {_meant(name, known)}or write "
        f"{group}/{name}.yaml in a folder named by --config-dir"
    )


def _no_such_key(key: str, cause: BaseException | None) -> str:
    """A key that the configuration does not have."""
    head, _, last = key.rpartition(".")
    parent = cause.parent_node if isinstance(cause, OmegaConfBaseException) else None
    known = [str(name) for name in parent] if OmegaConf.is_dict(parent) else []  # type: ignore[union-attr]
    if not known and (CONF / key).is_dir():
        return (
            f"{key}: expected a group that the other choices make use of, got one that none does; choose "
            "what does first, as problem=deployment/resnet does of network, device and scenario"
        )
    among = f"one of {', '.join(known)}" if known else "a key that --help lists"
    return (
        f"{key}: expected {among}{f' within {head}' * bool(head)}; {_meant(last, known)}--help lists all keys"
    )


def _meant(word: str, known: Iterable[str]) -> str:
    """A guess at what was to be typed, or nothing."""
    close = get_close_matches(word, list(known), 1)
    return f"did you mean {close[0]!r}? " if close else ""
