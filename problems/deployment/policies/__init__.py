"""Policies: what to deploy in each environment. AdaInfer's searchers, its baselines, and the oracle."""

from problems.deployment.policies.additive import ILP
from problems.deployment.policies.evolution import FromScratch
from problems.deployment.policies.kalman import Kalman
from problems.deployment.policies.oracle import Oracle
from problems.deployment.policies.precomputed import PrecomputedSet
from problems.deployment.policies.protocol import Play, Policy
from problems.deployment.policies.search import Search
from problems.deployment.policies.single import OneLayer, UniformCompression
from problems.deployment.policies.static import StaticBest, StaticFull
from problems.deployment.policies.verified import Verified
from problems.deployment.policies.walk import Walk

__all__ = [
    "ILP",
    "FromScratch",
    "Kalman",
    "OneLayer",
    "Oracle",
    "Play",
    "Policy",
    "PrecomputedSet",
    "Search",
    "StaticBest",
    "StaticFull",
    "UniformCompression",
    "Verified",
    "Walk",
]
