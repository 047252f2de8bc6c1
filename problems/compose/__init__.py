"""Compositions: a problem in another order of environments, with noise, rotated, scaled or wider.

Each is a problem of a problem; they nest. What is known of the inner problem - front, set, context - stays
known, and is None where the inner problem tells none. Irregular intervals between changes belong to the
clock: see dmo.Irregular.
"""

from problems.compose.composition import Composition
from problems.compose.coordinates import Rotated, Scaled
from problems.compose.noisy import Noisy
from problems.compose.reordered import Reordered
from problems.compose.widened import Widened

__all__ = ["Composition", "Noisy", "Reordered", "Rotated", "Scaled", "Widened"]
