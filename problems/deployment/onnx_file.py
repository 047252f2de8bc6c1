"""A network that somebody brings as an ONNX file: graph and memory knobs without a training set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dmo.errors import ArgumentError, DataError
from dmo.files import UNREADABLE, reason, replacing
from problems.deployment import engines
from problems.deployment.elastic.shape import Elastic
from problems.deployment.graph.compare import compared
from problems.deployment.graph.source import OnnxSource
from problems.deployment.journal import Journal
from problems.deployment.knobs import Inert
from problems.deployment.memory.patches import tile
from problems.deployment.plan import Plan, build, unfinished
from problems.deployment.prepare import PROBES, Prepared
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Level, Precision, Strategy

NOISE = 64  # inputs of noise when none are given


@dataclass(frozen=True)
class OnnxFile:
    """A network of one size in an ONNX file, with one float32 input whose batch is 1 or open.

    name: of what is written; inputs: .npy file of real inputs (k, ...), None for standard normal
    noise. There are no labels: in place of an accuracy stands the agreement, the share of inputs
    whose greatest output is where the file's own, executed in fp32, has it.
    Raises ArgumentError when no file is named, DataError when one cannot be used.
    """

    name: str = "onnx"
    file: str | None = None
    inputs: str | None = None

    @cached_property
    def source(self) -> OnnxSource:
        """The graph."""
        if self.file is None:
            raise ArgumentError("network.file", "the path of an ONNX file", "null", "set network.file=PATH")
        return OnnxSource(Path(self.file).resolve())

    @cached_property
    def elastic(self) -> Elastic:
        """One size, known by the last dimension of its input."""
        return Elastic((), (), (self.source.input[-1],))

    @property
    def module(self) -> Any:
        """There is none: raises ArgumentError."""
        raise ArgumentError(
            "network", "an elastic network", f"an ONNX file {self.file}", "read its profile table directly"
        )

    @cached_property
    def samples(self) -> NDArray[np.float32]:
        """The inputs to calibrate and compare with, (k, ...)."""
        shape = self.source.input
        if self.inputs is None:
            return np.random.default_rng(0).standard_normal((NOISE, *shape)).astype(np.float32)
        try:
            found = np.load(self.inputs, allow_pickle=False).astype(np.float32)
        except UNREADABLE as error:
            raise DataError(
                f"{self.inputs} cannot be read as inputs ({reason(error)}); write it by np.save"
            ) from error
        if found.shape[1:] != shape or len(found) == 0:
            raise DataError(
                f"{self.inputs} has shape {found.shape}, the network takes (k, {shape}); reshape it"
            )
        return found

    def space(self, folder: Path, **options: Any) -> StrategySpace:
        """Its strategies; options of StrategySpace. Patches are offered as far as the graph has any.

        Which knobs change nothing is found by comparing graphs, once, and kept in the folder.
        """
        unfit = [name for name in options.get("engines", ()) if engines.makes(name)]
        if unfit:
            raise ArgumentError("engines", "engines that read ONNX files", f"{unfit}", "leave them out")
        if list(options.get("ranks", (100,))) != [100]:
            raise ArgumentError(
                "ranks", "[100] of an ONNX file", f"{options['ranks']}", "factorise the network before export"
            )
        most = options.pop("patches", 3)
        patches = next((p for p in range(most, 1, -1) if self._tileable(p)), 1)
        return StrategySpace(self.elastic, inert=self._inert(folder, patches), patches=patches, **options)

    def _tileable(self, patches: int) -> bool:
        try:
            tile(self.source.model(), patches)
        except ArgumentError:
            return False
        return True

    def _inert(self, folder: Path, patches: int) -> tuple[Inert, ...]:
        import onnxruntime

        name = f"inert-{self.source.identity}-{patches}-ort{onnxruntime.__version__}.json"
        file = Path(folder) / name
        if not file.is_file():
            shape = self.elastic.largest

            def model(precision: Precision, patches: int, level: Level) -> Path:
                strategy = Strategy(shape, precision, level, patches=patches)
                return unfinished(strategy, self.source, self.samples, Path(folder) / "models")

            rules = compared(model, range(patches, 0, -1))
            file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(file) as partial:
                partial.write_text(json.dumps([asdict(rule) for rule in rules], indent=1))
        plain = json.loads(file.read_text())
        return tuple(Inert({k: tuple(v) for k, v in r["when"].items()}, r["then"]) for r in plain)


@dataclass(frozen=True)
class OnnxWorkshop:
    """Strategies of an ONNX file, prepared for measuring; as prepare.Workshop does for elastic networks.

    calibration: how many of the inputs int8 takes its ranges from.
    """

    network: OnnxFile
    folder: Path
    calibration: int = 256

    @property
    def identity(self) -> dict[str, Any]:
        """What decides the figures, besides device and engine."""
        inputs = hashlib.sha256(np.ascontiguousarray(self.network.samples).tobytes()).hexdigest()[:16]
        own = {"network": self.network.name, "weights": self.network.source.identity, "inputs": inputs}
        return {**own, "calibration": self.calibration}

    @property
    def judged_by(self) -> str:
        """What stands in the column `accuracy`."""
        kind = "inputs of noise" if self.network.inputs is None else f"inputs of {self.network.inputs}"
        return f"agreement with the fp32 file on {len(self.network.samples)} {kind}; no labels"

    def prepare(
        self, strategies: Sequence[Strategy], journal: Journal, progress: Callable[[int, int], None]
    ) -> list[Prepared]:
        """Prepare each strategy, or find it in the journal."""
        done = {e["strategy"]: e for e in journal.entries if Path(e["plan"]["model"]).is_file()}
        agreements = {(e["is"]["precision"], e["plan"]["engine"]): e for e in journal.entries}
        todo = [s for s in strategies if s.key not in done]
        for i, strategy in enumerate(todo):
            progress(i, len(todo))
            plan = self.plan(strategy)
            entry = {"strategy": strategy.key, "is": strategy.to_dict(), "plan": json.loads(plan.to_json())}
            computed = strategy.precision, strategy.engine
            same = agreements.get(computed) or self._agreement(strategy)
            entry |= {k: same[k] for k in ("accuracy", "classes")}
            agreements[computed] = done[strategy.key] = entry
            journal.append(entry)
        progress(len(todo), len(todo))
        return [
            Prepared(s, Plan.from_json(json.dumps(e["plan"])), e["accuracy"], tuple(e["classes"]))
            for s, e in ((s, done[s.key]) for s in strategies)
        ]

    def plan(self, strategy: Strategy) -> Plan:
        """The plan of one strategy."""
        samples = self.network.samples[: self.calibration]
        return build(strategy, self.network.source, samples, self.folder / "models")

    def probes(self, resolution: int) -> Path:
        """File of the inputs that a measured process runs on."""
        file = self.folder / f"inputs-{self.network.source.identity}.npy"
        if not file.is_file():
            with replacing(file) as partial:
                np.save(partial, self.network.samples[:PROBES])
        return file

    def _agreement(self, strategy: Strategy) -> dict[str, Any]:
        """Of the top outputs with those of the file as it came, in ONNX Runtime's defaults."""
        tops = []
        plain = Strategy(strategy.shape)
        for judged in (plain, replace(plain, precision=strategy.precision, engine=strategy.engine)):
            session = engines.load(self.plan(judged))
            tops.append(np.array([session(x[None]).argmax() for x in self.network.samples]))
        return {"accuracy": float(np.mean(tops[0] == tops[1])), "classes": tops[1][:PROBES].tolist()}
