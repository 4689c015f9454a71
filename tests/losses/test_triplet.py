"""The triplet losses against their sentences in the papers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from reidkit.losses import batch_hard_triplet, batch_soft_triplet


def hardest(x: np.ndarray, labels: np.ndarray) -> list[tuple[float, float]]:
    """Each anchor's farthest positive and nearest negative."""
    found = []
    for a in range(len(x)):
        d = np.linalg.norm(x - x[a], axis=1)
        positive = [d[p] for p in range(len(x)) if p != a and labels[p] == labels[a]]
        negative = [d[n] for n in range(len(x)) if labels[n] != labels[a]]
        if positive and negative:
            found.append((max(positive), min(negative)))
    return found


def by_sentence(x: np.ndarray, labels: np.ndarray, margin: float) -> float:
    return float(np.mean([max(0.0, margin + p - n) for p, n in hardest(x, labels)] or [0.0]))


def soft_by_sentence(x: np.ndarray, labels: np.ndarray, share: float) -> float:
    terms = []
    for pair in hardest(x, labels):
        of_positive, of_negative = np.exp(pair) / np.exp(pair).sum()
        terms.append(-share * np.log(of_positive) - (1 - share) * np.log(of_negative))
    return float(np.mean(terms or [0.0]))


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 16), people=st.integers(1, 5), seed=st.integers(0, 99))
def test_equals_the_sentence(n: int, people: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, labels = rng.normal(size=(n, 4)), rng.integers(0, people, n)
    loss = batch_hard_triplet(torch.from_numpy(x), torch.from_numpy(labels), margin=0.3)
    assert loss.item() == pytest.approx(by_sentence(x, labels, 0.3), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 16), people=st.integers(1, 5), share=st.sampled_from([0.0, 0.3]), seed=st.integers(0, 99)
)
def test_the_soft_one_equals_its_sentence(n: int, people: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, labels = rng.normal(size=(n, 4)), rng.integers(0, people, n)
    loss = batch_soft_triplet(torch.from_numpy(x), torch.from_numpy(labels), share=share)
    assert loss.item() == pytest.approx(soft_by_sentence(x, labels, share), abs=1e-6)


LOSSES = [
    partial(batch_hard_triplet, margin=2.0), batch_soft_triplet, partial(batch_soft_triplet, share=0.3),
]  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    x = torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    labels = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])
    assert torch.autograd.gradcheck(lambda f: loss(f, labels), x)


@pytest.mark.parametrize("loss", LOSSES)
def test_identical_features_give_a_finite_gradient(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    x = torch.ones(4, 3, requires_grad=True)
    loss(x, torch.tensor([0, 0, 1, 1])).backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_a_gap_of_a_thousand_does_not_overflow() -> None:
    x = torch.tensor([[0.0], [1000.0], [0.0], [1000.0]], requires_grad=True)
    loss = batch_soft_triplet(x, torch.tensor([0, 0, 1, 1]))
    loss.backward()
    assert loss.item() == pytest.approx(1000.0)
    assert x.grad is not None
    assert x.grad.isfinite().all()
