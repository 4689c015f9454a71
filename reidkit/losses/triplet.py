"""Triplet losses over the hardest pairs of a batch: with a margin, and soft."""

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
    gap = _hardest_gaps(features, labels)
    return functional.relu(margin + gap).mean() if len(gap) else features.sum() * 0.0


def batch_soft_triplet(features: Tensor, labels: Tensor, *, share: float = 0.0) -> Tensor:
    """Ask of each anchor which of its two hardest distances is the larger: it should be the negative's.

    A softmax over the pair (d_p, d_n), the distances to the farthest positive and the nearest negative,
    says how surely the negative is the farther one; the loss is the cross-entropy with the answer
    (share, 1 - share):

        ``mean_a -[share log p_p + (1 - share) log p_n]``,   ``(p_p, p_n) = softmax(d_p, d_n)``

    With share = 0 that is ``mean_a softplus(d_p - d_n)``, the soft margin of Hermans et al. (arXiv
    1703.07737): unlike with a margin, an anchor that is right already still pulls a little. OpenUnReID
    releases it as "softmax triplet", where the share is called margin. There only the anchor gets a
    gradient; here, as in :func:`batch_hard_triplet`, the two crops it is compared with get theirs too.

    Args:
        features: (B, D) floating point, any length; d is Euclidean.
        labels: (B,) integer.
        share: of the answer that goes to the positive, in [0, 1).

    Returns:
        A scalar; 0 (with a gradient of 0) when no anchor has both a positive and a negative.

    Two people, each with two crops 1 apart, 3 from each other: every anchor's gap is 1 - 2 or 1 - 3.

    >>> crops = torch.tensor([[0.0], [1.0], [3.0], [4.0]])
    >>> loss = batch_soft_triplet(crops, torch.tensor([0, 0, 1, 1]))   # ln(1 + e^-1) and ln(1 + e^-2)
    >>> round(loss.item(), 4)
    0.2201
    """
    gap = _hardest_gaps(features, labels)
    return (functional.softplus(gap) - share * gap).mean() if len(gap) else features.sum() * 0.0


def _hardest_gaps(features: Tensor, labels: Tensor) -> Tensor:
    """Return max_p d(a, p) - min_n d(a, n), (A,), for the anchors that have both kinds of pairs."""
    distance = euclidean(features)
    same = labels[:, None] == labels[None, :]
    self_pair = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    positive, negative = same & ~self_pair, ~same
    hardest_positive = distance.masked_fill(~positive, -torch.inf).amax(dim=1)
    hardest_negative = distance.masked_fill(~negative, torch.inf).amin(dim=1)
    usable = positive.any(dim=1) & negative.any(dim=1)
    return hardest_positive[usable] - hardest_negative[usable]
