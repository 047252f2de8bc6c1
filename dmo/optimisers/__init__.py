"""Static multi-objective optimisers: one file each."""

from dmo.optimisers.decomposition import PBI, Tchebycheff
from dmo.optimisers.moead import MOEAD
from dmo.optimisers.nsga2 import NSGA2
from dmo.optimisers.protocol import Evolution, Optimiser
from dmo.optimisers.rmmeda import RMMEDA

__all__ = ["MOEAD", "NSGA2", "PBI", "RMMEDA", "Evolution", "Optimiser", "Tchebycheff"]
