"""A journal: one JSON line per finished piece of work, so that a killed job goes on where it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dmo.errors import DataError


class Journal:
    """Appends entries to a file and knows those of earlier runs; one process at a time.

    identity: what all entries have in common, the first line once there is an entry. A last line torn by
    a kill is cut off. Raises DataError when the file is of another identity, damaged elsewhere or in use.
    """

    def __init__(self, file: Path, identity: dict[str, Any]) -> None:
        try:
            import fcntl
        except ImportError as error:
            raise DataError("profiling needs Linux; use the table that ships, or profile there") from error
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self._handle = open(file, "a+b")  # noqa: SIM115 - open as long as the journal is
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._handle.close()
            raise DataError(f"{file} is in use by another process; wait for it or end it") from error
        self._identity: dict[str, Any] = json.loads(json.dumps(identity))
        try:
            self._begun, self.entries = self._read()
        except (OSError, DataError):
            self._handle.close()
            raise

    def append(self, entry: dict[str, Any]) -> None:
        """Add an entry, on disk when this returns."""
        if not self._begun:
            self._write(self._identity)
            self._begun = True
        self._write(entry)
        self.entries.append(entry)

    def close(self) -> None:
        self._handle.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> tuple[bool, list[dict[str, Any]]]:
        """Whether the file has its first line, and the entries after it."""
        self._handle.seek(0)
        text = self._handle.read()
        whole = text[: text.rfind(b"\n") + 1]
        if len(whole) < len(text):
            self._handle.truncate(len(whole))
        try:
            lines = [json.loads(line) for line in whole.splitlines()]
        except ValueError as error:
            raise DataError(f"{self.file} is damaged ({error}); delete it to begin anew") from error
        if not lines:
            return False, []
        if lines[0] != self._identity:
            known, wanted = lines[0], self._identity
            differ = sorted(k for k in {*known, *wanted} if known.get(k) != wanted.get(k))
            raise DataError(
                f"{self.file} is of another job: {', '.join(differ)} differ; delete it or use another"
            )
        return True, lines[1:]

    def _write(self, entry: dict[str, Any]) -> None:
        self._handle.write(json.dumps(entry).encode() + b"\n")
        self._handle.flush()
        os.fsync(self._handle.fileno())
