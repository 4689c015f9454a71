"""The batch-hard triplet loss of supervised pretraining."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from reidkit.losses.distances import euclidean


def batch_hard_triplet(features: Tensor, labels: Tensor, *, margin: float = 0.3) -> Tensor:
    """Pull each crop's farthest positive nearer than its nearest negative, by a margin.

    ``mean_a max(0, margin + max_p d(a, p) - min_n d(a, n))``, with p over the crops of a's person and n
    over the others in the batch (Hermans et al., "In defense of the triplet loss", arXiv 1703.07737,
    eq. 5). An anchor without a positive besides itself, or without a negative, is left out.

    Args:
        features: (B, D) floating point, any length; d is Euclidean.
        labels: (B,) integer.
        margin: in the unit of d.

    Returns:
        A scalar; 0 (with a gradient of 0) when no anchor has both a positive and a negative.
    """
    distance = euclidean(features)
    same = labels[:, None] == labels[None, :]
    self_pair = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    positive, negative = same & ~self_pair, ~same
    hardest_positive = distance.masked_fill(~positive, -torch.inf).amax(dim=1)
    hardest_negative = distance.masked_fill(~negative, torch.inf).amin(dim=1)
    usable = positive.any(dim=1) & negative.any(dim=1)
    if not usable.any():
        return features.sum() * 0.0
    gap = hardest_positive[usable] - hardest_negative[usable]
    return functional.relu(margin + gap).mean()
