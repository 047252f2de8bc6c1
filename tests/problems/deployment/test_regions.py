"""ONNX Runtime's arena on paper, against ONNX Runtime."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.deployment.elastic.shape import Build
from problems.deployment.engines.onnxruntime_engine import options
from problems.deployment.graph.allocations import Allocations, Kernels
from problems.deployment.graph.families import Graph, exported
from problems.deployment.memory.patches import tile
from problems.deployment.memory.regions import Regions, Step, planned, ran, ran_planned
from problems.deployment.memory.tileable import Network
from problems.deployment.networks.mobilenet import MobileNet
from problems.deployment.networks.resnet import ResNet
from problems.deployment.networks.vgg import VGG

EXTENDED = re.compile(r"Extended allocation by (\d+) bytes")
FLOATS: list[tuple[str, str, Kernels]] = [
    ("plain", "disabled", "float"),
    ("folded", "basic", "float"),
    ("folded", "all", "blocked"),
]
INTEGERS: list[tuple[str, str, Kernels]] = [
    ("int8", "extended", "integer_first"),
    ("int8", "all", "integer"),
    ("int8", "disabled", "dequantised"),
    ("int8", "all", "integer_unpacked"),
    ("int8", "extended", "integer_first_unpacked"),
]
CASES: list[Any] = [
    *((ResNet, (16, 32, 64), tiles, s) for tiles in (1, 2) for s in (*FLOATS, *INTEGERS[:2])),
    *((VGG, (16, 32, 48), tiles, s) for tiles in (1, 2) for s in (*FLOATS, *INTEGERS)),
    *((MobileNet, (16, 32, 32), 1, s) for s in (*FLOATS, INTEGERS[0])),
]
# Channels that do not fill a block; what a block is depends on the processor.
CPU = Path("/proc/cpuinfo")
WIDE = CPU.is_file() and "avx512f" in CPU.read_text()
PARTS = [
    *((VGG, width, tiles, FLOATS[2]) for tiles in (1, 2) for width in ((8, 24, 48), (24, 32, 72))),
    (ResNet, (8, 24, 32), 1, FLOATS[2]),
]
CASES += [pytest.param(*c, marks=pytest.mark.skipif(not WIDE, reason="without AVX-512")) for c in PARTS]


def one(model: onnx.ModelProto) -> Graph:
    """The graph of a single network."""
    network = Network.of(model)
    return Graph(network, 1, {name: tuple(np.array([d]) for d in s) for name, s in network.shape.items()})


def asked_for(
    file: Path, side: int, capfd: pytest.CaptureFixture[str], level: str, **memory: bool
) -> list[int]:
    """Bytes of the regions that a session's arena gets from the system in three runs, as it logs them."""
    settings = options(level, threads=1, **memory)
    settings.log_severity_level = 1
    onnxruntime.set_default_logger_severity(1)
    try:
        capfd.readouterr()
        session = onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
        image = np.zeros((1, 1, side, side), np.float32)
        for _ in range(3):
            session.run(None, {session.get_inputs()[0].name: image})
        return [int(size) for size in EXTENDED.findall(capfd.readouterr().err)]
    finally:
        onnxruntime.set_default_logger_severity(2)


chunks = st.lists(st.one_of(st.integers(1, 3_000_000), st.integers(-8, -1)), max_size=40)


@given(chunks)
def test_no_two_chunks_overlap_and_freed_ones_are_joined(wishes: list[int]) -> None:
    arena, held = Regions(), []
    for wish in wishes:
        if wish > 0:
            held.append(arena.take(wish))
        elif held:
            arena.give(held.pop(wish % len(held)))
        for k, (region, start, room) in enumerate(held):
            assert start + room <= arena.extended[region]
            for other, first, length in held[:k]:
                assert other != region or start + room <= first or first + length <= start
    assert arena.touched <= sum(arena.extended)
    for chunk in held:
        arena.give(chunk)
    before = list(arena.extended)
    for size in before:  # every region is whole again
        arena.take(size)
    assert arena.extended == before


def test_a_planned_block_has_no_gap_that_a_tensor_fits_in() -> None:
    steps = [
        Step([("a", 100)]),
        Step([("b", 50)], (), ["a"]),
        Step([("c", 100)], (), ["b"]),  # where a was
        Step([("d", 60)], (), ["c", "d"]),  # behind c, where b no longer is
    ]
    assert planned(steps) == 160


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="integer kernels of other processors lay out otherwise"
)
@pytest.mark.parametrize(("build", "width", "tiles", "settings"), CASES)
def test_regions_are_those_that_onnx_runtime_asks_for(
    build: Build,
    width: tuple[int, ...],
    tiles: int,
    settings: tuple[str, str, Kernels],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    side, (kind, level, kernels) = 112, settings
    model = tile(exported(build(width, (1, 2, 1)), side, kind), tiles)
    onnx.save(model, str(tmp_path / "model.onnx"))
    graph = one(model)
    steps, stored = Allocations.of(graph, graph.network.order, graph.size, kernels).at(0)
    arena, there = ran(steps, stored), (tmp_path / "model.onnx", side, capfd, level)
    packed = not kernels.endswith("unpacked")
    assert arena.extended == asked_for(*there, pattern=False, prepacking=packed)
    ran_planned(arena, steps)
    assert arena.extended == asked_for(*there, pattern=True, prepacking=packed)
