"""SCL's loss against its formula, crop by crop."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from reidkit.losses import selective_contrast


class Scene(NamedTuple):
    features: Tensor
    memory: Tensor
    own: Tensor
    positives: Tensor
    negatives: Tensor


def scene(positives: int = 3) -> Scene:
    """Five crops, twenty rows; some crops have fewer positives than the others, one has none."""
    generator = torch.Generator().manual_seed(0)
    features = functional.normalize(torch.randn(5, 6, generator=generator, dtype=torch.float64), dim=1)
    memory = functional.normalize(torch.randn(20, 6, generator=generator, dtype=torch.float64), dim=1)
    rows = torch.stack([torch.randperm(20, generator=generator) for _ in range(5)])
    chosen = rows[:, 1 : 1 + positives].clone()
    chosen[1, 1:], chosen[2] = -1, -1
    return Scene(features, memory, rows[:, 0], chosen, rows[:, 10:17])


def slow(s: Scene, scale: float, lambda_t: float, alpha: float) -> float:
    total = 0.0
    for z, i, p, n in zip(s.features, s.own.tolist(), s.positives, s.negatives, strict=True):
        good = [m for m in p.tolist() if m >= 0]
        exps = {m: math.exp(scale * float(z @ s.memory[m])) for m in [i, *good, *n.tolist()]}
        logs = {m: math.log(e / sum(exps.values())) for m, e in exps.items()}
        total -= lambda_t * logs[i]
        if good:
            total -= alpha * (1 - lambda_t) / len(good) * sum(logs[m] for m in good)
    return total / len(s.features)


@pytest.mark.parametrize("positives", [0, 3])
@pytest.mark.parametrize(("scale", "lambda_t", "alpha"), [(10, 0.5, 1.75), (3, 0.2, 1), (10, 1, 1.75)])
def test_the_loss_by_its_formula(positives: int, scale: float, lambda_t: float, alpha: float) -> None:
    s = scene(positives)
    loss = selective_contrast(*s, scale=scale, lambda_t=lambda_t, alpha=alpha)
    assert loss.item() == pytest.approx(slow(s, scale, lambda_t, alpha), abs=1e-10)


def test_the_gradient_is_that_of_the_formula_and_the_memory_gets_none() -> None:
    s = scene()
    features, memory = s.features.requires_grad_(), s.memory.requires_grad_()
    assert torch.autograd.gradcheck(lambda z: selective_contrast(z, memory, *s[2:]), (features,))
    selective_contrast(features, memory, *s[2:]).backward()
    assert memory.grad is None


def test_an_empty_memory_is_a_uniform_softmax_without_a_gradient() -> None:
    s = scene(positives=0)
    features = s.features.requires_grad_()
    loss = selective_contrast(features, torch.zeros(20, 6, dtype=torch.float64), *s[2:])
    assert loss.item() == pytest.approx(0.5 * math.log(1 + 7))
    loss.backward()
    assert not features.grad.any()
