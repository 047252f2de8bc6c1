"""Static multi-objective optimisers: one file each."""

from dmo.optimisers.nsga2 import NSGA2
from dmo.optimisers.protocol import Evolution, Optimiser

__all__ = ["NSGA2", "Evolution", "Optimiser"]
