"""Distillation: a student's features should lie where its teacher's do."""

from __future__ import annotations

from torch import Tensor


def feature_distillation(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean squared Euclidean distance between a student's and a teacher's features.

    D = mean_i |f_i - f^T_i|^2, summed over the dimensions. Of unit vectors it is mean_i (2 - 2 cos), which
    lies between 0 and 4. Source: Lan et al., "Learning to Purification for Unsupervised Person
    Re-identification", IEEE TIP 2023, in the released code's form.

    Args:
        student: (B, D) float32, L2-normalised.
        teacher: (B, D) float32, L2-normalised; no gradient flows into it.

    >>> import torch
    >>> feature_distillation(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    tensor(1.)
    """
    return (student - teacher.detach()).square().sum(dim=1).mean()
