"""The ONNX Runtime engine: outputs equal torch's, and every knob arrives in what is executed."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest

from problems.deployment.elastic.shape import Shape
from problems.deployment.engines import load
from problems.deployment.graph.optimise import optimise
from problems.deployment.plan import Plan, build
from problems.deployment.strategy import FUSIONS, LEVELS, Strategy

SHAPE = Shape((16, 32, 32), (2, 1, 1), 20)


@pytest.fixture
def plan(module, images, folder):
    return lambda **choices: build(Strategy(SHAPE, **choices), module, images, folder)


def executed(plan: Plan, folder: Path) -> Counter:
    """How often which node runs, with its attributes: the graph as the session optimises it."""
    file = folder / "executed.onnx"
    optimise(Path(plan.model), plan.level, plan.passes_off, file)
    return Counter(
        (n.domain, n.op_type, tuple(sorted(a.SerializeToString() for a in n.attribute)))
        for n in onnx.load(str(file)).graph.node
    )


def kinds(plan: Plan, folder: Path) -> Counter:
    total: Counter = Counter()
    for (domain, kind, _), n in executed(plan, folder).items():
        total[f"nchwc.{kind}" if "nchwc" in domain else kind] += n
    return total


FP32 = [
    *({"level": level, "preoptimised": pre} for level, pre in product(LEVELS, (False, True))),
    *({"fusion": fusion, "preoptimised": pre} for fusion, pre in product(FUSIONS[1:], (False, True))),
    {"threads": 2},
    {"arena": False},
    {"pattern": False},
    {"arena": False, "pattern": False},
    {"prepacking": False},
    *({"patches": patches, "level": level} for patches, level in product((2, 3), LEVELS)),
    {"patches": 3, "preoptimised": True, "threads": 2, "fusion": "nchwc", "arena": False},
]


@pytest.mark.parametrize("choices", FP32, ids=str)
def test_fp32_output_is_torchs(choices, plan, images, expected) -> None:
    session = load(plan(**choices))
    for batch in (images[:40], images[:1]):
        for _ in range(2):  # the second run uses the memory pattern of the first
            np.testing.assert_allclose(session(batch), expected[: len(batch)], rtol=1e-4, atol=1e-4)


INT8 = [
    *({"level": level, "preoptimised": pre} for level, pre in product(LEVELS, (False, True))),
    {"threads": 2},
    {"arena": False, "pattern": False},
    {"prepacking": False},
    *({"patches": patches, "level": level} for patches, level in product((2, 3), LEVELS)),
]


@pytest.mark.parametrize("choices", INT8, ids=str)
def test_int8_output_is_close_to_torchs(choices, plan, images, expected) -> None:
    """Quantisation costs a seventh of the logits' spread at most, and one decision in ten."""
    session = load(plan(precision="int8", **choices))
    session(images[:1])
    y = session(images)
    assert np.sqrt(np.mean((y - expected) ** 2)) < 0.15 * expected.std()
    assert np.mean(y.argmax(axis=1) == expected.argmax(axis=1)) >= 0.9


@pytest.mark.parametrize("patches", [2, 3])
def test_integer_patches_are_the_integer_network(patches, plan, images) -> None:
    whole, tiled = (load(plan(precision="int8", patches=p))(images[:40]) for p in (1, patches))
    np.testing.assert_allclose(tiled, whole, atol=1e-5)


def test_each_level_and_pass_changes_the_graph(plan, folder) -> None:
    assert kinds(plan(level="disabled"), folder)["BatchNormalization"] == 11
    basic = kinds(plan(level="basic"), folder)
    assert (basic["BatchNormalization"], basic["Conv"], basic["Relu"]) == (0, 11, 9)
    extended = kinds(plan(level="extended"), folder)
    assert (extended["FusedConv"], extended["Relu"]) == (5, 4)
    default = kinds(plan(level="all"), folder)
    assert (default["nchwc.Conv"], default["Relu"], default["Add"]) == (11, 0, 0)
    no_layout = kinds(plan(fusion="nchwc"), folder)
    assert (no_layout["nchwc.Conv"], no_layout["FusedConv"]) == (0, 9)
    assert kinds(plan(fusion="both"), folder)["Relu"] == 5


def test_int8_runs_integer_kernels_from_extended_on(plan, folder) -> None:
    for level in ("disabled", "basic"):
        assert kinds(plan(precision="int8", level=level), folder)["Conv"] == 11
    for level, patches in product(("extended", "all"), (1, 2)):
        made = kinds(plan(precision="int8", level=level, patches=patches), folder)
        assert made["QLinearConv"] >= 11
        assert made["Conv"] == made["Add"] == made["Relu"] == 0
        assert bool(made["Transpose"]) == (level == "all")


def test_patches_replicate_the_first_layers(plan, folder) -> None:
    convs = [kinds(plan(patches=p, level="basic"), folder)["Conv"] for p in (1, 2, 3)]
    assert convs[0] == 11
    assert convs[1] >= 11 + 3 * 2
    assert convs[2] >= 11 + 8


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_patches_share_their_weights(level, precision, plan, folder) -> None:
    sizes = []
    for patches in (1, 2, 3):
        ready = plan(precision=precision, level=level, patches=patches, preoptimised=True)
        weights = onnx.load(ready.model).graph.initializer
        sizes.append(sum(len(w.SerializeToString()) for w in weights))
    assert max(sizes) < 1.1 * sizes[0]


def test_a_preoptimised_file_executes_what_its_level_would(plan, folder) -> None:
    for choices in ({"level": "basic"}, {"fusion": "both"}, {"precision": "int8"}, {"patches": 2}):
        ready = plan(**choices, preoptimised=True)
        assert executed(ready, folder) == executed(plan(**choices), folder)


@pytest.mark.parametrize(
    ("choices", "option", "value"),
    [
        ({"threads": 2}, "intra_op_num_threads", 2),
        ({"arena": False}, "enable_cpu_mem_arena", False),
        ({"pattern": False}, "enable_mem_pattern", False),
    ],
)
def test_session_settings_arrive(choices, option, value, plan) -> None:
    assert getattr(load(plan()).raw.get_session_options(), option) != value
    assert getattr(load(plan(**choices)).raw.get_session_options(), option) == value


def test_prepacking_arrives(plan) -> None:
    for prepacking, value in ((True, "0"), (False, "1")):
        options = load(plan(prepacking=prepacking)).raw.get_session_options()
        assert options.get_session_config_entry("session.disable_prepacking") == value
