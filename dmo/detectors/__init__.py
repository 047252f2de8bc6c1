"""Detectors: how a searcher learns of a change that nobody announces. One file each."""

from dmo.detectors.announced import Announced
from dmo.detectors.population_test import PopulationTest
from dmo.detectors.protocol import Detector, Watch
from dmo.detectors.reevaluate import Reevaluate

__all__ = ["Announced", "Detector", "PopulationTest", "Reevaluate", "Watch"]
