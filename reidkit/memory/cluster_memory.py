"""One vector a cluster: the memory of Cluster Contrast."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reidkit.memory.rounds import rounds


class ClusterMemory(nn.Module):
    """Cluster centroids c_k that follow the features of the batches.

    Source: Dai et al., "Cluster Contrast for Unsupervised Person Re-Identification", ACCV 2022, in the
    released code's form: ``L = -log softmax_y(f . c / tau)`` and, sample by sample in batch order,
    ``c_y <- m c_y + (1 - m) f``, then ``c_y <- c_y / |c_y|``. With m = 0.1 the last sample of a cluster
    makes up about 0.9 of its centroid: order matters, and averaging the batch first is another method.

    Args:
        temperature: tau; released value 0.05.
        momentum: m, the share of the old centroid that stays; released value 0.1. 1 freezes it.
    """

    centroids: Tensor

    def __init__(self, *, temperature: float = 0.05, momentum: float = 0.1) -> None:
        super().__init__()
        self.temperature, self.momentum = temperature, momentum
        self.register_buffer("centroids", torch.empty(0, 0))

    def rebuild(self, features: np.ndarray, labels: np.ndarray) -> None:
        """Set each centroid to the normalised mean of its members (outliers, -1, are left out).

        Args:
            features: (N, D) float32, L2-normalised.
            labels: (N,) int64 pseudo-labels, clusters 0 .. K-1.
        """
        self.centroids = cluster_centroids(features, labels).to(self.centroids.device)

    def loss(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean contrast of features (B, D) with all centroids; labels (B,) int64."""
        return functional.cross_entropy(features @ self.centroids.T / self.temperature, labels)

    @torch.no_grad()
    def update(self, features: Tensor, labels: Tensor) -> None:
        """Move the centroids, sample by sample in batch order (call it after the backward pass).

        The samples of different clusters are applied together: see :func:`reidkit.memory.rounds.rounds`.
        """
        if self.momentum == 1:
            return  # frozen, to the bit: normalising anew would round
        features = features.detach().to(self.centroids.dtype)
        for now in rounds(labels):
            blend = self.momentum * self.centroids[labels[now]]
            blend = blend + (1 - self.momentum) * features[now]
            self.centroids[labels[now]] = functional.normalize(blend, dim=1)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: object) -> None:
        """Take centroids of any number: how many clusters there are differs from epoch to epoch."""
        self.centroids = torch.empty_like(state_dict[prefix + "centroids"], device=self.centroids.device)
        super()._load_from_state_dict(state_dict, prefix, *args)


def cluster_centroids(features: np.ndarray, labels: np.ndarray) -> Tensor:
    """Return the mean of each cluster's members, scaled to length 1; outliers, -1, are left out.

    Args:
        features: (N, D) float32.
        labels: (N,) int64 pseudo-labels, clusters 0 .. K-1.

    Returns:
        (K, D) float32.
    """
    sums = np.zeros((int(labels.max()) + 1, features.shape[1]), np.float64)
    np.add.at(sums, labels[labels >= 0], features[labels >= 0])
    return functional.normalize(torch.from_numpy(sums).float(), dim=1)
