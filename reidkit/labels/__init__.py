"""Pseudo-labels: clusters found without identities, and how good they are."""

from reidkit.labels.clustering import OUTLIER, Diagnosis, dbscan, diagnose
from reidkit.labels.quality import label_quality
from reidkit.labels.together import paired
from reidkit.labels.tree import ClusterTree, cluster_tree

__all__ = [
    "OUTLIER",
    "ClusterTree",
    "Diagnosis",
    "cluster_tree",
    "dbscan",
    "diagnose",
    "label_quality",
    "paired",
]
