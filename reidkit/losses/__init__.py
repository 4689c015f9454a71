"""Loss functions, one a file."""

from reidkit.losses.distances import batch_pairs, euclidean
from reidkit.losses.distillation import feature_distillation
from reidkit.losses.global_distance_separation import (
    GlobalDistanceSeparation,
    GlobalDistanceSeparationConfig,
    pair_statistics,
)
from reidkit.losses.selective_contrast import selective_contrast
from reidkit.losses.triplet import batch_hard_triplet, batch_soft_triplet

__all__ = [
    "GlobalDistanceSeparation",
    "GlobalDistanceSeparationConfig",
    "batch_hard_triplet",
    "batch_pairs",
    "batch_soft_triplet",
    "euclidean",
    "feature_distillation",
    "pair_statistics",
    "selective_contrast",
]
