"""Prepare strategies for measuring: an accuracy for each subnet and precision, a plan for each strategy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dmo.files import replacing
from problems.deployment import engines
from problems.deployment.images import FashionMNIST, Images, to_input
from problems.deployment.journal import Journal
from problems.deployment.network import Network
from problems.deployment.plan import Plan, build
from problems.deployment.strategy import Strategy

if TYPE_CHECKING:
    from torch import Tensor, nn


PROBES = 8  # images that a measured process classifies
BATCH = 100  # images of SIDE pixels at a time when an accuracy is taken, fewer larger ones
SIDE = 28

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Prepared:
    """A strategy that can be measured. classes: what its network takes the probe images for."""

    strategy: Strategy
    plan: Plan
    accuracy: float
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Workshop:
    """Where and of what strategies are prepared.

    recalibration: training images that give a subnet its batch-norm statistics; calibration: those
    of which int8 takes its ranges. Accuracy is that on the validation images. What is finished is
    in the journal, what it made in `folder`.
    """

    network: Network
    weights: dict[str, Tensor]
    data: FashionMNIST
    folder: Path
    recalibration: int = 2000
    calibration: int = 256
    _plans: dict[str, Plan] = field(default_factory=dict, init=False, repr=False)

    @property
    def identity(self) -> dict[str, Any]:
        """What decides the figures, besides device and engine."""
        total = hashlib.sha256()
        for name, tensor in sorted(self.weights.items()):
            total.update(name.encode())
            total.update(tensor.numpy().tobytes())
        return {
            "network": self.network.name,
            "weights": total.hexdigest()[:16],
            "recalibration": self.recalibration,
            "calibration": self.calibration,
        }

    @property
    def judged_by(self) -> str:
        """What stands in the column `accuracy`."""
        return f"accuracy on {len(self.data.validation)} validation images"

    def prepare(self, strategies: Sequence[Strategy], journal: Journal, progress: Progress) -> list[Prepared]:
        """Prepare each strategy, or find it in the journal; those of one subnet one after another."""
        done = {
            entry["strategy"]: entry for entry in journal.entries if Path(entry["plan"]["model"]).is_file()
        }
        accuracies = {_variant(entry): entry for entry in journal.entries}
        todo = sorted(
            (s for s in strategies if s.key not in done), key=lambda s: (str(s.shape), s.rank, s.precision)
        )
        made, module = None, None
        for i, strategy in enumerate(todo):
            progress(i, len(todo))
            if (strategy.shape, strategy.rank) != made:
                made, module = (strategy.shape, strategy.rank), self._subnet(strategy)
            assert module is not None
            entry = self._entry(strategy, module, accuracies)
            accuracies[_variant(entry)] = done[strategy.key] = entry
            journal.append(entry)
        progress(len(todo), len(todo))
        return [_prepared(done[s.key], s) for s in strategies]

    def plan(self, strategy: Strategy) -> Plan:
        """The plan of one strategy, built when it is asked for first; no accuracy is taken."""
        if strategy.key not in self._plans:
            calibration = self._inputs(self.calibration, strategy.shape.resolution)
            module = self._subnet(strategy)
            self._plans[strategy.key] = build(strategy, module, calibration, self.folder / "models")
        return self._plans[strategy.key]

    def probes(self, resolution: int) -> Path:
        """File of the images that a process of this resolution is measured with."""
        return self.inputs(self.data.validation[slice(0, PROBES)], resolution)

    def inputs(self, images: Images, resolution: int) -> Path:
        """File of these images at a resolution, (n, 1, r, r) float32, named after their content."""
        digest = hashlib.sha256(images.pixels.tobytes()).hexdigest()[:12]
        file = self.folder / f"images-{digest}-{resolution}.npy"
        if not file.is_file():
            with replacing(file) as partial:
                np.save(partial, to_input(images.pixels, resolution))
        return file

    def _entry(
        self, strategy: Strategy, module: nn.Module, known: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        calibration = self._inputs(self.calibration, strategy.shape.resolution)
        plan = build(strategy, module, calibration, self.folder / "models")
        entry = {
            "strategy": strategy.key,
            "is": strategy.to_dict(),
            "plan": json.loads(plan.to_json()),
        }
        same = known.get(_variant(entry))
        if same is not None:
            return {**entry, "accuracy": same["accuracy"], "classes": same["classes"]}
        classify = self._classifier(strategy, module, calibration)
        found = _classes(classify, self.data.validation, strategy.shape.resolution)
        return {
            **entry,
            "accuracy": float((found == self.data.validation.labels).mean()),
            "classes": self._probed(module, strategy, found[:PROBES]),
        }

    def _classifier(
        self, strategy: Strategy, module: nn.Module, calibration: NDArray[np.float32]
    ) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
        """The engine with its defaults, which takes a half to a quarter of torch's time."""
        import torch

        threads, engine = torch.get_num_threads(), strategy.engine
        plain = Strategy(strategy.shape, strategy.precision, threads=threads, engine=engine)
        return engines.load(build(plain, module, calibration, self.folder / "models"))

    def _probed(self, module: nn.Module, strategy: Strategy, found: NDArray[np.intp]) -> list[int]:
        """What the probe images are taken for: in fp32 by torch, which every engine is held against."""
        import torch

        if strategy.precision == "int8":
            return list(map(int, found))
        pixels = self.data.validation.pixels[:PROBES]
        with torch.inference_mode():
            logits = module(torch.from_numpy(to_input(pixels, strategy.shape.resolution)))
        return list(map(int, logits.argmax(dim=1)))

    def _subnet(self, strategy: Strategy) -> nn.Module:
        from problems.deployment.elastic.rank import factorise
        from problems.deployment.elastic.recalibrate import recalibrate

        module = factorise(self.network.subnet(self.weights, strategy.shape), strategy.rank)
        inputs = self._inputs(self.recalibration, strategy.shape.resolution)
        return recalibrate(module, inputs, max(BATCH // 4, _batch(strategy.shape.resolution)))

    def _inputs(self, n: int, resolution: int) -> NDArray[np.float32]:
        return to_input(self.data.train.pixels[:n], resolution)


def _classes(
    classify: Callable[[NDArray[np.float32]], NDArray[np.float32]], images: Images, resolution: int
) -> NDArray[np.intp]:
    batch = _batch(resolution)
    parts: Iterable[NDArray[np.uint8]] = (images.pixels[i : i + batch] for i in range(0, len(images), batch))
    return np.concatenate([classify(to_input(part, resolution)).argmax(axis=1) for part in parts])


def _batch(resolution: int) -> int:
    """How many images at a time: of larger ones fewer, for activations beyond the caches are slow."""
    return max(1, BATCH * SIDE**2 // max(SIDE, resolution) ** 2)


def _variant(entry: dict[str, Any]) -> str:
    """Strategies that share it compute the same; each engine has integers of its own."""
    same = [entry["is"]["shape"], entry["is"]["precision"], entry["is"].get("rank", 100)]
    engine = entry["is"].get("engine") if entry["is"]["precision"] == "int8" else None
    return json.dumps([*same, *([engine] if engine else [])], sort_keys=True)


def _prepared(entry: dict[str, Any], strategy: Strategy) -> Prepared:
    plan = Plan.from_json(json.dumps(entry["plan"]))
    return Prepared(strategy, plan, entry["accuracy"], tuple(entry["classes"]))
