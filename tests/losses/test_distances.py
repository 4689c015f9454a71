"""The distances of a batch against two loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from reidkit.losses import batch_pairs, euclidean


def crops(n: int, dim: int = 32, seed: int = 0) -> torch.Tensor:
    noise = torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return functional.normalize(noise, dim=1)


def by_two_loops(x: np.ndarray, labels: np.ndarray) -> tuple[list[float], list[float]]:
    positive, negative = [], []
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            if labels[i] >= 0 and labels[j] >= 0:
                (positive if labels[i] == labels[j] else negative).append(float(np.linalg.norm(x[i] - x[j])))
    return positive, negative


@pytest.mark.parametrize(("p", "k", "pairs"), [(16, 4, (96, 1_920)), (16, 16, (1_920, 30_720))])
def test_pairs_equal_two_loops(p: int, k: int, pairs: tuple[int, int]) -> None:
    x, labels = crops(p * k), torch.arange(p).repeat_interleave(k)
    positive, negative = batch_pairs(x, labels)
    assert (len(positive), len(negative)) == pairs
    expected = by_two_loops(x.numpy(), labels.numpy())
    np.testing.assert_allclose(positive, expected[0], atol=1e-12)
    np.testing.assert_allclose(negative, expected[1], atol=1e-12)


def test_outliers_take_part_in_no_pair() -> None:
    x, labels = crops(64), torch.from_numpy(np.random.default_rng(0).integers(-2, 9, 64))
    assert (labels < 0).sum() > 2
    for mine, expected in zip(batch_pairs(x, labels), by_two_loops(x.numpy(), labels.numpy()), strict=True):
        np.testing.assert_allclose(mine, expected, atol=1e-12)


@pytest.mark.parametrize("labels", [[-1, -1, -1], [4, -1, -1]])
def test_too_few_crops_make_no_pairs(labels: list[int]) -> None:
    assert [len(d) for d in batch_pairs(crops(3), torch.tensor(labels))] == [0, 0]


def test_mixed_precision_does_not_reach_the_distances() -> None:
    x = crops(12).float()
    near = torch.cat([x, functional.normalize(x + 0.01 * crops(12, seed=1).float(), dim=1)])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = euclidean(near)
    torch.testing.assert_close(mixed, euclidean(near), rtol=0, atol=0)
    assert euclidean(near.bfloat16()).dtype == torch.float32


def test_identical_rows_give_a_finite_gradient() -> None:
    x = torch.ones(4, 3, requires_grad=True)
    euclidean(x).sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
