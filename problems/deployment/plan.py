"""A Plan: a model file and the settings to execute it with, made from a strategy and a torch module."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError, DataError
from dmo.files import replacing
from problems.deployment import engines
from problems.deployment.strategy import Level, Strategy

if TYPE_CHECKING:
    from torch import nn

    from problems.deployment.graph.source import OnnxSource, Source

MAKER = 3  # of how model files are made: raise it when that changes, so that old ones are not used


@dataclass(frozen=True)
class Plan:
    """What an engine needs to load and run one strategy; plain values only, so it travels as JSON.

    model: path of the model file; engine: which engine executes it; resolution: side of its
    square inputs; strategy: the key of the strategy it came from; parts: files to load and run one
    after the other in place of the model, if any; branches: operators that run at once. The rest are
    session settings:
    a plan whose graph was optimised beforehand has level `disabled` and no passes off.
    """

    model: str
    engine: str
    resolution: int
    strategy: str
    level: Level
    passes_off: tuple[str, ...]
    threads: int
    arena: bool
    pattern: bool
    prepacking: bool
    parts: tuple[str, ...] = ()
    branches: int = 1

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that to_json wrote. Raises DataError when it is something else."""
        try:
            plain = json.loads(text)
            lists = {name: tuple(plain.get(name, ())) for name in ("passes_off", "parts")}
            return cls(**{**plain, **lists})
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"this is no plan ({error}); build it again") from error


def build(
    strategy: Strategy, source: nn.Module | OnnxSource, calibration: NDArray[np.float32], folder: Path
) -> Plan:
    """Write the model file of a strategy, unless the folder has it already, and say how to run it.

    source: the subnet of strategy.shape as a torch module, ready to use (batch-norm statistics
    fit), or an OnnxSource; calibration: (k, channels, r, r) real inputs of the strategy's
    resolution, used for int8 only.

    Files are named after the content they come from (weights, calibration images, engine
    version), so equal parts of two strategies are made once; each is written under another name
    and then renamed, so processes may share the folder.
    Raises ArgumentError when the calibration images are of another resolution.
    """
    file = unfinished(strategy, source, calibration, folder)
    level, passes_off = strategy.level, strategy.passes_off
    parts = _parts(file, strategy.segments) if strategy.segments > 1 else ()
    if strategy.preoptimised:
        parts = tuple(_optimised(part, strategy, file.parent) for part in parts)
        file = file if parts else _optimised(file, strategy, file.parent)
        level, passes_off = "disabled", ()
    return Plan(
        model=str(file),
        engine=strategy.engine,
        resolution=strategy.shape.resolution,
        strategy=strategy.key,
        level=level,
        passes_off=passes_off,
        threads=strategy.threads,
        arena=strategy.arena,
        pattern=strategy.pattern,
        prepacking=strategy.prepacking,
        parts=tuple(map(str, parts)),
        branches=_branches(strategy),
    )


def unfinished(
    strategy: Strategy, source: nn.Module | OnnxSource, calibration: NDArray[np.float32], folder: Path
) -> Path:
    """The model file of a strategy before an engine optimises it; as build."""
    from problems.deployment.graph.source import OnnxSource, TorchSource

    model = source if isinstance(source, OnnxSource) else TorchSource(source)
    side = strategy.shape.resolution
    wanted = model.shape(side)
    if strategy.precision == "int8" and calibration.shape[-len(wanted) :] != wanted:
        raise ArgumentError(
            "calibration",
            f"inputs whose last dimensions are {wanted}",
            f"shape {calibration.shape}",
            f"resize them: to_input(pixels, {side})",
        )
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if engines.makes(strategy.engine):
        return _made(strategy, model, calibration, folder)
    whole, branches = _patched(strategy, model, calibration, folder), _branches(strategy)
    if branches == 1:
        return whole

    def make(file: Path) -> None:
        from problems.deployment.graph.branches import branch_file

        branch_file(whole, branches, file)

    return _once(folder / f"{whole.stem}-{branches}b.onnx", make)


def _branches(strategy: Strategy) -> int:
    """In how many parts convolutions run at once: one thread has none to spare, integers stay whole."""
    split = strategy.threads > 1 and strategy.precision == "fp32"
    return strategy.branches if split and "branches" in engines.honours(strategy.engine) else 1


def _parts(whole: Path, segments: int) -> tuple[Path, ...]:
    """The files of a network's segments."""
    from problems.deployment.memory.paging import split_file

    files = tuple(whole.with_name(f"{whole.stem}-{k + 1}of{segments}.onnx") for k in range(segments))
    if not all(file.is_file() for file in files):
        with ExitStack() as stack:
            split_file(whole, segments, [stack.enter_context(replacing(file)) for file in files])
    return files


def _made(strategy: Strategy, source: Source, calibration: NDArray[np.float32], folder: Path) -> Path:
    """The file of an engine that executes another format than ONNX."""
    engine, honoured = strategy.engine, engines.honours(strategy.engine) - {"threads"}
    choices = "-".join(f"{name}={getattr(strategy, name)}" for name in sorted(honoured))
    images = f"-{_images(calibration)}" * (strategy.precision == "int8")
    name = f"{source.identity}-{MAKER}-{strategy.shape.resolution}-{strategy.precision}{images}-{choices}"
    file = folder / f"{name}-{engine}{engines.version(engine)}{engines.makes(engine)}"
    return _once(file, lambda file: engines.make(strategy, source, calibration, file))


def _patched(strategy: Strategy, source: Source, calibration: NDArray[np.float32], folder: Path) -> Path:
    whole = _exported(strategy, source, calibration, folder)
    if strategy.patches == 1:
        return whole

    def make(file: Path) -> None:
        from problems.deployment.memory.patches import tile_file

        tile_file(whole, strategy.patches, file)

    return _once(folder / f"{whole.stem}-{strategy.patches}x{strategy.patches}.onnx", make)


def _exported(strategy: Strategy, source: Source, calibration: NDArray[np.float32], folder: Path) -> Path:
    from problems.deployment.graph.quantise import quantise

    side, identity = strategy.shape.resolution, f"{source.identity}-{MAKER}"
    if strategy.precision == "fp32":
        # Every level but the lowest merges the batch norms; after tiling, each part would get
        # merged weights of its own.
        parts = strategy.patches > 1 or _branches(strategy) > 1
        fold = parts and strategy.level != "disabled"
        name = f"{identity}-{side}-fp32{'-folded' * fold}.onnx"
        return _once(folder / name, lambda file: source.write(side, file, fold))

    def make(file: Path) -> None:
        folded = file.with_name(f"{file.name}.folded")
        try:
            source.write(side, folded, fold=True)
            quantise(folded, calibration, file)
        finally:
            folded.unlink(missing_ok=True)

    return _once(folder / f"{identity}-{side}-int8-{_images(calibration)}.onnx", make)


def _images(calibration: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(calibration).tobytes()).hexdigest()[:6]


def _optimised(source: Path, strategy: Strategy, folder: Path) -> Path:
    from problems.deployment.device import describe_host

    # Such a file is laid out for the processor, and may hold the number of threads.
    cpu = hashlib.sha256(describe_host()["cpu"].encode()).hexdigest()[:6]
    engine, suffix = engines.version(strategy.engine), engines.compiled(strategy.engine)
    kind = f"{strategy.level}-{strategy.fusion}-{strategy.engine}{engine}-{cpu}"
    kind += f"-{strategy.threads}" if suffix != ".onnx" else ""
    name = f"{source.stem}-{kind}{suffix}"
    return _once(folder / name, lambda file: engines.preoptimise(source, strategy, file))


def _once(file: Path, make: Callable[[Path], None]) -> Path:
    """The file, made under another name and renamed unless it exists."""
    if not file.is_file():
        with replacing(file) as partial:
            make(partial)
    return file
