"""Memory banks: what a contrastive loss compares a crop with."""

from reidkit.memory.cluster_memory import ClusterMemory, cluster_centroids
from reidkit.memory.feature_bank import FeatureBank
from reidkit.memory.mixture_bank import MixtureBank
from reidkit.memory.selection import Cut, Selection, distances_to, everybody, nobody, select, two_groups

__all__ = [
    "ClusterMemory",
    "Cut",
    "FeatureBank",
    "MixtureBank",
    "Selection",
    "cluster_centroids",
    "distances_to",
    "everybody",
    "nobody",
    "select",
    "two_groups",
]
