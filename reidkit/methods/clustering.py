"""How the clustering methods come to their labels: Jaccard distance, then DBSCAN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from reidkit.labels import Diagnosis, dbscan, diagnose
from reidkit.methods.base import Features
from reidkit.neighbours import jaccard_graph


@dataclass(frozen=True)
class ClusteringConfig:
    """The choices; the defaults are Cluster Contrast's released values.

    Attributes:
        k1, k2: of the Jaccard distance.
        eps, min_samples: of DBSCAN.
    """

    k1: int = 30
    k2: int = 6
    eps: float = 0.6
    min_samples: int = 4

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ClusteringConfig:
        """Read them from a run's options."""
        return cls(**{name: options[name] for name in ("k1", "k2", "eps", "min_samples")})


class Clustering(nn.Module):
    """From features to pseudo-labels."""

    def __init__(self, config: ClusteringConfig | None = None) -> None:
        super().__init__()
        self.config = config or ClusteringConfig()

    def label(self, features: Features) -> tuple[np.ndarray, Diagnosis | None]:
        """Cluster the crops.

        Args:
            features: the global view is clustered.

        Returns:
            (N,) int64 labels, -1 an outlier; and what is wrong with them, if anything.
        """
        c, f = self.config, features["global"]
        graph = jaccard_graph(f, k1=c.k1, k2=c.k2, eps=c.eps)
        labels = dbscan(graph, eps=c.eps, min_samples=c.min_samples)
        return labels, diagnose(labels, f, k1=c.k1, k2=c.k2, eps=c.eps)
