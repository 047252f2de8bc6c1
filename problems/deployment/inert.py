"""Where knobs of the engines change nothing, by kind of network.

Found by comparing the optimised graphs of all combinations, and the allocations of all memory
settings, in ONNX Runtime 1.32; tests/problems/deployment/test_inert.py compares the graphs again.
Each list is in an order in which one pass suffices.
"""

from __future__ import annotations

from problems.deployment.knobs import Inert

# Both passes belong to levels above; the layout pass to `all` alone.
_LEVELS = (
    Inert({"level": ("disabled", "basic")}, {"fusion": "none"}),
    Inert({"level": ("extended",), "fusion": ("nchwc",)}, {"fusion": "none"}),
    Inert({"level": ("extended",), "fusion": ("both",)}, {"fusion": "activation"}),
)
# Integer convolutions absorb their activation when they are made, and keep their layout.
_INTEGERS = Inert({"precision": ("int8",)}, {"fusion": "none"})
# What `extended` adds to `basic` in a network of convolutions is that pass.
_EXTENDED = Inert({"level": ("extended",), "fusion": ("activation",)}, {"level": "basic", "fusion": "none"})
# The layout pass brings its own fusion, of Relu.
_LAYOUT = Inert({"level": ("all",), "fusion": ("activation",)}, {"fusion": "none"})
# Quantisation has already merged the batch norms; between tiles, `basic` still moves a quantiser.
_MERGED = Inert({"precision": ("int8",), "level": ("basic",), "patches": (1,)}, {"level": "disabled"})
# Optimised not at all, the file optimised beforehand is the file itself.
_FILE = Inert({"level": ("disabled",)}, {"preoptimised": False})
# Of convolutions, only integer ones store weights again (and the classifier, some kilobytes).
_PREPACKING = (
    Inert({"precision": ("fp32",)}, {"prepacking": True}),
    Inert({"level": ("disabled", "basic")}, {"prepacking": True}),
)
# ExecuTorch's portable kernels know no integers. XNNPACK has memory of its own: what is left to plan
# is input and output.
_EXECUTORCH = (
    Inert({"engine": ("executorch",), "precision": ("int8",)}, {"delegate": True}),
    Inert({"engine": ("executorch",), "delegate": (True,)}, {"planner": "greedy"}),
)

# What holds for every graph.
ANY = (*_LEVELS, _FILE, *_EXECUTORCH)

RESIDUAL = (*_LEVELS, _INTEGERS, _EXTENDED, _LAYOUT, _MERGED, _FILE, *_PREPACKING, *_EXECUTORCH)

# ReLU6 is a Clip, which the layout pass leaves alone: the activation pass matters with it too.
INVERTED = (*_LEVELS, _INTEGERS, _EXTENDED, _MERGED, _FILE, *_PREPACKING, *_EXECUTORCH)

# Without additions, `all` differs from `extended` by the layout alone.
PLAIN = (
    *(*_LEVELS, _INTEGERS, _EXTENDED, _LAYOUT),
    Inert({"level": ("all",), "fusion": ("nchwc",)}, {"level": "extended", "fusion": "none"}),
    Inert({"level": ("all",), "fusion": ("both",)}, {"level": "basic", "fusion": "none"}),
    *(_MERGED, _FILE, *_PREPACKING, *_EXECUTORCH),
)

# `extended` fuses layer norms and GELU, `basic` constants; matrix products store their weights again
# once those are constants.
TRANSFORMER = (
    *(*_LEVELS, _INTEGERS, _LAYOUT),
    Inert({"level": ("all",), "fusion": ("nchwc",)}, {"level": "extended", "fusion": "none"}),
    Inert({"level": ("all",), "fusion": ("both",)}, {"level": "extended", "fusion": "activation"}),
    _FILE,
    Inert({"level": ("disabled",)}, {"prepacking": True}),
    Inert({"precision": ("int8",), "level": ("basic",)}, {"prepacking": True}),
    *_EXECUTORCH,
)
