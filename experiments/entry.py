"""Entry points: Hydra mains whose errors are one line, and the one place where components are built."""

from __future__ import annotations

import dataclasses
import os
import sys
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any

import hydra
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.hydra_config import HydraConfig
from hydra.core.object_type import ObjectType
from hydra.errors import HydraException, InstantiationException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dmo.errors import DmoError
from experiments import guard  # noqa: F401 - before the first import of another package of ours
from experiments.says import CONF, one_line

MENDABLE = (DmoError, HydraException, OmegaConfBaseException, OSError)
NAMES_ONLY = ("hydra.utils.get_class", "hydra.utils.get_object")  # as a `_target_` they call nothing


def entry(name: str) -> Callable[[Callable[[DictConfig], None]], Callable[[], None]]:
    """Make a function of the composed configuration `conf/<name>.yaml` a command-line program.

    What a user can mend is printed as one line on stderr, with exit status 1; a defect of ours
    keeps its traceback. HYDRA_FULL_ERROR=1 shows tracebacks for all.
    """

    def decorate(task: Callable[[DictConfig], None]) -> Callable[[], None]:
        def program() -> None:
            full = os.environ.get("HYDRA_FULL_ERROR") == "1"
            os.environ["HYDRA_FULL_ERROR"] = "1"  # so that errors reach us instead of Hydra's printer
            failed = ran = False
            if {"--help", "-h"} & {*sys.argv}:
                ConfigLoaderImpl.get_group_options = options_in  # type: ignore[method-assign,assignment]

            def job(config: DictConfig) -> None:
                # Caught within the job: a sweep goes on with its other cells.
                nonlocal failed, ran
                ran = True
                try:
                    task(config)
                except MENDABLE as error:
                    # Another process's launcher has to hear of it; ours reads the flag.
                    if full or "basic" not in HydraConfig.get().launcher._target_:
                        raise
                    failed = True
                    print(f"error: {one_line(error)}", file=sys.stderr)

            try:
                hydra.main(version_base="1.3", config_path=str(CONF), config_name=name)(job)()
            except MENDABLE as error:
                if full:
                    raise
                failed = True
                print(f"error: {one_line(error)}", file=sys.stderr)
            except KeyboardInterrupt:
                print("interrupted; what is finished and on disk is found again", file=sys.stderr)
                sys.exit(130)
            if not ran and not failed and _sweeps_nothing(sys.argv[1:]):
                failed = True
                print("error: the sweep: expected a glob() that matches something, got none", file=sys.stderr)
            if failed:
                sys.exit(1)

        return program

    return decorate


def options_in(
    loader: ConfigLoaderImpl, group_name: str, results_filter: ObjectType | None = ObjectType.CONFIG
) -> list[str]:
    """What Hydra's get_group_options says, which copies all its configuration for each folder.

    For --help that is 120 times, three quarters of its time; without overrides the copy has the same files.
    """
    return loader.repository.get_group_options(group_name, results_filter)


def _sweeps_nothing(words: Sequence[str]) -> bool:
    """Whether a sweep in this process, none of whose cells ran, may have had none: Hydra keeps silent."""
    if any(word.startswith("hydra/launcher=") for word in words):  # cells run elsewhere
        return False
    return bool({"-m", "--multirun"} & {*words}) and any("=glob(" in word for word in words)


def build(node: Any) -> Any:
    """Instantiate what a configuration node describes and check its fields' types.

    Only components may be named: frozen dataclasses, classes with an identity(), and functions that are
    annotated to return one. A configuration from elsewhere can so not call whatever is importable.
    Raises DmoError in one line that names the key, what the component takes and what came.
    """
    if isinstance(node, str | int | float):
        raise DmoError(f"expected a component, _target_ and its keyword arguments, got {node!r}; name one so")
    _check_targets(OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node)
    try:
        part = hydra.utils.instantiate(node, _convert_="all")
    except InstantiationException as error:
        raise DmoError(_instantiation(error)) from error
    _check_types(part)
    return part


def _check_targets(node: Any) -> None:
    """Raise DmoError where a `_target_` within the plain node names something that is no component."""
    if isinstance(node, list):
        for value in node:
            _check_targets(value)
    elif isinstance(node, dict):
        for value in node.values():
            _check_targets(value)
        target = node.get("_target_")
        if isinstance(target, str) and target not in NAMES_ONLY:
            try:
                found = hydra.utils.get_object(target)
            except Exception as error:
                raise DmoError(f"_target_: {target!r} cannot be imported ({one_line(error)})") from error
            if not _is_component(found):
                raise DmoError(
                    f"_target_: expected a dataclass, a class with identity(), or a function annotated to "
                    f"return one, got {target!r}; make the component a frozen dataclass"
                )


def _is_component(found: Any) -> bool:
    if not isinstance(found, type) and isinstance(found, types.FunctionType):
        found = typing.get_type_hints(found).get("return")
    return isinstance(found, type) and (dataclasses.is_dataclass(found) or hasattr(found, "identity"))


def _instantiation(error: InstantiationException) -> str:
    """Hydra's message without its indirections: the key, then the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    key = next((line.removeprefix("full_key: ") for line in lines if line.startswith("full_key: ")), "")
    cause = error.__cause__
    while isinstance(cause, InstantiationException) and cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, DmoError):
        text = str(cause)
    elif cause is not None:
        text = f"{lines[0]} {cause}" if lines else repr(cause)
    else:
        text = " ".join(line for line in lines if not line.startswith("full_key: "))
    return f"{key}: {text}" if key else text


def _check_types(part: Any, path: str = "") -> None:
    """Hold the fields of a dataclass, and of those inside it, against their annotations."""
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return
    try:
        hints = typing.get_type_hints(type(part))
    except NameError:  # an annotation only imported for type checking; nothing to hold against
        hints = {}
    for field in dataclasses.fields(part):
        value, name = getattr(part, field.name), f"{path}{field.name}"
        hint = hints.get(field.name)
        if hint is not None and not _fits(value, hint):
            raise DmoError(
                f"{type(part).__name__}.{name}: expected {getattr(hint, '__name__', hint)}, got {value!r}; "
                "give a value of this type"
            )
        _check_types(value, f"{name}.")


def _fits(value: Any, hint: Any) -> bool:
    """Whether a plain value is of the plain type asked for; what is not plain passes."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return any(_fits(value, h) for h in typing.get_args(hint))
    if hint in (int, float, bool, str):
        allowed = (int, float) if hint is float else (hint,)
        return isinstance(value, allowed) and (hint is bool or not isinstance(value, bool))
    if hint is type(None):
        return value is None
    return True
