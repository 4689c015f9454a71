"""One row a crop: what it looked like, the last times it was seen."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


class FeatureBank(nn.Module):
    """A running average of every crop's features: SCL's global and local memory banks G and L.

    After a batch, each of its crops, and no other: x_i <- normalise(m x_i + (1 - m) f_i), for each part of
    the body by itself. Source: Pang et al., "Fully Unsupervised Person Re-identification via Selective
    Contrastive Learning", ACM TOMM 2022, as released.

    Args:
        count: N, the training crops.
        dim: width of a part.
        parts: 1 for the global feature, 8 for SCL's stripes.
        momentum: m, the share of the past; released value 0.5.
    """

    rows: Tensor
    """(N, parts, dim) float32, each part of length 1 (of length 0 before it is filled)."""

    def __init__(self, count: int, dim: int, *, parts: int = 1, momentum: float = 0.5) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("rows", torch.zeros(count, parts, dim))

    def fill(self, features: np.ndarray) -> None:
        """Begin with these features, (N, parts * dim), each part of length 1."""
        self.rows.copy_(torch.from_numpy(features).reshape(self.rows.shape))

    def similarity(self, features: Tensor) -> Tensor:
        """Return the cosine between features (B, parts * dim) and all rows, averaged over the parts, (B, N).

        In full precision, whatever the run's: neighbours differ by less than what bfloat16 can tell apart.
        """
        with torch.autocast(features.device.type, enabled=False):
            return features.float() @ self.rows.flatten(1).T / self.rows.shape[1]

    @torch.no_grad()
    def update(self, rows: Tensor, features: Tensor) -> None:
        """Move some rows towards new features.

        Args:
            rows: (B,) int64, none twice.
            features: (B, parts * dim), each part of length 1.
        """
        fresh = features.detach().reshape(-1, *self.rows.shape[1:]).to(self.rows)
        blend = self.momentum * self.rows[rows] + (1 - self.momentum) * fresh
        self.rows[rows] = functional.normalize(blend, dim=-1)
