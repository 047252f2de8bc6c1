"""A journal survives kills, and refuses what it must not go on with."""

from __future__ import annotations

import pytest

from dmo.errors import DataError
from problems.deployment.journal import Journal

JOB = {"network": "tiny", "sizes": (1, 2)}
ENTRIES = [{"n": 1}, {"n": 2}, {"n": 3}]


def written(file):
    with Journal(file, JOB) as journal:
        for entry in ENTRIES:
            journal.append(entry)
        assert journal.entries == ENTRIES
    return file.read_bytes()


def test_every_torn_end_is_cut_off(tmp_path):
    file = tmp_path / "deep" / "j.jsonl"
    blob = written(file)
    for length in range(len(blob) + 1):
        file.write_bytes(blob[:length])
        whole = max(blob[:length].count(b"\n") - 1, 0)
        with Journal(file, JOB) as journal:
            assert journal.entries == ENTRIES[:whole]
            journal.append({"n": 9})
        with Journal(file, JOB) as journal:
            assert journal.entries == [*ENTRIES[:whole], {"n": 9}]


def test_another_job_is_named(tmp_path):
    written(tmp_path / "j.jsonl")
    with pytest.raises(DataError, match="network differ"):
        Journal(tmp_path / "j.jsonl", {**JOB, "network": "other"})


def test_damage_before_the_end_is_not_passed_over(tmp_path):
    file = tmp_path / "j.jsonl"
    file.write_bytes(written(file).replace(b'{"n": 2}', b'{"n": 2'))
    with pytest.raises(DataError, match="damaged"):
        Journal(file, JOB)


def test_only_one_process_at_a_time(tmp_path):
    file = tmp_path / "j.jsonl"
    with Journal(file, JOB), pytest.raises(DataError, match="in use"):
        Journal(file, JOB)
    Journal(file, JOB).close()


def test_a_job_that_left_no_entry_stands_in_nobodys_way(tmp_path):
    Journal(tmp_path / "j.jsonl", JOB).close()
    other = {**JOB, "network": "other"}
    with Journal(tmp_path / "j.jsonl", other) as journal:
        journal.append({"n": 1})
    with Journal(tmp_path / "j.jsonl", other) as journal:
        assert journal.entries == [{"n": 1}]
