"""Cluster Contrast's file against the equations it states."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from reidkit.data.samplers import ClusterSampler
from reidkit.methods import Batch, ClusterContrast, ClusterContrastConfig, ClusteringConfig
from reidkit.models import View


def unit_rows(count: int, dim: int = 16, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def crowd(people: int = 10, each: int = 12, spread: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Features around as many centres as there are people, and who is who."""
    who = np.repeat(np.arange(people), each)
    features = unit_rows(people, 64)[who] + spread * np.random.default_rng(1).normal(size=(len(who), 64))
    return (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32), who


def with_clustering(**choices: float) -> ClusterContrast:
    return ClusterContrast(ClusterContrastConfig(clustering=ClusteringConfig(**choices)))


def batch_of(labels: torch.Tensor) -> Batch:
    return Batch(torch.empty(0), torch.arange(len(labels)), labels)


def test_the_defaults_are_the_released_values() -> None:
    # cluster-contrast-reid at 57b62e9: --k1 30 --k2 6 --eps 0.6 --temp 0.05 --momentum 0.1, 16 instances,
    # DBSCAN(min_samples=4), batch 256 = 16 x 16 (README), RandomMultipleGallerySampler unless --no-cam.
    assert ClusterContrastConfig() == ClusterContrastConfig(
        clustering=ClusteringConfig(k1=30, k2=6, eps=0.6, min_samples=4),
        temperature=0.05,
        momentum=0.1,
        sampler=ClusterSampler(16, 16, True),
    )


def test_labels_are_the_people_where_these_lie_apart() -> None:
    features, who = crowd()
    labels, trouble = with_clustering(k1=12, k2=3).relabel({"global": features}, 0)
    assert trouble is None
    assert labels.dtype == np.int64
    assert len({(a, b) for a, b in zip(labels, who, strict=True)}) == 10
    assert labels.min() == 0


def test_the_diagnosis_comes_with_the_labels() -> None:
    features, _ = crowd(spread=1.0)
    labels, trouble = with_clustering(eps=0.01).relabel({"global": features}, 0)
    assert (labels == -1).all()
    assert trouble is not None
    assert trouble.fatal


def test_an_epoch_by_hand() -> None:
    """Steps 3 to 5: centroids from the features, loss of a batch, centroids after it."""
    method = ClusterContrast()
    features, labels = unit_rows(9), np.array([0, 0, 0, 1, 1, 1, -1, 2, 2])
    method.start_epoch({"global": features}, labels, 0)
    centroids = torch.stack(
        [functional.normalize(torch.from_numpy(features[labels == k].mean(0)), dim=0) for k in range(3)]
    )
    torch.testing.assert_close(method.memory.centroids, centroids)

    batch, targets = torch.from_numpy(unit_rows(4, seed=5)), torch.tensor([0, 0, 2, 1])
    losses = method.losses({"global": View(batch * 7, batch * 3, batch)}, batch_of(targets))
    logits = batch @ centroids.T / 0.05
    expected = (torch.logsumexp(logits, 1) - logits[torch.arange(4), targets]).mean()
    assert list(losses) == ["contrast"]
    torch.testing.assert_close(losses["contrast"], expected)

    for f, y in zip(batch, targets, strict=True):
        centroids[y] = functional.normalize(0.1 * centroids[y] + 0.9 * f, dim=0)
    method.update({"global": batch, "labels": targets})
    torch.testing.assert_close(method.memory.centroids, centroids)


def test_the_memory_gets_no_gradient_and_has_no_parameters() -> None:
    method = ClusterContrast()
    assert list(method.parameters()) == []
    method.start_epoch({"global": unit_rows(8)}, np.arange(8) // 2, 0)
    batch = torch.from_numpy(unit_rows(4)).requires_grad_()
    losses = method.losses({"global": View(batch, batch, batch)}, batch_of(torch.tensor([0, 1, 2, 3])))
    losses["contrast"].backward()
    assert batch.grad is not None
    assert not method.memory.centroids.requires_grad


@pytest.mark.parametrize("cameras", [True, False])
def test_batches_follow_the_samplers_choice_of_cameras(cameras: bool) -> None:
    sampler = ClusterSampler(4, 4, cameras=cameras)
    labels, camids = np.repeat(np.arange(8), 12), np.tile([0, 1, 2], 32)
    batches = ClusterContrast(ClusterContrastConfig(sampler=sampler)).batches(
        labels, camids, 20, np.random.default_rng(0)
    )
    parts = [batch[i : i + 4] for batch in batches for i in range(0, 16, 4)]
    meets_own_camera = [(camids[part[1:]] == camids[part[0]]).any() for part in parts]
    assert any(meets_own_camera) is not cameras


def test_the_state_of_an_epoch_is_saved_whatever_the_number_of_clusters() -> None:
    one, other = ClusterContrast(), ClusterContrast()
    one.start_epoch({"global": unit_rows(8)}, np.arange(8) // 2, 0)
    other.load_state_dict(one.state_dict())
    assert torch.equal(one.memory.centroids, other.memory.centroids)
