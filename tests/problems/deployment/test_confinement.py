"""Limits are written where the kernel reads them, kill for real, and are refused where they cannot be."""

import subprocess
import sys

import pytest

from problems.deployment import confinement
from problems.deployment.competitors import LEVELS, competing
from problems.deployment.confinement import ConfinementError, confined
from problems.deployment.device import usable_cores

TAKE = """
import sys
for file in sys.argv[2:]:
    open(file, "w").write("0")
block = bytearray(int(sys.argv[1]) * 2**20)
block[::4096] = b"x" * len(block[::4096])
print(len(block))
"""


def available():
    try:
        with confined(0.5, 64.0):
            return True
    except ConfinementError:
        return False


needs_groups = pytest.mark.skipif(not available(), reason="this host has no control groups that we may write")


@needs_groups
@pytest.mark.parametrize(("mib", "killed"), [(8, False), (200, True)])
def test_a_process_that_takes_more_is_killed_and_counted(mib, killed):
    with confined(None, 64.0) as groups:
        child = subprocess.run([sys.executable, "-c", TAKE, str(mib), *groups.joined], capture_output=True)
        assert (child.returncode == -9) == killed
        assert (groups.kills() > 0) == killed
        folders = groups.folders
    assert not any(folder.exists() for folder in folders)


def test_version_2_is_written_as_the_kernel_documents(tmp_path):
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    made = {}

    with pytest.raises(OSError), confined(0.5, 32.0, tmp_path) as groups:  # noqa: PT012
        for file in groups.folders[0].iterdir():
            made[file.name] = file.read_text()
    assert made == {"cpu.max": "1000 2000", "memory.max": str(32 * 2**20)}


def test_a_host_without_control_groups_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(confinement, "OWN", tmp_path / "none")
    with pytest.raises(ConfinementError, match="run as root"), confined(0.5, None, tmp_path):
        pass


def test_competitors_begin_and_end_with_the_block():
    core = usable_cores()[:1]
    with competing(len(LEVELS) - 1, core):
        pass
    with pytest.raises(KeyError), competing(1, core):
        raise KeyError
