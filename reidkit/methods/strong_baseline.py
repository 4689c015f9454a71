"""SBL: cluster, then learn the clusters as if they were people - identity and triplet loss.

The setting that GDS was made for (Jin et al., ECCV 2020): a network that has learned a labelled source set
(``--init``) is adapted to crops without identities; each epoch they are clustered, and it is trained on
the pseudo-labels. **This is a reconstruction**: the paper's own baseline was not found. In its place stands
one of its time that is fully specified, the strong baseline of OpenUnReID (github.com/open-mmlab/OpenUnReID,
tools/strong_baseline). One epoch:

1. embed all crops; y = DBSCAN (eps = 0.6, min_samples = 4) of the Jaccard distance (k1 = 30, k2 = 6)
2. a classifier with one row a cluster: w_k = normalised mean of cluster k, the row's past forgotten
3. for each batch of 16 clusters x 4 crops, with x the pooled feature and z the same after the batch norm:
   L = CE(softmax_k(z.w_k), y), 0.1 of the target spread over all clusters (label smoothing)
     + softplus(|x - farthest positive| - |x - nearest negative|)

and so 50 times, 400 batches each, Adam at 3.5e-4 throughout, batch norm over 16 images.

Where it differs from the released one: **domain-specific batch norm is not done**. Given a source, the
released one goes on training on it beside the target, with batch norms of its own; here the target is alone.
The released one forgets the optimiser's whole past each epoch, here only the classifier's is forgotten. Its
triplet loss moves the anchor only (:func:`reidkit.losses.batch_soft_triplet`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reidkit.data.samplers import ClusterSampler
from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.losses import batch_soft_triplet
from reidkit.memory import cluster_centroids
from reidkit.methods.base import Batch, Features, Method, Setting, configure
from reidkit.methods.clustering import Clustering, ClusteringConfig
from reidkit.models import View

NEVER = 1_000_000
"""Epochs until the learning rate falls, where it never does."""


@dataclass(frozen=True)
class StrongBaselineConfig:
    """The choices; the defaults are the released values.

    Attributes:
        clustering: k1, k2, eps, min_samples.
        smoothing: of the cross-entropy's target; 0.1 of the weight is spread over all clusters.
        triplet: weight of the triplet loss; that of the cross-entropy is 1.
        share: of the triplet loss's answer that goes to the positive. Its released name is margin.
        sampler: P clusters x K crops and whether camera numbers are used.
    """

    clustering: ClusteringConfig = field(default_factory=ClusteringConfig)
    smoothing: float = 0.1
    triplet: float = 1.0
    share: float = 0.0
    sampler: ClusterSampler = field(default_factory=lambda: ClusterSampler(16, 4))

    def __post_init__(self) -> None:
        for name in ("smoothing", "share"):
            if not 0 <= getattr(self, name) < 1:
                raise ReidkitError(f"sbl.{name} = {getattr(self, name)}: it must be at least 0 and below 1.")
        if not 0 <= self.triplet < float("inf"):
            raise ReidkitError(f"sbl.triplet = {self.triplet}: it must be a number of at least 0.")


class StrongBaseline(Method):
    """The method as the training loop sees it; see the module's text for the equations.

    Args:
        crops: number N of training crops.
        dim: width D of the network's global view.
        config: see :class:`StrongBaselineConfig`.
    """

    name = "sbl"
    presets: Mapping[str, Mapping[str, Any]] = MappingProxyType(
        {
            "paper": {"instances": 4, "iters": 400, "lr_step": NEVER, "bn_images": 16},
            "towns": {"clusters": 16, "instances": 4},
        }
    )

    classifier: nn.Parameter
    """(capacity, D): the first K rows are the clusters', the others 0 and without effect."""

    def __init__(self, crops: int, dim: int, config: StrongBaselineConfig | None = None) -> None:
        super().__init__()
        self.config = config or StrongBaselineConfig()
        self.clustering = Clustering(self.config.clustering)
        capacity = most_clusters(crops, self.config.clustering.min_samples)
        self.classifier = nn.Parameter(torch.zeros(capacity, dim))
        self._clusters = 0

    @classmethod
    def build(cls, setting: Setting) -> StrongBaseline:
        """Its own choices are the settings ``sbl.smoothing``, ``sbl.triplet`` and ``sbl.share``."""
        options = setting.options
        config = configure(
            StrongBaselineConfig, "sbl", options,
            clustering=ClusteringConfig.of(options), sampler=ClusterSampler.of(options),
        )  # fmt: skip
        return cls(len(setting.camids), setting.dims["global"], config)

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """Step 1."""
        return self.clustering.label(features)

    @torch.no_grad()
    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Step 2: the clusters' rows anew.

        Raises:
            ReidkitError: more clusters than the classifier has rows.
        """
        centroids = cluster_centroids(features["global"], labels)
        self._clusters = len(centroids)
        if self._clusters > len(self.classifier):
            raise ReidkitError(
                f"{self._clusters} clusters, but the classifier has {len(self.classifier)} rows: clustering "
                f"with min_samples = {self.config.clustering.min_samples} cannot give so many."
            )
        self.classifier.zero_()
        self.classifier[: self._clusters] = centroids.to(self.classifier)

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """P clusters x K crops over different cameras."""
        return self.config.sampler.batches(labels, camids, count, rng)

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """Step 3: cross-entropy after the batch norm, triplet before it."""
        view, c = views["global"], self.config
        logits = view.normed @ self.classifier[: self._clusters].T
        triplet = batch_soft_triplet(view.pooled, batch.labels, share=c.share)
        return {
            "identity": functional.cross_entropy(logits, batch.labels, label_smoothing=c.smoothing),
            "triplet": c.triplet * triplet,
        }

    def begins_anew(self) -> list[nn.Parameter]:
        """The classifier: row k was another cluster's before."""
        return [self.classifier]


def most_clusters(crops: int, min_samples: int) -> int:
    """Return a bound on the clusters that DBSCAN can find, so that there is a row for each.

    It is half the crops. A cluster has two core crops, or a single one with ``min_samples - 1`` crops within
    eps, all of them edge crops, which may have gone to other clusters. But an edge crop has at most
    ``min_samples - 2`` core crops within eps (with more it were one itself), so there are more edge crops
    than such clusters. Only at ``min_samples`` = 1 may each crop be a cluster of its own.

    >>> most_clusters(12936, 4), most_clusters(12936, 1)
    (6468, 12936)
    """
    return crops // min(2, min_samples)
