"""Distances of all pairs of crops: the Pos and Neg distributions, and how well they separate."""

from __future__ import annotations

from reidkit.distances.distributions import PairDistributions, pair_distributions
from reidkit.distances.examples import PairExamples, pairs_between
from reidkit.distances.separation import Separation, d_prime, separation

__all__ = [
    "PairDistributions",
    "PairExamples",
    "Separation",
    "d_prime",
    "pair_distributions",
    "pairs_between",
    "separation",
]
