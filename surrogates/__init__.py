"""Learned predictors: rows of features to the mean and spread of measured quantities."""

from surrogates.active import AtRandom, NearFront
from surrogates.boosting import Boosting, FittedBoosting
from surrogates.columns import Columns
from surrogates.conformal import Conformal, FittedConformal
from surrogates.forest import FittedForest, Forest
from surrogates.gaussian_process import FittedGaussianProcess, GaussianProcess
from surrogates.graph_network import FittedGraphNetwork, GraphNetwork
from surrogates.graphs import Graphs
from surrogates.joint import Joint, Part
from surrogates.mlp import FittedMLP, MLPEnsemble
from surrogates.nearest import FittedNearest, KNearest
from surrogates.protocol import Fitted, Storable, Surrogate
from surrogates.ranking import FittedRanking, Ranking
from surrogates.residual import Residual
from surrogates.ridge import FittedRidge, Ridge
from surrogates.slow_down import SlowDown, Tracker
from surrogates.store import Predictor, load, save
from surrogates.transfer import FittedTransfer, Transfer

__all__ = [
    "AtRandom",
    "Boosting",
    "Columns",
    "Conformal",
    "Fitted",
    "FittedBoosting",
    "FittedConformal",
    "FittedForest",
    "FittedGaussianProcess",
    "FittedGraphNetwork",
    "FittedMLP",
    "FittedNearest",
    "FittedRanking",
    "FittedRidge",
    "FittedTransfer",
    "Forest",
    "GaussianProcess",
    "GraphNetwork",
    "Graphs",
    "Joint",
    "KNearest",
    "MLPEnsemble",
    "NearFront",
    "Part",
    "Predictor",
    "Ranking",
    "Residual",
    "Ridge",
    "SlowDown",
    "Storable",
    "Surrogate",
    "Tracker",
    "Transfer",
    "load",
    "save",
]
