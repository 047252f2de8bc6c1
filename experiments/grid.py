"""What a study consists of: the cells that an experiment's YAML spans, without running any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig

from dmo.checks import at_least
from dmo.errors import ArgumentError
from experiments.cell import Cell
from experiments.entry import CONF, build


@dataclass(frozen=True)
class Point:
    """One cell of a study. labels: what it is on each axis; overrides: what composes it."""

    labels: Mapping[str, str]
    overrides: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its place on the axes, as one would type it."""
        return " ".join(f"{axis}={value}" for axis, value in self.labels.items())


@dataclass(frozen=True, eq=False)
class Task:
    """A point that is ready to run."""

    cell: Cell
    config: DictConfig

    @property
    def seeds(self) -> range:
        """The seeds it asks for."""
        return range(self.config.seed, self.config.seed + self.config.seeds)


def experiments(config_dir: Path | None = None) -> dict[str, str]:
    """The studies that come with the package or lie in config_dir, by name, with what each says of itself."""
    folders = [CONF, *([config_dir] if config_dir else [])]
    return {f.stem: _says(f) for folder in folders for f in sorted((folder / "experiment").glob("*.yaml"))}


def points(experiment: str, overrides: Sequence[str] = (), config_dir: Path | None = None) -> list[Point]:
    """The cells of an experiment: the product of its axes, `hydra.sweeper.params`.

    overrides: as on the command line. One with several values is an axis, and takes the place of the
    experiment's axis of that name; others hold for all cells. config_dir: a folder whose groups are
    looked in too.
    Raises ArgumentError when there is no such experiment, HydraException when an override is wrong.
    """
    known = experiments(config_dir)
    if experiment not in known:
        raise ArgumentError(
            "experiment", "one of " + ", ".join(known), repr(experiment), "or add conf/experiment/NAME.yaml"
        )
    fixed = [f"experiment={experiment}"]
    if config_dir:
        fixed.append(f"hydra.searchpath=['file://{config_dir.resolve()}']")
    with initialize_config_dir(str(CONF), version_base="1.3"):
        base = compose("run", fixed, return_hydra_config=True)
        parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
        own = _parsed(parser, [f"{key}={value}" for key, value in (base.hydra.sweeper.params or {}).items()])
        given = _parsed(parser, overrides)
        batches = BasicSweeper.split_arguments([*(own | given).values()], None)[0]
    if not batches:
        raise ArgumentError(
            "axes",
            "a value on each",
            "none on one of them",
            "see what its glob() matches: --help of experiments.run",
        )
    # A fixed choice of what the experiment sweeps still names its axis.
    axes = [*own, *(key for key, one in given.items() if one.is_sweep_override() and key not in own)]
    return [_point(fixed, axes, batch) for batch in batches]


def compose_point(point: Point) -> Task:
    """Compose and build a cell. Raises DmoError or HydraException where its configuration is wrong."""
    config = composed("run", point.overrides)
    at_least("seeds", config.seeds, 1)
    at_least("seed", config.seed, 0)
    cell = Cell(build(config.problem), build(config.schedule), build(config.searcher))
    return Task(cell, config)


def composed(name: str, overrides: Sequence[str] = ()) -> DictConfig:
    """The configuration of a command, conf/<name>.yaml with overrides as on its command line."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose(name, list(overrides))


def _parsed(parser: OverridesParser, overrides: Sequence[str]) -> dict[str, Override]:
    return {one.get_key_element(): one for one in parser.parse_overrides(list(overrides))}


def _point(fixed: Sequence[str], axes: Sequence[str], batch: Sequence[str]) -> Point:
    values = dict(text.split("=", 1) for text in batch)
    return Point({axis: values[axis] for axis in axes}, (*fixed, *batch))


def _says(file: Path) -> str:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("# ")]
    return next((line[2:] for line in lines if not line.startswith("# @")), "")
