"""Pseudo-labels: clusters found without identities, and how good they are."""

from reidkit.labels.clustering import OUTLIER, Diagnosis, dbscan, diagnose
from reidkit.labels.quality import label_quality
from reidkit.labels.together import paired

__all__ = ["OUTLIER", "Diagnosis", "dbscan", "diagnose", "label_quality", "paired"]
