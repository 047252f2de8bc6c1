"""Records: one finished run on disk, written whole or not at all, and never run again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dmo.batch import Batch
from dmo.errors import ArgumentError, RecordError
from dmo.files import UNREADABLE, reason
from dmo.identity import SCHEMA, run_key
from dmo.metrics import Metrics
from dmo.provenance import provenance
from dmo.result import Result
from dmo.types import Array

FILES = ("answers.npz", "metrics.csv", "evals.npz")  # beside run.json; the last one only on request


@dataclass(frozen=True, eq=False)
class Record:
    """A finished run.

    key: of the run; folder: where it lies; info: run.json; answers: one Batch per environment;
    times: (n_env,); metrics: by name, (n_env,) each; told: every evaluation, where kept.
    """

    key: str
    folder: Path
    info: Mapping[str, Any]
    answers: tuple[Batch, ...]
    times: Array
    metrics: Metrics
    told: Batch | None


@dataclass(frozen=True)
class Store:
    """A folder of records, one subfolder per key; many processes may share it.

    Raises ArgumentError where the folder is a file.
    """

    folder: Path

    def __post_init__(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise ArgumentError("runs", "a folder", f"the file {self.folder}", "name another folder")

    def __contains__(self, key: str) -> bool:
        # A folder gets its name when it is whole: what is damaged later is for load to tell.
        return self._place(key).is_dir()

    def save(self, config: Mapping[str, Any], seed: int, result: Result, metrics: Metrics) -> Record:
        """Write a finished run; of two processes that finish the same run the first one's stays.

        The record is written into a temporary folder that is then renamed, so that a killed
        process leaves nothing that looks finished.
        """
        key = run_key(config, seed)
        partial = self.folder / f".{key[:16]}-{uuid.uuid4().hex}.part"
        partial.mkdir(parents=True)
        try:
            files = {"answers.npz": _answers(result), "metrics.csv": _csv(metrics, result.times)}
            if result.told is not None:
                files["evals.npz"] = _npz(x=result.told.x, f=result.told.f, g=result.told.g)
            info = {
                "schema": SCHEMA,
                "key": key,
                "config": config,
                "seed": seed,
                "status": "finished",
                "evaluations": result.evaluations,
                "front_points": [metrics.asked, metrics.front_points],
                "wall_seconds": result.wall_seconds,
                "search_seconds": result.search_seconds,
                "sha256": {name: hashlib.sha256(blob).hexdigest() for name, blob in files.items()},
                **provenance(),
            }
            files["run.json"] = json.dumps(info, indent=1, sort_keys=True).encode()
            for name, blob in files.items():
                _write(partial / name, blob)
            try:
                partial.rename(self._place(key))
            except OSError:
                if key not in self:
                    raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return self.load(key)

    def load(self, key: str) -> Record:
        """Read a record and check it against its own checksums.

        Raises RecordError, naming the folder and the remedy, when it is missing, incomplete,
        altered, or of another schema.
        """
        folder = self._place(key)
        remedy = f"delete the folder {folder} and run again"
        try:
            info = json.loads((folder / "run.json").read_bytes())
            schema = info["schema"]
            if schema != SCHEMA:
                raise RecordError(f"{folder} is a record of schema {schema}, this is {SCHEMA}; {remedy}")
            if not info["key"] == key == run_key(info["config"], info["seed"]):
                raise RecordError(f"{folder} holds another run than its name says; {remedy}")
            digests = {name: info["sha256"][name] for name in FILES if name in info["sha256"]}
            blobs = {name: (folder / name).read_bytes() for name in digests}
            for name, digest in digests.items():
                if hashlib.sha256(blobs[name]).hexdigest() != digest:
                    raise RecordError(f"{folder / name} was altered after it was written; {remedy}")
            answers, times = _parse_answers(blobs["answers.npz"])
            told = _parse_batch(blobs["evals.npz"]) if "evals.npz" in blobs else None
            metrics = Metrics(_parse_csv(blobs["metrics.csv"]), *info["front_points"])
        except UNREADABLE as error:
            raise RecordError(f"{folder} is not a whole record ({reason(error)}); {remedy}") from error
        return Record(key, folder, info, answers, times, metrics, told)

    def _place(self, key: str) -> Path:
        return self.folder / key[:16]


def load(folder: Path) -> Record:
    """Read the record in a folder, wherever it came from. Raises RecordError as Store.load does."""
    folder = Path(folder)
    try:
        key = str(json.loads((folder / "run.json").read_bytes())["key"])
    except UNREADABLE as error:
        raise RecordError(
            f"{folder} is not the folder of a run ({reason(error)}); name one that holds run.json"
        ) from error
    if folder.resolve().name != key[:16]:
        raise RecordError(f"{folder} holds the run {key[:16]}; give the folder its name back")
    return Store(folder.resolve().parent).load(key)


def _answers(result: Result) -> bytes:
    whole = Batch.concat(*result.answers)
    env = np.repeat(np.arange(len(result.answers)), [len(b) for b in result.answers])
    return _npz(x=whole.x, f=whole.f, g=whole.g, env=env, times=result.times)


def _parse_answers(blob: bytes) -> tuple[tuple[Batch, ...], Array]:
    with np.load(io.BytesIO(blob), allow_pickle=False) as stored:
        whole, env, times = Batch(stored["x"], stored["f"], stored["g"]), stored["env"], stored["times"]
    return tuple(whole[env == k] for k in range(len(times))), times


def _parse_batch(blob: bytes) -> Batch:
    with np.load(io.BytesIO(blob), allow_pickle=False) as stored:
        return Batch(stored["x"], stored["f"], stored["g"])


def _npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _csv(metrics: Metrics, times: Array) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["env", "t", *metrics.values])
    for k, t in enumerate(times):
        writer.writerow([k, repr(float(t)), *(repr(float(v[k])) for v in metrics.values.values())])
    return text.getvalue().encode()


def _parse_csv(blob: bytes) -> dict[str, Array]:
    header, *rows = csv.reader(io.StringIO(blob.decode()))
    return {name: np.array([float(row[i]) for row in rows]) for i, name in enumerate(header) if i >= 2}


def _write(file: Path, blob: bytes) -> None:
    with file.open("wb") as out:
        out.write(blob)
        out.flush()
        os.fsync(out.fileno())
