"""The distances of a batch, with a gradient."""

from __future__ import annotations

import torch
from torch import Tensor


def euclidean(features: Tensor) -> Tensor:
    """Return the Euclidean distances of all pairs of rows; a floor keeps the root's gradient finite at 0.

    In float32 even under mixed precision: bfloat16 would round a product just below 1 to a multiple of
    1/256, and so a distance near 0 to 0, 0.09, 0.12 ...

    Args:
        features: (B, D) floating point, any length.

    Returns:
        (B, B) float32, or float64 where the features are.

    >>> euclidean(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])).round(decimals=4)
    tensor([[0.0000, 1.4142, 2.0000],
            [1.4142, 0.0000, 1.4142],
            [2.0000, 1.4142, 0.0000]])
    """
    with torch.autocast(features.device.type, enabled=False):
        features = features.to(torch.promote_types(features.dtype, torch.float32))
        norms = features.square().sum(dim=1)
        squared = norms[:, None] + norms[None, :] - 2 * features @ features.T
        return squared.clamp(min=1e-12).sqrt()


def batch_pairs(features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distances of all positive and of all negative pairs i < j of a batch.

    A crop with a negative label (an outlier) is left out of both: who it shows is unknown.

    Args:
        features: (B, D) floating point; of length 1 if the distances are to lie in [0, 2].
        labels: (B,) integer.

    Returns:
        The distances of pairs with one label, and of pairs with two; (P,) and (N,), either may be empty.

    Two crops of person 7, a right angle apart, one of person 3 opposite the first, and an outlier:

    >>> crops = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    >>> positive, negative = batch_pairs(crops, torch.tensor([7, 7, 3, -1]))
    >>> positive, negative
    (tensor([1.4142]), tensor([2.0000, 1.4142]))
    """
    labels, features = labels[labels >= 0], features[labels >= 0]
    i, j = torch.triu_indices(len(labels), len(labels), offset=1, device=labels.device)
    distance, same = euclidean(features)[i, j], labels[i] == labels[j]
    return distance[same], distance[~same]
