"""Who are the positives of a crop that nobody has labelled, and who its negatives?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Cut = Callable[[Tensor], Tensor]
"""From each crop's smallest distances, ascending (B, P + 1), to how many of P are positives, (B,) int64."""


class Selection(NamedTuple):
    """What was chosen for the B crops of a batch, as rows of the memory, nearest first.

    Attributes:
        positives: (B, P) int64; -1 where a crop has fewer than P.
        negatives: (B, Q) int64.
    """

    positives: Tensor
    negatives: Tensor


def everybody(distances: Tensor) -> Tensor:
    """Take all P: SCL's own rule. (B, P + 1) to (B,)."""
    return torch.full((len(distances),), distances.shape[1] - 1, device=distances.device)


def nobody(distances: Tensor) -> Tensor:
    """Take no positives: SCL's warm-up. (B, P + 1) to (B,)."""
    return torch.zeros(len(distances), dtype=torch.int64, device=distances.device)


def two_groups(distances: Tensor) -> Tensor:
    """Say where each row falls into two groups best: a near one and a far one.

    This is Otsu's rule ("A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 1979), known from turning grey pictures into black and white ones: of
    all cuts, the one with the largest w (1 - w) (mean of the far group - mean of the near group)^2, where w
    is the near group's share.

    Args:
        distances: (B, M) floating point, ascending; M at least 2.

    Returns:
        (B,) int64 in 1 .. M - 1, the size of the near group.

    >>> two_groups(torch.tensor([[1.0, 2, 5, 9], [1, 1, 2, 9]]))
    tensor([2, 3])
    """
    count = distances.shape[1]
    near = torch.arange(1, count, device=distances.device)
    sums = distances.cumsum(dim=1)
    gap = (sums[:, -1:] - sums[:, :-1]) / (count - near) - sums[:, :-1] / near
    return (near * (count - near) * gap.square()).argmax(dim=1) + 1


def select(
    distances: Tensor, own: Tensor, *, positives: int, negatives: int, cut: Cut = everybody
) -> Selection:
    """Take the nearest crops for positives, and the next ones, the hard ones, for negatives.

    Source: SCL (Pang et al., ACM TOMM 2022), as released, where both are fixed numbers (7 and 500).

    Args:
        distances: (B, N) floating point.
        own: (B,) int64, which of the N each crop is: it is neither its own positive nor negative.
        positives: P, how many at most; N must be at least P + 2.
        negatives: Q; where N is small, the N - 1 - P that are left.
        cut: says for each crop how many of the P it takes; its negatives begin after these.

    Rows of a recorded epoch's features can be looked at in the same way: d = 2 - 2 e[rows] @ e.T, with e
    from :func:`reidkit.methods.scl.combine`. (In training, the banks stand in for the features of now.)

    Five crops on a line, at 0, 1, 2, 5 and 9; the first one chooses:

    >>> line = torch.tensor([[0.0, 1, 2, 5, 9]])
    >>> select(line, torch.tensor([0]), positives=1, negatives=2)
    Selection(positives=tensor([[1]]), negatives=tensor([[2, 3]]))
    >>> select(line, torch.tensor([0]), positives=3, negatives=2, cut=two_groups)
    Selection(positives=tensor([[ 1,  2, -1]]), negatives=tensor([[3]]))
    """
    negatives = min(negatives, distances.shape[1] - 1 - positives)
    others = distances.detach().scatter(1, own[:, None], torch.inf)
    near, order = others.topk(positives + negatives, largest=False, sorted=True)
    taken = cut(near[:, : positives + 1])[:, None]
    ranks = torch.arange(positives + negatives, device=order.device)
    chosen = order[:, :positives].masked_fill(ranks[:positives] >= taken, -1)
    return Selection(chosen, order.gather(1, taken + ranks[:negatives]))


def distances_to(chosen: Tensor, squared: Tensor) -> Tensor:
    """Return the Euclidean distances to the chosen rows, (number of them,).

    Args:
        chosen: (B, P) int64, of a :class:`Selection`; -1 is left out.
        squared: (B, N), squared distances to all rows. A floor keeps the root's gradient finite at 0.
    """
    return squared.gather(1, chosen.clamp(min=0))[chosen >= 0].clamp(min=1e-12).sqrt()
