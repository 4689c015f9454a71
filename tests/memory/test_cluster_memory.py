"""The cluster memory against the released code's sequential words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from reidkit.memory import ClusterMemory


def unit(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return functional.normalize(torch.from_numpy(rng.normal(size=shape)).float(), dim=-1)


@settings(max_examples=30, deadline=None)
@given(
    batch=st.integers(1, 40),
    clusters=st.integers(1, 6),
    momentum=st.sampled_from([0.0, 0.1, 0.2, 0.9, 1.0]),
    seed=st.integers(0, 99),
)
def test_update_equals_the_sequential_version(batch: int, clusters: int, momentum: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    memory = ClusterMemory(momentum=momentum)
    memory.centroids = unit(rng, clusters, 8)
    features, labels = unit(rng, batch, 8), torch.from_numpy(rng.integers(0, clusters, batch))
    expected = memory.centroids.clone()
    for f, y in zip(features, labels, strict=True):
        expected[y] = momentum * expected[y] + (1 - momentum) * f
        expected[y] /= expected[y].norm()
    memory.update(features, labels)
    torch.testing.assert_close(memory.centroids, expected)


def test_order_matters_with_the_released_momentum() -> None:
    memory = ClusterMemory(momentum=0.1)
    memory.centroids = torch.tensor([[1.0, 0.0]])
    memory.update(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 0]))
    # By hand: after the first sample (1, 0); after the second (0.1, 0.9) / |(0.1, 0.9)|.
    torch.testing.assert_close(memory.centroids, torch.tensor([[0.110432, 0.993884]]), atol=1e-6, rtol=0)


def test_momentum_1_freezes_to_the_bit() -> None:
    rng = np.random.default_rng(0)
    memory = ClusterMemory(momentum=1.0)
    memory.centroids = unit(rng, 50, 7)
    before = memory.centroids.clone()
    memory.update(unit(rng, 50, 7), torch.arange(50))
    assert torch.equal(memory.centroids, before)


def test_loss_by_hand() -> None:
    memory = ClusterMemory(temperature=0.5)
    memory.centroids = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    loss = memory.loss(torch.tensor([[0.6, 0.8]]), torch.tensor([0]))
    # logits 1.2 and 1.6: -log(e^1.2 / (e^1.2 + e^1.6)) = log(1 + e^0.4)
    assert loss.item() == pytest.approx(np.log1p(np.exp(0.4)), abs=1e-6)


def test_the_gradient_uses_the_centroids_before_the_update() -> None:
    rng = np.random.default_rng(0)
    memory = ClusterMemory()
    memory.centroids = unit(rng, 4, 6)
    features, labels = unit(rng, 10, 6).requires_grad_(), torch.arange(10) % 4
    before = memory.centroids.clone()
    memory.loss(features, labels).backward()
    memory.update(features, labels)
    probability = functional.softmax(features.detach() @ before.T / 0.05, dim=1)
    expected = (probability - functional.one_hot(labels, 4)) @ before / 0.05 / 10
    torch.testing.assert_close(features.grad, expected)


def test_rebuild_takes_the_normalised_mean_and_leaves_outliers_out() -> None:
    memory = ClusterMemory()
    features = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8]], dtype=np.float32)
    memory.rebuild(features, np.array([0, 0, -1, 1]))
    expected = torch.tensor([[0.5**0.5, 0.5**0.5], [0.6, 0.8]])
    torch.testing.assert_close(memory.centroids, expected)


def test_state_is_restored_whatever_the_number_of_clusters() -> None:
    rng = np.random.default_rng(0)
    memory, other = ClusterMemory(), ClusterMemory()
    memory.centroids, other.centroids = unit(rng, 5, 3), unit(rng, 9, 3)
    other.load_state_dict(memory.state_dict())
    torch.testing.assert_close(other.centroids, memory.centroids)
