"""Fronts on disk: the same with and without, whatever happens to the files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from problems.constrained import DCF2, DCF9, cache, planar
from problems.constrained.cache import folder, kept, key


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """An empty folder, and nothing in memory; the folder's path."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    forget()
    yield folder()
    forget()


def forget() -> None:
    planar._optimal_set.cache_clear()
    planar._traced.cache_clear()


def files(where: Path) -> list[Path]:
    return sorted(where.iterdir()) if where.exists() else []


def test_front_is_the_same_computed_from_disk_and_from_memory(fresh, monkeypatch):
    computed = DCF9().set(0.4, 50)
    assert len(files(fresh)) == 1
    from_memory = DCF9().set(0.4, 50)
    forget()
    monkeypatch.setattr(planar, "_compute", None)  # not callable: it must come from disk
    from_disk = DCF9().set(0.4, 50)
    np.testing.assert_array_equal(from_memory, computed)
    np.testing.assert_array_equal(from_disk, computed)


def test_callers_may_change_what_they_get(fresh):
    first = DCF9().set(0.4, 50)
    kept_first = first.copy()
    first[:] = 7.0
    np.testing.assert_array_equal(DCF9().set(0.4, 50), kept_first)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"no archive at all",
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],  # one bit of the array
        lambda data: data[:8] + bytes([data[8] ^ 1]) + data[9:],  # the method of compression
        lambda data: bytes(len(data)),
    ],
    ids=["empty", "truncated", "text", "bit", "method", "zeros"],
)
def test_damaged_files_are_ignored_and_rewritten(fresh, damage):
    right = DCF9().set(0.4, 50)
    (file,) = files(fresh)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    forget()
    np.testing.assert_array_equal(DCF9().set(0.4, 50), right)
    assert files(fresh) == [file]
    with np.load(file) as archive:
        np.testing.assert_array_equal(archive["x"], right)


def test_an_array_of_another_shape_is_not_taken(fresh):
    fresh.mkdir(parents=True)
    np.savez(fresh / "name.npz", x=np.zeros((5, 3)))
    np.testing.assert_array_equal(kept("name", lambda: np.ones((4, 2)), 2), np.ones((4, 2)))
    np.testing.assert_array_equal(kept("name", lambda: np.zeros((4, 2)), 2), np.ones((4, 2)))


def test_front_is_computed_where_nothing_can_be_written(fresh, tmp_path, monkeypatch):
    right = DCF9().set(0.4, 50)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    forget()
    np.testing.assert_array_equal(DCF9().set(0.4, 50), right)


def test_two_processes_at_once_leave_one_whole_file(fresh):
    code = (
        "import hashlib; from problems.constrained import DCF2;"
        "print(hashlib.sha256(DCF2().set(0.4, 70).tobytes()).hexdigest())"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in "ab"]
    seen = {run.communicate(timeout=120)[0] for run in runs}
    assert len(seen) == 1
    assert len(files(fresh)) == 1
    again = DCF2().set(0.4, 70)
    assert len(files(fresh)) == 1
    with np.load(files(fresh)[0]) as archive:
        np.testing.assert_array_equal(archive["x"], again)


def test_the_key_tells_what_a_front_depends_on(monkeypatch):
    keys = [
        key(DCF2(), 0.4, 70),
        key(DCF9(), 0.4, 70),
        key(DCF2(dim=9), 0.4, 70),
        key(DCF2(drift=1.0), 0.4, 70),
        key(DCF2(), np.nextafter(0.4, 1.0), 70),
        key(DCF2(), 0.4, 71),
    ]
    monkeypatch.setattr(cache, "_code", lambda: "other sources")
    keys.append(key(DCF2(), 0.4, 70))
    assert len(set(keys)) == len(keys)


def test_the_folder_is_where_the_user_keeps_caches(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert folder() == Path("/somewhere/dmo-lab/fronts")
    monkeypatch.setenv("HOME", "/home/someone")
    for unset in ("", "relative/path"):  # the standard has relative paths ignored
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert folder() == Path("/home/someone/.cache/dmo-lab/fronts")


def test_a_class_from_elsewhere_is_not_kept_on_disk(fresh):
    class Mine(planar.Planar):
        n_con = 1
        distance = (0.0, 1.0)

        def limits(self, f1, f2, t):
            return (1.2 - f1 - f2,)

    front = Mine().front(0.0, 20)
    np.testing.assert_allclose(front.sum(axis=1), 1.2, atol=1e-9)
    assert files(fresh) == []
