"""The batch-hard triplet loss against its sentence in the paper."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.losses import batch_hard_triplet


def by_sentence(x: np.ndarray, labels: np.ndarray, margin: float) -> float:
    terms = []
    for a in range(len(x)):
        d = np.linalg.norm(x - x[a], axis=1)
        positive = [d[p] for p in range(len(x)) if p != a and labels[p] == labels[a]]
        negative = [d[n] for n in range(len(x)) if labels[n] != labels[a]]
        if positive and negative:
            terms.append(max(0.0, margin + max(positive) - min(negative)))
    return float(np.mean(terms)) if terms else 0.0


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 16), people=st.integers(1, 5), seed=st.integers(0, 99))
def test_equals_the_sentence(n: int, people: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, labels = rng.normal(size=(n, 4)), rng.integers(0, people, n)
    loss = batch_hard_triplet(torch.from_numpy(x), torch.from_numpy(labels), margin=0.3)
    assert loss.item() == pytest.approx(by_sentence(x, labels, 0.3), abs=1e-6)


def test_gradient() -> None:
    x = torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    labels = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])
    assert torch.autograd.gradcheck(lambda f: batch_hard_triplet(f, labels, margin=2.0), x)


def test_identical_features_give_a_finite_gradient() -> None:
    x = torch.ones(4, 3, requires_grad=True)
    batch_hard_triplet(x, torch.tensor([0, 0, 1, 1])).backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
