"""One row a crop, written by all who take it for themselves: SCL's mixture bank."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from reidkit.memory.rounds import rounds


class MixtureBank(nn.Module):
    """The vectors M that SCL's loss compares with: M_y <- normalise((M_y + z) / 2).

    A row is written not by its own crop alone, but by every crop that chose it as a positive, and with both
    kinds of features: hence "mixture". It begins at zero, so that a row nobody has written gives the logit 0.
    Source: Pang et al., "Fully Unsupervised Person Re-identification via Selective Contrastive Learning",
    ACM TOMM 2022, as released. There, the order of the writes is what automatic differentiation makes of
    it, and a loss term may see rows that another has just changed. Here the loss is computed with the rows
    as they were, and then :meth:`update` writes them in the order of its arguments.

    Args:
        count: N, the training crops.
        dim: D.
    """

    rows: Tensor
    """(N, D) float32, each of length 1, or 0 where nobody has written yet."""

    def __init__(self, count: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(count, dim))

    @torch.no_grad()
    def update(self, targets: Tensor, features: Tensor) -> None:
        """Write the features, one after another, each into all of its targets.

        Args:
            targets: (B, T) int64, the rows that a feature is written to; negative ones are none.
            features: (B, D), of any length: a longer one takes a larger share of the row.
        """
        source = torch.arange(len(targets), device=targets.device)[:, None].expand_as(targets)
        wanted = targets >= 0
        targets, features = targets[wanted], features.detach().to(self.rows)[source[wanted]]
        for now in rounds(targets):
            self.rows[targets[now]] = functional.normalize(self.rows[targets[now]] + features[now], dim=1)
