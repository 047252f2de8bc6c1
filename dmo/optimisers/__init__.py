"""Static multi-objective optimisers: one file each."""

from dmo.optimisers.nsga2 import NSGA2
from dmo.optimisers.protocol import Evolution, Optimiser
from dmo.optimisers.rmmeda import RMMEDA

__all__ = ["NSGA2", "RMMEDA", "Evolution", "Optimiser"]
