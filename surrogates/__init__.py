"""Learned predictors: rows of features to the mean and spread of measured quantities."""

from surrogates.joint import Joint, Part
from surrogates.mlp import FittedMLP, MLPEnsemble
from surrogates.protocol import Fitted, Storable, Surrogate
from surrogates.ridge import FittedRidge, Ridge
from surrogates.store import Predictor, load, save

__all__ = [
    "Fitted",
    "FittedMLP",
    "FittedRidge",
    "Joint",
    "MLPEnsemble",
    "Part",
    "Predictor",
    "Ridge",
    "Storable",
    "Surrogate",
    "load",
    "save",
]
