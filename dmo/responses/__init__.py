"""Change responses: one file each."""

from dmo.responses.ae import AE
from dmo.responses.associative_memory import AssociativeMemory
from dmo.responses.centroid import Centroid
from dmo.responses.diffusion import Diffusion
from dmo.responses.dip import DIP
from dmo.responses.fcp import FCP
from dmo.responses.fps import FPS
from dmo.responses.hypermutation import Hypermutation
from dmo.responses.igp import IGP
from dmo.responses.imkt import IMKT
from dmo.responses.immigrants import Immigrants
from dmo.responses.kgb import KGB
from dmo.responses.ktmm import KTMM
from dmo.responses.none import NoResponse
from dmo.responses.pps import PPS
from dmo.responses.protocol import Response
from dmo.responses.restart import Restart
from dmo.responses.reuse import Reuse
from dmo.responses.sgea import SGEA
from dmo.responses.svr import SVR
from dmo.responses.tdc import TDC
from dmo.responses.tr_dmoea import TrDMOEA
from dmo.responses.vare import VARE

__all__ = [
    "AE",
    "DIP",
    "FCP",
    "FPS",
    "IGP",
    "IMKT",
    "KGB",
    "KTMM",
    "PPS",
    "SGEA",
    "SVR",
    "TDC",
    "VARE",
    "AssociativeMemory",
    "Centroid",
    "Diffusion",
    "Hypermutation",
    "Immigrants",
    "NoResponse",
    "Response",
    "Restart",
    "Reuse",
    "TrDMOEA",
]
