"""How figures look: colours of Okabe & Ito, which the colour-blind can tell apart; drawn without a screen."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from dmo.files import replacing

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#7F7F7F"
SERIES = (BLUE, RED, GREEN, ORANGE, "#CC79A7", "#56B4E9", "#000000", "#F0E442")
# In grey print, lines are told apart by these.
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
MARKERS = "osD^vPX*"

mpl.rcParams.update(
    {
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 9,
        "legend.frameon": False,
        "pdf.fonttype": 42,  # text stays text, as journals ask
        "svg.hashsalt": "dmo-lab",
    }
)


def write(figure: Figure, file: Path) -> Path:
    """Save a figure in one step; the name's ending tells the format."""
    stamp = {"CreationDate": None} if file.suffix == ".pdf" else {}
    with replacing(file) as partial:
        figure.savefig(partial, dpi=150, metadata=stamp)
    return file
