"""SCL's loss: every crop against a few that it chose, several of them on its own side.

Pang et al., "Fully Unsupervised Person Re-identification via Selective Contrastive Learning", ACM TOMM
2022, in the released code's form.
"""

from __future__ import annotations

import torch
from torch import Tensor


def selective_contrast(
    features: Tensor,
    memory: Tensor,
    own: Tensor,
    positives: Tensor,
    negatives: Tensor,
    *,
    scale: float = 10.0,
    lambda_t: float = 0.5,
    alpha: float = 1.75,
) -> Tensor:
    """Return the mean contrast of a batch with the memory rows that were selected for it.

    For crop i with its feature z, positives P_i, negatives N_i and S_i = {i} + P_i + N_i::

        p(m | z) = exp(t z.M_m) / sum over n in S_i of exp(t z.M_n)
        L_z = - lambda_t log p(i | z) - alpha (1 - lambda_t) / |P_i| * sum over m in P_i of log p(m | z)

    The other positives stay in the sum: crop i's own row and its positives compete with each other too.
    A crop without positives has the first term only. The mean over the batch is ours to assume: the
    notes that we worked from give L for one crop.

    Args:
        features: (B, D), z. SCL's local feature has length sqrt(8), which sharpens its p.
        memory: (N, D), M; it gets no gradient.
        own: (B,) int64, each crop's row of the memory.
        positives: (B, P) int64 rows, P may be 0; a negative number is none.
        negatives: (B, Q) int64 rows, likewise.
        scale: t; released value 10.
        lambda_t: the weight of the crop's own row; released value 0.5.
        alpha: the weight of all positives together is alpha (1 - lambda_t); released value 1.75.

    One crop, one positive, one negative; the memory knows nothing yet, so p = 1/3 for all of them, and
    L = (0.5 + 1.75 * 0.5) ln 3:

    >>> row = torch.tensor
    >>> loss = selective_contrast(torch.ones(1, 2), torch.zeros(3, 2), row([0]), row([[1]]), row([[2]]))
    >>> round(loss.item(), 4)
    1.5106
    """
    members = torch.cat([own[:, None], positives, negatives], dim=1)
    logits = scale * features @ memory.detach().T
    chosen = logits.gather(1, members.clamp(min=0)).masked_fill(members < 0, -torch.inf)
    log_p = chosen.log_softmax(dim=1)
    of_positives = log_p[:, 1 : 1 + positives.shape[1]].masked_fill(positives < 0, 0.0).sum(dim=1)
    mean = of_positives / (positives >= 0).sum(dim=1).clamp(min=1)
    return -(lambda_t * log_p[:, 0] + alpha * (1 - lambda_t) * mean).mean()
