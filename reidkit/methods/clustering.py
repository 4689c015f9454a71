"""How the clustering methods come to their labels: Jaccard distance, then DBSCAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from torch import nn

from reidkit.errors import ReidkitError
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
    """From features to pseudo-labels.

    Args:
        config: see :class:`ClusteringConfig`.
        views: the weight of each view's Jaccard distance: D = sum_v w_v D_v.

    Raises:
        ReidkitError: weights that are negative, or do not sum to 1.
    """

    def __init__(
        self, config: ClusteringConfig | None = None, *, views: Mapping[str, float] | None = None
    ) -> None:
        super().__init__()
        self.config = config or ClusteringConfig()
        weights = views or {"global": 1.0}
        if min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-6:
            raise ReidkitError(f"Weights of the views {dict(weights)}: they must be 0 or more, and sum to 1.")
        self.views = {name: weight for name, weight in weights.items() if weight > 0}

    def graph(self, features: Features, *, eps: float | None = None) -> sparse.csr_array:
        """Return the (N, N) distances that are clustered, as :func:`reidkit.neighbours.jaccard_graph` does.

        Args:
            features: each view named in ``views``.
            eps: keep only distances <= eps; None keeps all below 1.
        """
        c = self.config
        if len(self.views) == 1:
            return jaccard_graph(features[next(iter(self.views))], k1=c.k1, k2=c.k2, eps=eps)
        graphs = [jaccard_graph(features[name], k1=c.k1, k2=c.k2) for name in self.views]
        return _weighted_graph(graphs, list(self.views.values()), eps=eps)

    def label(self, features: Features) -> tuple[np.ndarray, Diagnosis | None]:
        """Cluster the crops.

        Args:
            features: each view named in ``views``, and the global one.

        Returns:
            (N,) int64 labels, -1 an outlier; and what is wrong with them, if anything.
        """
        c = self.config
        labels = dbscan(self.graph(features, eps=c.eps), eps=c.eps, min_samples=c.min_samples)
        trouble = diagnose(
            labels, features["global"], k1=c.k1, k2=c.k2, eps=c.eps, graph=lambda: self.graph(features)
        )
        return labels, trouble


def _weighted_graph(
    graphs: Sequence[sparse.csr_array], weights: Sequence[float], *, eps: float | None = None
) -> sparse.csr_array:
    """Sum Jaccard graphs, sum_v w_v D_v; in them and in the result, what is not stored is distance 1.

    Args:
        graphs: (N, N) each, and none of them cut at an eps.
        weights: they sum to 1.
        eps: keep only sums <= eps; None keeps all below 1.
    """
    # In terms of what is shared, s = 1 - d, what is not stored is 0: there a sparse sum is right.
    shared = sparse.csr_array(graphs[0].shape, dtype=np.float32)
    for graph, weight in zip(graphs, weights, strict=True):
        part = sparse.csr_array((weight * (1 - graph.data), graph.indices, graph.indptr), shape=graph.shape)
        shared = shared + part.astype(np.float32)
    entries = shared.tocoo()
    distances = np.clip(1 - entries.data, 0, None)
    distances[entries.row == entries.col] = 0
    kept = distances < 1 if eps is None else distances <= eps
    rows, columns = entries.row[kept], entries.col[kept]
    result = sparse.csr_array((distances[kept], (rows, columns)), shape=shared.shape)
    result.sort_indices()
    return result
