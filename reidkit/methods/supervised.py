"""Supervised training on known identities: how the first network is made, and the upper bound.

Cross-entropy with label smoothing over a classifier on the BNNeck's output, plus the batch-hard triplet
loss on the pooled feature before it. Source: Luo et al., "Bag of tricks and a strong baseline for deep
person re-identification", CVPRW 2019 (smoothing 0.1, margin 0.3, both weights 1).

This is the one method that is handed identities. It is for a labelled *source* set (Summer town), and for
the supervised bound on the target, which is always drawn and reported as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reidkit.data.samplers import ClusterSampler
from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.losses import batch_hard_triplet
from reidkit.methods.base import Batch, Features, Method, Setting, configure
from reidkit.models import View


@dataclass(frozen=True)
class SupervisedConfig:
    """The choices of the strong baseline.

    Attributes:
        smoothing: of the cross-entropy's target; 0.1 of the weight is spread over all people.
        margin: of the triplet loss.
        triplet: weight of the triplet loss.
        sampler: P people x K crops. The baseline draws without looking at cameras.
    """

    smoothing: float = 0.1
    margin: float = 0.3
    triplet: float = 1.0
    sampler: ClusterSampler = field(default_factory=lambda: ClusterSampler(16, 4, cameras=False))


class Supervised(Method):
    """Learn the people of a labelled set.

    Args:
        pids: (N,) int64 identities of the training crops, in their order.
        dim: width D of the network's global view.
        config: see :class:`SupervisedConfig`.
        seed: of the classifier's first weights.

    Raises:
        ReidkitError: fewer than two identities, or unknown ones (negative).
    """

    name = "supervised"
    clusters = False
    needs_identities = True
    presets: Mapping[str, Mapping[str, Any]] = {
        # The bound: Winter town with its identities, from the same network.
        "towns": {"clusters": 16, "instances": 4, "eval_every": 10, "lr": 1e-3, "lr_step": 7},
    }

    def __init__(
        self, pids: np.ndarray, dim: int, config: SupervisedConfig | None = None, *, seed: int = 0
    ) -> None:
        super().__init__()
        people, labels = np.unique(pids, return_inverse=True)
        if len(people) < 2 or people[0] < 0:
            raise ReidkitError(
                "Supervised training needs a pid for every training crop, and at least two people: "
                f"found {len(people)} different values, the smallest {people[0] if len(people) else '-'}."
            )
        self.config = config or SupervisedConfig()
        self._labels = labels.astype(np.int64)
        self.classifier = nn.Linear(dim, len(people), bias=False)
        generator = torch.Generator().manual_seed(seed)
        nn.init.normal_(self.classifier.weight, std=0.001, generator=generator)

    @classmethod
    def build(cls, setting: Setting) -> Supervised:
        """The baseline draws its positives from anywhere, cameras or not."""
        assert setting.pids is not None, "this method needs identities"
        sampler = replace(ClusterSampler.of(setting.options), cameras=False)
        config = configure(SupervisedConfig, "supervised", setting.options, sampler=sampler)
        return cls(setting.pids, setting.dims["global"], config, seed=setting.options["seed"])

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """The labels are the identities, every epoch."""
        return self._labels, None

    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Nothing to prepare."""

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """P people x K crops."""
        return self.config.sampler.batches(labels, camids, count, rng)

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """Smoothed cross-entropy after the BNNeck, triplet before it."""
        view, c = views["global"], self.config
        labels = batch.labels
        logits = self.classifier(view.normed)
        triplet = batch_hard_triplet(view.pooled, labels, margin=c.margin)
        return {
            "identity": functional.cross_entropy(logits, labels, label_smoothing=c.smoothing),
            "triplet": c.triplet * triplet,
        }
