"""Static multi-objective optimisers: one file each."""

from dmo.optimisers.ccmo import CCMO
from dmo.optimisers.ctaea import CTAEA
from dmo.optimisers.dcmoea import DCMOEA
from dmo.optimisers.decomposition import PBI, Tchebycheff
from dmo.optimisers.moead import MOEAD
from dmo.optimisers.nsga2 import NSGA2
from dmo.optimisers.nsga3 import NSGA3
from dmo.optimisers.penalty_nsga2 import PenaltyNSGA2
from dmo.optimisers.protocol import Evolution, Optimiser
from dmo.optimisers.pymoo_adapter import Pymoo
from dmo.optimisers.relaxation import Shrinking, Unlimited
from dmo.optimisers.rmmeda import RMMEDA
from dmo.optimisers.smsemoa import SMSEMOA
from dmo.optimisers.spea2 import SPEA2

__all__ = [
    "CCMO",
    "CTAEA",
    "DCMOEA",
    "MOEAD",
    "NSGA2",
    "NSGA3",
    "PBI",
    "RMMEDA",
    "SMSEMOA",
    "SPEA2",
    "Evolution",
    "Optimiser",
    "PenaltyNSGA2",
    "Pymoo",
    "Shrinking",
    "Tchebycheff",
    "Unlimited",
]
