"""Synthetic dynamic problems with constraints g <= 0 that change with time."""

from problems.constrained.cec2025 import DC1, DC2, DC3, DC4, DC5, DC6, DC7, DC8, DC9, DC10
from problems.constrained.dcf import DCF1, DCF2, DCF3, DCF4, DCF5, DCF6, DCF7, DCF8, DCF9, DCF10
from problems.constrained.dcp import DCP1, DCP2, DCP3, DCP4, DCP5, DCP6, DCP7, DCP8, DCP9
from problems.constrained.dctp import DCTP1, DCTP2, DCTP3, DCTP4, DCTP5, DCTP6, DCTP7, DCTP8

__all__ = [
    "DC1",
    "DC2",
    "DC3",
    "DC4",
    "DC5",
    "DC6",
    "DC7",
    "DC8",
    "DC9",
    "DC10",
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
    "DCP1",
    "DCP2",
    "DCP3",
    "DCP4",
    "DCP5",
    "DCP6",
    "DCP7",
    "DCP8",
    "DCP9",
    "DCTP1",
    "DCTP2",
    "DCTP3",
    "DCTP4",
    "DCTP5",
    "DCTP6",
    "DCTP7",
    "DCTP8",
]
