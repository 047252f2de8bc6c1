"""Synthetic dynamic problems with constraints g <= 0 that change with time."""

from problems.constrained.dcf import DCF1, DCF2, DCF3, DCF4, DCF5, DCF6, DCF7, DCF8, DCF9, DCF10

__all__ = [
    "DCF1",
    "DCF2",
    "DCF3",
    "DCF4",
    "DCF5",
    "DCF6",
    "DCF7",
    "DCF8",
    "DCF9",
    "DCF10",
]
