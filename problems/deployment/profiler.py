"""Profile strategies on this host: fresh processes, interleaved rounds, one row each with its spread."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from dmo.checks import at_least
from dmo.errors import ArgumentError, DataError
from dmo.types import Array
from problems.deployment import engines
from problems.deployment.competitors import LEVELS, competing
from problems.deployment.device import Device
from problems.deployment.gate import Gate
from problems.deployment.journal import Journal
from problems.deployment.measure import OutOfMemoryError, measure
from problems.deployment.nursery import Nursery
from problems.deployment.onnx_file import OnnxWorkshop
from problems.deployment.prepare import Prepared, Workshop
from problems.deployment.process import MeasurementError
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Strategy
from problems.deployment.table import Table
from problems.deployment.tabulate import tabulate
from problems.deployment.timing import Timing

Progress = Callable[[str, int, int], None]
Visit = dict[str, Any]


@dataclass(frozen=True)
class Profiler:
    """How to profile.

    rounds: visits of each strategy, 0 to prepare only; levels: of contention at which they are
    measured, see competitors.LEVELS, 1 is without; contended: visits at each of the others; seed: of
    their order; repeats: how often a visit is made again when other processes took more than gate.share
    during it; recalibration, calibration: see Workshop; folder: of a network's models and journals, kept
    so that a killed profile goes on. Visits and strategies lie in a folder of it named after the device;
    models and accuracies are made once for all devices.
    """

    folder: Path
    rounds: int = 3
    levels: int = 1
    contended: int = 1
    seed: int = 0
    repeats: int = 1
    recalibration: int = 2000
    calibration: int = 256
    timing: Timing = field(default_factory=Timing)
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))  # a configuration gives text
        for name in ("rounds", "contended", "seed", "repeats"):
            at_least(name, getattr(self, name), 0)
        at_least("levels", self.levels, 1)
        if self.levels > len(LEVELS):
            raise ArgumentError(
                "levels", f"at most {len(LEVELS)}", repr(self.levels), "see competitors.LEVELS"
            )
        for name in ("recalibration", "calibration"):
            at_least(name, getattr(self, name), 1)

    def profile(
        self,
        rows: Mapping[str, Array],
        space: StrategySpace,
        shop: Workshop | OnnxWorkshop,
        device: Device,
        progress: Progress,
        known: Table | None = None,
    ) -> Table | None:
        """Measure what has not been measured yet, and tabulate all that the journal holds.

        rows: (n, d) level indices by source, `sample` or `chosen`; shop: which prepares them; known:
        a table whose rows are kept. progress(phase, done, total) tells where it is. None when nothing
        was visited.
        Raises DataError when journal or `known` come from another network, device or version.
        """
        identity = self._identity(space, shop, device)
        if known is not None:
            _check_same(known, identity)
        anywhere = {k: v for k, v in identity.items() if k != "device"} | {"data": shop.judged_by}
        here = self.folder / device.name
        with (
            Journal(here / "strategies.jsonl", identity) as chosen,
            Journal(here / "visits.jsonl", {**identity, "timing": asdict(self.timing)}) as visits,
        ):
            sources = _sources(rows, space, chosen)
            strategies = [space.decode(row) for row, _ in sources.values()]
            with Journal(self.folder / "prepared.jsonl", anywhere) as prepared:
                ready = shop.prepare(strategies, prepared, lambda i, n: progress("prepare", i, n))
            self._visit(ready, shop, device, visits, lambda i, n: progress("measure", i, n))
            meta = {
                "network": shop.network.name,
                "elastic": asdict(shop.network.elastic),
                **space.options,
                "knobs": [[knob.name, list(knob.levels)] for knob in space.knobs],
                "device": device.identity(),
                "contention": [list(kinds) for kinds in LEVELS[: self.levels]],
                "host": device.describe(),
                "data": shop.judged_by,
                "profiler": {k: v for k, v in asdict(self).items() if k != "folder"},
                "identity": identity,
            }
            return tabulate(ready, sources, visits.entries, meta, known)

    def _visit(
        self,
        ready: Sequence[Prepared],
        shop: Workshop | OnnxWorkshop,
        device: Device,
        journal: Journal,
        progress: Callable[[int, int], None],
    ) -> None:
        done = {
            (v.get("contention", 0), v["strategy"], v["round"])
            for v in journal.entries
            if "failed" not in v or "killed" in v
        }
        by_key = {p.strategy.key: p for p in ready}
        todo: list[tuple[int, str, int]] = []
        for round_ in range(max(self.rounds, self.contended if self.rounds else 0)):
            for level in range(self.levels):
                if round_ < (self.contended if level else self.rounds):
                    keys = np.random.default_rng([self.seed, round_]).permutation(sorted(by_key)).tolist()
                    todo += [(level, key, round_) for key in keys if (level, key, round_) not in done]
        i = 0
        for level, block in groupby(todo, key=lambda visit: visit[0]):
            with Nursery(device.machine) as nursery, competing(level, device.cpus, device.machine):
                for _, key, round_ in block:
                    progress(i, len(todo))
                    found = self._measured(by_key[key], shop, device, level, nursery)
                    journal.append({"strategy": key, "round": round_, "contention": level, **found})
                    i += 1
        progress(len(todo), len(todo))

    def _measured(
        self,
        ready: Prepared,
        shop: Workshop | OnnxWorkshop,
        device: Device,
        level: int,
        nursery: Nursery,
    ) -> Visit:
        """The least disturbed of a visit and its repeats, or why it failed."""
        best: Visit = {}
        waited = 0.0
        probes = shop.probes(ready.strategy.shape.resolution)
        for _ in range(1 + self.repeats):
            waited += self.gate.wait() if level == 0 and device.ssh is None else 0.0
            try:
                found = measure(ready.plan, device, self.timing, probes, nursery=nursery, shared=level > 0)
            except OutOfMemoryError as error:
                return {"failed": str(error), "killed": "out of memory"}
            except MeasurementError as error:
                return {"failed": str(error)}
            if level:
                return {**found, "waited": 0.0, "quiet": True}  # disturbed on purpose
            if not best or found["busy"] + found["steal"] < best["busy"] + best["steal"]:
                best = found
            if best["busy"] + best["steal"] <= self.gate.share:
                break
        return {**best, "waited": round(waited, 2), "quiet": best["busy"] + best["steal"] <= self.gate.share}

    def _identity(
        self, space: StrategySpace, shop: Workshop | OnnxWorkshop, device: Device
    ) -> dict[str, Any]:
        host = device.describe()
        others = {name: engines.version(name) for name in space.engines if name != "onnxruntime"}
        return {
            "schema": 1,
            **shop.identity,
            "device": device.identity(),
            "cpu": host["cpu"],
            "onnxruntime": host["packages"]["onnxruntime"],
            **({"engines": others} if others else {}),
        }


def read_strategies(file: Path, space: StrategySpace) -> Array:
    """The canonical rows, (n, d), of a JSON file: a list of what Strategy.to_dict gives."""
    try:
        plain = json.loads(Path(file).read_text())
        rows = np.array([space.encode(Strategy.from_dict(entry)) for entry in plain])
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(
            f"{file} is no list of strategies ({error}); write Strategy.to_dict() of each"
        ) from error
    if len(rows) == 0:
        raise ArgumentError("strategies", "at least one strategy", f"none in {file}", "leave it null")
    return np.unique(space.canonical(rows), axis=0)


def _sources(
    rows: Mapping[str, Array], space: StrategySpace, journal: Journal
) -> dict[str, tuple[Array, str]]:
    """Canonical row and source of every strategy asked for, now or earlier, by its key."""
    found = {
        space.decode(np.array(entry["row"])).key: (np.array(entry["row"]), entry["source"])
        for entry in journal.entries
    }
    for source, wanted in rows.items():
        for row in space.canonical(wanted):
            key = space.decode(row).key
            if key not in found:
                journal.append({"row": row.astype(int).tolist(), "source": source})
                found[key] = row.astype(int), source
    return found


def _check_same(known: Table, identity: Mapping[str, Any]) -> None:
    there, here = known.meta.get("identity", {}), json.loads(json.dumps(identity))
    differ = sorted(k for k in {*there, *here} if there.get(k) != here.get(k))
    if differ:
        raise DataError(
            f"{known.file} was measured with other {', '.join(differ)}: rows cannot be added to it; "
            "name another file with out=FILE, or profile anew without strategies="
        )
