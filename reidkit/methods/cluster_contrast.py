"""Cluster Contrast: cluster, then pull every crop to its cluster's centroid.

Dai et al., "Cluster Contrast for Unsupervised Person Re-Identification", ACCV 2022 (arXiv 2103.11568),
as released (alibaba/cluster-contrast-reid). One epoch:

1. embed all crops; d_J = k-reciprocal Jaccard distance (k1 = 30, k2 = 6)
2. y = DBSCAN(d_J, eps = 0.6, min_samples = 4); outliers sit this epoch out
3. c_k = normalised mean of cluster k
4. for each batch of P clusters x K crops: L = -log [exp(f.c_y / tau) / sum_k exp(f.c_k / tau)]
5. after the step, sample by sample: c_y <- normalise(m c_y + (1 - m) f)

The paper's text describes several ways to update the centroids; we follow the code (step 5, m = 0.1 in all
released commands, where the argument's default says 0.2). The gradient uses the centroids before step 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from reidkit.data.samplers import ClusterSampler
from reidkit.labels import Diagnosis
from reidkit.memory import ClusterMemory
from reidkit.methods.base import Batch, Features, Method, Setting
from reidkit.methods.clustering import Clustering, ClusteringConfig
from reidkit.models import View


@dataclass(frozen=True)
class ClusterContrastConfig:
    """The method's choices; the defaults are the released values.

    Attributes:
        clustering: k1, k2, eps, min_samples.
        temperature: tau.
        momentum: m.
        sampler: P x K and whether camera numbers are used.
    """

    clustering: ClusteringConfig = field(default_factory=ClusteringConfig)
    temperature: float = 0.05
    momentum: float = 0.1
    sampler: ClusterSampler = field(default_factory=ClusterSampler)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ClusterContrastConfig:
        """Read them from a run's options: every choice is one of the common ones."""
        return cls(
            clustering=ClusteringConfig.of(options),
            temperature=options["temperature"],
            momentum=options["momentum"],
            sampler=ClusterSampler.of(options),
        )


class ClusterContrast(Method):
    """The method as the training loop sees it; see the module's text for the equations."""

    name = "cluster-contrast"

    def __init__(self, config: ClusterContrastConfig | None = None) -> None:
        super().__init__()
        self.config = config or ClusterContrastConfig()
        self.clustering = Clustering(self.config.clustering)
        self.memory = ClusterMemory(temperature=self.config.temperature, momentum=self.config.momentum)

    @classmethod
    def build(cls, setting: Setting) -> ClusterContrast:
        """Every choice is one of the common options."""
        return cls(ClusterContrastConfig.of(setting.options))

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """Steps 1 and 2: Jaccard distance and DBSCAN."""
        return self.clustering.label(features)

    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Step 3: centroids anew from the labels."""
        self.memory.rebuild(features["global"], labels)

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """P clusters x K crops over different cameras."""
        return self.config.sampler.batches(labels, camids, count, rng)

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """Step 4."""
        return {"contrast": self.memory.loss(views["global"].unit, batch.labels)}

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Step 5."""
        self.memory.update(kept["global"], kept["labels"])
