"""DC1 to DC10: the constrained track of the CEC2025 competition, all of which are problems of DCF and DCP.

Source of all: Zou, Jiang, Hou, Yu, Hu, Yang, Benchmark Problems for CEC2025 Competition on Dynamic
Multiobjective Optimisation, 2025, section 3.2, and its code (yxz996/CEC2025DMOP). A function returns the
problem under its first name: results of both are the same, and kept as the same.
"""

from __future__ import annotations

from problems.analytic import one_of
from problems.constrained.dcf import DCF4, DCF5, DCF6, DCF9
from problems.constrained.dcp import DCP1, DCP2, DCP4, DCP5, DCP7, DCP8


def DC1(dim: int = 10) -> DCF4:
    """DCF4. Moves: the constraint, with it front and set. Source: report, DC1."""
    return DCF4(dim)


def DC2(dim: int = 10) -> DCF5:
    """DCF5. Moves: the set and the front. Source: report, DC2, with the radius 1.4 of the code."""
    return DCF5(dim)


def DC3(dim: int = 10) -> DCF6:
    """DCF6. Moves: the set, the constraint, with it the front. Source: report, DC3."""
    return DCF6(dim)


def DC4(dim: int = 10) -> DCF9:
    """DCF9. Moves: the set, the constraints, with them the front. Source: report, DC4, as DCF9 deviates."""
    return DCF9(dim)


def DC5(dim: int = 10) -> DCP1:
    """DCP1. Moves: the set and the front. Source: report, DC5."""
    return DCP1(dim)


def DC6(dim: int = 10) -> DCP2:
    """DCP2. Moves: the set and the front. Source: report, DC6."""
    return DCP2(dim)


def DC7(dim: int = 10) -> DCP4:
    """DCP4. Moves: the constraint, with it front and set. Source: report, DC7."""
    return DCP4(dim)


def DC8(dim: int = 10, variant: str = "code") -> DCP5:
    """DCP5 with a distance of its own in the code, with DCP5's own in the text.

    Moves: the constraints, with them front and set. Source: report, DC8, and the code.
    Raises ArgumentError when the variant is neither "code" nor "text".
    """
    one_of("variant", variant, code="a distance at rest", text="linked to the position, as DCP5")
    return DCP5(dim, variant="cec2025" if variant == "code" else "paper")


def DC9(dim: int = 10, drift: float = 1.0) -> DCP7:
    """DCP7, but the code adds t to both objectives after the constraints; the text does not: drift 0.

    Moves: the set, the constraint and the front. Source: report, DC9, and the code.
    """
    return DCP7(dim, drift)


def DC10(dim: int = 10) -> DCP8:
    """DCP8. Moves: the set, the constraints, with them the front. Source: report, DC10."""
    return DCP8(dim)
