"""Synthetic dynamic problems with known fronts, by the names of the literature."""

from problems.synthetic.df import DF1, DF2, DF3, DF4, DF5, DF6, DF7, DF8, DF9
from problems.synthetic.df3 import DF10, DF11, DF12, DF13, DF14
from problems.synthetic.dmop import DMOP1, DMOP2
from problems.synthetic.dp import DP1, DP2, DP3, DP4, DP5, DP6, DP7, DP8, DP9, DP10
from problems.synthetic.fda import FDA1, FDA4
from problems.synthetic.gta import GTA1, GTA2, GTA3, GTA4, GTA5, GTA6, GTA7, GTA8
from problems.synthetic.gta3 import GTA9, GTA10, GTA11, GTA12
from problems.synthetic.jy import JY1, JY2, JY3, JY4, JY5, JY6, JY7, JY8
from problems.synthetic.jy_mixed import JY9, JY10
from problems.synthetic.sdp import SDP1, SDP2, SDP3, SDP4, SDP5, SDP6
from problems.synthetic.sdp2 import SDP7, SDP8, SDP9, SDP10, SDP11, SDP12
from problems.synthetic.zjz import F5, F6, F7, F8

__all__ = [
    "DF1",
    "DF2",
    "DF3",
    "DF4",
    "DF5",
    "DF6",
    "DF7",
    "DF8",
    "DF9",
    "DF10",
    "DF11",
    "DF12",
    "DF13",
    "DF14",
    "DMOP1",
    "DMOP2",
    "DP1",
    "DP2",
    "DP3",
    "DP4",
    "DP5",
    "DP6",
    "DP7",
    "DP8",
    "DP9",
    "DP10",
    "F5",
    "F6",
    "F7",
    "F8",
    "FDA1",
    "FDA4",
    "GTA1",
    "GTA2",
    "GTA3",
    "GTA4",
    "GTA5",
    "GTA6",
    "GTA7",
    "GTA8",
    "GTA9",
    "GTA10",
    "GTA11",
    "GTA12",
    "JY1",
    "JY2",
    "JY3",
    "JY4",
    "JY5",
    "JY6",
    "JY7",
    "JY8",
    "JY9",
    "JY10",
    "SDP1",
    "SDP2",
    "SDP3",
    "SDP4",
    "SDP5",
    "SDP6",
    "SDP7",
    "SDP8",
    "SDP9",
    "SDP10",
    "SDP11",
    "SDP12",
]
