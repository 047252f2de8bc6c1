"""DC1 to DC10 are problems of other suites, as the plain loops of the competition's code say."""

from __future__ import annotations

import numpy as np
import pytest
from planes import TIMES, Scalar, agrees
from test_dcf import dcf4, dcf5, dcf6, dcf9
from test_dcp import dc8, dcp1, dcp2, dcp4, dcp5, dcp7, dcp8

from dmo.errors import ArgumentError
from dmo.identity import describe
from problems import constrained
from problems.constrained import DC8, DC9, DCP5, DCP7


def dc9(x: list[float], t: float) -> tuple[list[float], list[float]]:
    f, g = dcp7(x, t)
    return [fi + t for fi in f], g


CODE: list[Scalar] = [dcf4, dcf5, dcf6, dcf9, dcp1, dcp2, dcp4, dc8, dc9, dcp8]
SAME = {1: "DCF4", 2: "DCF5", 3: "DCF6", 4: "DCF9", 5: "DCP1", 6: "DCP2", 7: "DCP4", 10: "DCP8"}
NUMBERS = pytest.mark.parametrize("number", range(1, 11))


@NUMBERS
def test_agrees_with_the_code(number: int) -> None:
    agrees(
        getattr(constrained, f"DC{number}")(),
        CODE[number - 1],
        np.random.default_rng(1),
        on_front=number in (8, 9),
    )


@pytest.mark.parametrize("number", SAME)
@pytest.mark.parametrize("dim", [4, 10])
def test_is_the_problem_of_another_suite(number: int, dim: int) -> None:
    ours, theirs = (getattr(constrained, name)(dim) for name in (f"DC{number}", SAME[number]))
    assert ours == theirs
    assert describe(ours) == describe(theirs)


@NUMBERS
def test_bounds_are_those_of_the_competition(number: int) -> None:
    space = getattr(constrained, f"DC{number}")().space
    low = 0.0 if number in (5, 7) else -1.0
    assert space.lower.tolist() == [0.0] + [low] * 9
    assert space.upper.tolist() == [1.0] * 10


def test_dc8_text_is_dcp5_and_its_code_has_the_same_front() -> None:
    assert DC8(variant="text") == DCP5()
    agrees(DC8(variant="text"), dcp5, np.random.default_rng(2))
    for t in TIMES:
        np.testing.assert_allclose(DC8().front(t, 60), DCP5().front(t, 60), atol=1e-9)
    with pytest.raises(ArgumentError, match="'code' or 'text'"):
        DC8(variant="paper")


def test_dc9_is_dcp7_but_for_its_drift() -> None:
    assert DC9(drift=0.0) == DCP7()
    np.testing.assert_allclose(DC9().front(0.7, 60), DCP7().front(0.7, 60) + 0.7, atol=1e-12)
