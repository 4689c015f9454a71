"""Distillation against its two formulas."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from reidkit.losses import feature_distillation


def unit(count: int, dim: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(count, dim, generator=generator, dtype=torch.float64), dim=1)


@given(count=st.integers(1, 9), dim=st.integers(1, 8), seed=st.integers(0, 99))
def test_of_unit_vectors_it_is_the_mean_of_2_minus_2_cos(count: int, dim: int, seed: int) -> None:
    student, teacher = unit(count, dim, seed), unit(count, dim, seed + 1000)
    cosines = torch.stack([s @ t for s, t in zip(student, teacher, strict=True)])
    torch.testing.assert_close(feature_distillation(student, teacher), (2 - 2 * cosines).mean())


def test_its_gradient_is_right_and_the_teacher_gets_none() -> None:
    student, teacher = unit(5, 4, 0).requires_grad_(), unit(5, 4, 1).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: feature_distillation(s, teacher), student)
    feature_distillation(student, teacher).backward()
    assert student.grad is not None
    assert teacher.grad is None
