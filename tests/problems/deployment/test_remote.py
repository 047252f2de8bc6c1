"""A device reached by ssh: the same figures and table, files copied once, and clear errors.

`stand-in` replaces ssh by a shell that runs the words here; `sshd` is a real one on loopback.
"""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from problems.deployment import engines, images
from problems.deployment.competitors import competing
from problems.deployment.device import Device, describe_host, usable_cores
from problems.deployment.elastic.recalibrate import recalibrate
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.gate import Gate
from problems.deployment.machine import ROOT, Ssh, UnreachableError
from problems.deployment.measure import measure
from problems.deployment.network import Network
from problems.deployment.networks.resnet import ResNet
from problems.deployment.plan import build
from problems.deployment.prepare import Workshop
from problems.deployment.process import MeasurementError
from problems.deployment.profiler import Profiler
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Strategy
from problems.deployment.timing import Timing

QUICK = Timing(runs=3, seconds=0.0, most=5.0, warmup=1)
SHAPE = Shape((8, 16), (1, 1), 16)
PYTHON = ("env", f"PYTHONPATH={ROOT}", sys.executable)
STAND_IN = """#!/bin/sh
while [ "$1" = -o ]; do shift 2; done
shift
cd "$HOME" && exec sh -c "$*"
"""
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
needs_sshd = pytest.mark.skipif(not (SSHD and shutil.which("ssh-keygen")), reason="no sshd is installed here")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    """Options of ssh that reach a server of ours, which takes one key and no password."""
    home = tmp_path_factory.mktemp("sshd")
    for name in ("host", "key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)]
        subprocess.run(make, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nAuthorizedKeysFile {home}/key.pub\n"
        f"PidFile {home}/pid\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(home / "config")], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if server.poll() is not None:
                pytest.skip(f"sshd does not start here: {server.stderr.read().decode().strip()}")
            time.sleep(0.05)
        known = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={home}/known"]
        yield ["-o", f"Port={port}", "-o", f"IdentityFile={home}/key", *known]
    finally:
        server.kill()
        server.communicate()


@pytest.fixture(params=["stand-in", pytest.param("sshd", marks=needs_sshd)])
def board(request, tmp_path, monkeypatch):
    """A machine that is this one, with a folder of its own."""
    folder = tmp_path / "there" / "models"
    if request.param == "sshd":
        options = request.getfixturevalue("sshd")
        return Ssh(f"{getpass.getuser()}@127.0.0.1", PYTHON, str(folder), options)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "ssh"
    script.write_text(STAND_IN)
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    return Ssh("board", PYTHON, str(folder))


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    x = images.to_input(images.shipped_slice().pixels[:20], SHAPE.resolution)
    made = build(
        Strategy(SHAPE), recalibrate(ResNet(SHAPE.width, SHAPE.depth), x), x, tmp_path_factory.mktemp("m")
    )
    torch.set_num_threads(before)
    return made


def test_a_plan_is_measured_there_as_here(board, plan, tmp_path):
    file = tmp_path / "x.npy"
    x = images.to_input(images.shipped_slice().pixels[:5], SHAPE.resolution)
    np.save(file, x)
    device = Device("board", cores=1, ssh=board)
    found = measure(plan, device, QUICK, file)
    assert found["classes"] == engines.load(plan)(x).argmax(axis=1).tolist()
    assert 0.0 < found["p10_ms"] <= found["latency_ms"]
    assert 20.0 < found["base_mib"] < 500.0
    copied = {f.name for f in Path(board.folder).iterdir()}
    assert copied == {Path(plan.model).name, "x.npy"}
    assert (Path(board.folder) / Path(plan.model).name).read_bytes() == Path(plan.model).read_bytes()


def test_it_says_what_it_is_and_its_cores_are_checked_there(board):
    device = Device("board", ssh=board)
    assert device.cpus == usable_cores()
    assert device.describe()["packages"] == describe_host()["packages"]
    assert device.identity() == {**replace(device, ssh=None).identity(), "remote": True}
    with pytest.raises(ValueError, match="how many"):
        _ = Device(cores=10_000, ssh=board).cpus


def test_competitors_run_there_and_end(board):
    with competing(1, usable_cores()[:1], board):
        pass


def test_a_profile_of_it_is_a_table(board, tmp_path):
    network = Network("tiny", ResNet, Elastic(((4,), (8,)), ((1,), (1,)), (12,)))
    torch.manual_seed(0)
    weights = {k: p.detach() for k, p in ResNet((4, 8), (1, 1)).named_parameters()}
    part = images.shipped_slice()[:60]
    shop = Workshop(network, weights, images.FashionMNIST(part, part, part), tmp_path, 50, 20)
    space = StrategySpace(network.elastic, threads=1)
    made = Profiler(
        tmp_path,
        rounds=1,
        levels=2,
        repeats=0,
        recalibration=50,
        calibration=20,
        timing=QUICK,
        gate=Gate(1.0, 0.0),
    )
    rows = {"sample": space.encode(space.full)[None]}
    table = made.profile(rows, space, shop, Device("board", cores=1, ssh=board), lambda *_: None)
    assert table.contention.tolist() == [0, 1]
    assert table.meta["device"]["remote"]
    assert table.meta["host"]["cores"] == len(usable_cores())
    assert (table["latency_ms"] > 0.0).all()
    assert table["latency_ms"][1] == table["latency_mean_ms"][1]  # among competitors


@pytest.mark.parametrize("words", ["exit 255", "echo nonsense"])
def test_a_machine_that_does_not_answer_is_named(words, plan, tmp_path, monkeypatch):
    script = tmp_path / "ssh"
    script.write_text(f"#!/bin/sh\necho 'Permission denied (publickey).' >&2\n{words}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    gone = Ssh("board", options=("-o", f"Tag={words.split()[0]}"))
    with pytest.raises(UnreachableError, match="board"):
        gone.facts()
    with pytest.raises((UnreachableError, MeasurementError), match="Permission denied"):
        measure(plan, Device(ssh=gone), QUICK)
