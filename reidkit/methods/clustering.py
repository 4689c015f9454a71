"""How the clustering methods come to their labels: Jaccard distance, then DBSCAN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis, cluster_tree, dbscan, diagnose
from reidkit.labels.reliability import independence_threshold, keep_reliable, reliability
from reidkit.methods.base import Features, configure
from reidkit.neighbours import jaccard_graph, weighted_graph


@dataclass(frozen=True)
class ReliabilityConfig:
    """The choices of SpCL's filter, ``--add reliability``; see :mod:`reidkit.labels.reliability`.

    Attributes:
        gap: how much tighter and looser than eps clusters are looked at; 0.02 is the released value.
    """

    gap: float = 0.02

    def __post_init__(self) -> None:
        if not 0 < self.gap < 1:
            raise ReidkitError(f"reliability: gap = {self.gap}; it must lie between 0 and 1.")


@dataclass(frozen=True)
class ClusteringConfig:
    """The choices; the defaults are Cluster Contrast's released values.

    Attributes:
        k1, k2: of the Jaccard distance.
        eps, min_samples: of DBSCAN.
        reliability: keep only what SpCL's criterion trusts; None keeps all.
    """

    k1: int = 30
    k2: int = 6
    eps: float = 0.6
    min_samples: int = 4
    reliability: ReliabilityConfig | None = None

    def __post_init__(self) -> None:
        gap = self.reliability.gap if self.reliability else 0.0
        if not gap < self.eps <= 1 - gap:
            raise ReidkitError(f"eps = {self.eps}, gap = {gap}: eps - gap and eps + gap must lie in (0, 1].")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ClusteringConfig:
        """Read them from a run's options."""
        added = "reliability" in options["add"]
        return cls(
            **{name: options[name] for name in ("k1", "k2", "eps", "min_samples")},
            reliability=configure(ReliabilityConfig, "reliability", options) if added else None,
        )


class Clustering(nn.Module):
    """From features to pseudo-labels.

    Without the filter, labels are those of scikit-learn's DBSCAN, as published. With it, three cuts of
    one cluster tree are compared.

    Args:
        config: see :class:`ClusteringConfig`.
        views: the weight of each view's Jaccard distance: D = sum_v w_v D_v.

    Raises:
        ReidkitError: weights that are negative, or do not sum to 1.
    """

    threshold: Tensor
    """R_indep that a cluster must reach, from the first epoch on; -1 before it."""

    def __init__(
        self, config: ClusteringConfig | None = None, *, views: Mapping[str, float] | None = None
    ) -> None:
        super().__init__()
        self.config = config or ClusteringConfig()
        weights = views or {"global": 1.0}
        if min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-6:
            raise ReidkitError(f"Weights of the views {dict(weights)}: they must be 0 or more, and sum to 1.")
        self.views = {name: weight for name, weight in weights.items() if weight > 0}
        self.register_buffer("threshold", torch.tensor(-1.0, dtype=torch.float64))

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
        return weighted_graph(graphs, list(self.views.values()), eps=eps)

    def label(self, features: Features) -> tuple[np.ndarray, Diagnosis | None]:
        """Cluster the crops.

        Args:
            features: each view named in ``views``, and the global one.

        Returns:
            (N,) int64 labels, -1 an outlier; and what is wrong with them, if anything.
        """
        c = self.config
        labels = self._reliable(features) if c.reliability else self._plain(features)
        trouble = diagnose(
            labels, features["global"], k1=c.k1, k2=c.k2, eps=c.eps, graph=lambda: self.graph(features)
        )
        return labels, trouble

    def _plain(self, features: Features) -> np.ndarray:
        eps = self.config.eps
        return dbscan(self.graph(features, eps=eps), eps=eps, min_samples=self.config.min_samples)

    def _reliable(self, features: Features) -> np.ndarray:
        """Cluster, and turn what a slightly different eps would change into outliers."""
        c = self.config
        assert c.reliability is not None
        low, high = c.eps - c.reliability.gap, c.eps + c.reliability.gap
        tree = cluster_tree(self.graph(features, eps=high), c.min_samples, eps_max=high)
        labels = tree.cut(c.eps)
        scores = reliability(labels, tight=tree.cut(low), loose=tree.cut(high))
        if self.threshold < 0:
            self.threshold.fill_(independence_threshold(labels, scores))
        return keep_reliable(labels, scores, self.threshold.item())
