"""GDS by hand, against sums over all samples ever seen, and in use."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from reidkit.distances import pair_distributions, separation
from reidkit.errors import ReidkitError
from reidkit.losses import (
    GlobalDistanceSeparation,
    GlobalDistanceSeparationConfig,
    batch_pairs,
    pair_statistics,
)

POSITIVE, NEGATIVE = torch.tensor([0.4, 0.8]).double(), torch.tensor([1.2, 1.4]).double()
"""Means 0.6 and 1.3, variances 0.04 and 0.01."""
NONE = torch.tensor([]).double()


def gds(**options: Any) -> GlobalDistanceSeparation:
    return GlobalDistanceSeparation(GlobalDistanceSeparationConfig(**options)).double()


def people(p: int = 4, k: int = 4, dim: int = 6, seed: int = 0) -> tuple[Tensor, Tensor]:
    noise = torch.randn(p * k, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return noise.requires_grad_(), torch.arange(p).repeat_interleave(k)


def loss(module: GlobalDistanceSeparation, x: Tensor, labels: Tensor) -> Tensor:
    return torch.stack(list(module(*batch_pairs(functional.normalize(x, dim=1), labels)).values())).sum()


@pytest.mark.parametrize(("kappa", "value"), [(0, 0.403186), (1, 0.513015), (2, 0.644397), (3, 0.798139)])
def test_separation_by_hand(kappa: float, value: float) -> None:
    # softplus(0.6 - 1.3 + kappa (0.2 + 0.1)): of -0.7, -0.4, -0.1 and 0.2
    terms = gds(kappa=kappa, sharpness=0.0)(POSITIVE, NEGATIVE)
    assert terms["gds"].item() == pytest.approx(0.403186, abs=5e-7)
    assert terms["gds_hard"].item() == pytest.approx(value, abs=5e-7)


def test_sharpness_and_weights_by_hand() -> None:
    def values(**options: Any) -> dict[str, float]:
        return {name: term.item() for name, term in gds(**options)(POSITIVE, NEGATIVE).items()}

    plain, hard = 0.403186, 0.798139
    assert values(sharpness=10) == pytest.approx({"gds": plain + 0.5, "gds_hard": hard}, abs=1e-6)
    assert values(sharpness=10, spread="std")["gds"] == pytest.approx(plain + 3, abs=1e-6)
    assert values(hard_sharpness=True)["gds_hard"] == pytest.approx(hard + 0.05, abs=1e-6)
    assert values(weight=2, hard_weight=0) == pytest.approx({"gds": 2 * (plain + 0.05)}, abs=1e-6)
    assert values(weight=0, hard_weight=3) == pytest.approx({"gds_hard": 3 * hard}, abs=1e-5)
    assert values(weight=0, hard_weight=0) == {}


@pytest.mark.parametrize(("variance", "value"), [("literal", 0.041), ("pooled", 0.0446)])
def test_momentum_by_hand(variance: str, value: float) -> None:
    module = gds(variance=variance)
    module(POSITIVE, NEGATIVE)
    module.update()
    # mean 0.8, variance 0.05; pooled: 0.041 + 0.9 * 0.1 * (0.8 - 0.6)^2
    module(0.8 + 0.05**0.5 * torch.tensor([-1.0, 1.0]).double(), NEGATIVE)
    module.update()
    torch.testing.assert_close(module.running, torch.tensor([[0.62, value], [1.3, 0.01]]).double())
    assert module.gaussians() == pytest.approx(
        {"gds_pos_mean": 0.62, "gds_pos_std": value**0.5, "gds_neg_mean": 1.3, "gds_neg_std": 0.1}
    )


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=8),
    beta=st.sampled_from([0.0, 0.3, 0.9, 0.99]),
    seed=st.integers(0, 99),
)
def test_pooled_is_the_variance_of_all_samples_with_fading_weights(
    sizes: list[int], beta: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    batches = [rng.uniform(0, 2, size) for size in sizes]
    pooled, literal = gds(beta=beta, variance="pooled"), gds(beta=beta)
    for batch in batches:
        for module in (pooled, literal):
            module(torch.from_numpy(batch), NEGATIVE)
            module.update()
    last = len(batches) - 1
    share = [(1 if t == 0 else 1 - beta) * beta ** (last - t) for t in range(len(batches))]
    weights = np.concatenate([np.full(len(b), w / len(b)) for b, w in zip(batches, share, strict=True)])
    samples = np.concatenate(batches)
    mean = (weights * samples).sum()
    expected = mean, (weights * (samples - mean) ** 2).sum()
    np.testing.assert_allclose(pooled.running[0], expected, atol=1e-12)
    within = sum(w * b.var() for b, w in zip(batches, share, strict=True))
    np.testing.assert_allclose(literal.running[0], (mean, within), atol=1e-12)


def test_beta_0_is_the_batch_alone() -> None:
    for variance in ("literal", "pooled"):
        module = gds(beta=0.0, variance=variance)
        module(POSITIVE + 0.5, NEGATIVE - 0.5)
        module.update()
        again, fresh = module(POSITIVE, NEGATIVE), gds(beta=0.0)(POSITIVE, NEGATIVE)
        torch.testing.assert_close(again, fresh)


@pytest.mark.parametrize("variance", ["literal", "pooled"])
@pytest.mark.parametrize("spread", ["variance", "std"])
@pytest.mark.parametrize("batches_before", [0, 2])
def test_gradient_through_the_features(variance: str, spread: str, batches_before: int) -> None:
    x, labels = people()
    literal = gds(variance=variance, spread=spread)
    for seed in range(1, batches_before + 1):
        loss(literal, *people(seed=seed))
        literal.update()
    rescaled = gds(variance=variance, spread=spread, gradient="rescaled")
    rescaled.load_state_dict(literal.state_dict())
    values = [loss(module, x, labels) for module in (literal, rescaled)]
    assert values[0].item() == values[1].item()
    gradients = [torch.autograd.grad(value, x)[0] for value in values]
    torch.testing.assert_close(gradients[1], gradients[0] / (1 - 0.9), rtol=1e-12, atol=1e-14)
    if batches_before == 0:
        # The batch is its own past. Differences of the value know nothing of detaching: write the past down.
        literal.update()
        torch.testing.assert_close(torch.autograd.grad(loss(literal, x, labels), x)[0], gradients[0])
    assert torch.autograd.gradcheck(lambda f: loss(literal, f, labels), x)


def test_a_forward_pass_may_be_repeated() -> None:
    once, often = gds(), gds()
    for seed in range(3):
        loss(once, *people(seed=seed))
        for other in (7, 8, seed):
            before = often.running.clone()
            loss(often, *people(seed=other))
            torch.testing.assert_close(often.running, before, rtol=0, atol=0, equal_nan=True)
        for module in (once, often, often):
            module.update()
    torch.testing.assert_close(often.running, once.running, rtol=0, atol=0)


@pytest.mark.parametrize("missing", ["positive", "negative", "both"])
@pytest.mark.parametrize("variance", ["literal", "pooled"])
def test_a_batch_without_such_pairs(missing: str, variance: str) -> None:
    pairs = {"positive": POSITIVE.clone(), "negative": NEGATIVE.clone()}
    for side in pairs if missing == "both" else [missing]:
        pairs[side] = NONE.clone()
    for distances in pairs.values():
        distances.requires_grad_()
    fresh, seasoned = gds(variance=variance), gds(variance=variance)
    seasoned(POSITIVE, NEGATIVE)
    seasoned.update()
    before = seasoned.running.clone()

    terms = fresh(**pairs)
    assert {name: term.item() for name, term in terms.items()} == {"gds": 0, "gds_hard": 0}
    for gradient in torch.autograd.grad(sum(terms.values()), list(pairs.values())):
        assert not gradient.any()
    fresh.update()

    terms = seasoned(**pairs)  # the same numbers as the batch before
    torch.testing.assert_close(terms, seasoned(POSITIVE, NEGATIVE))
    gradients = torch.autograd.grad(sum(terms.values()), list(pairs.values()))
    for distances, gradient in zip(pairs.values(), gradients, strict=True):
        assert gradient.isfinite().all()
        assert bool(gradient.any()) == bool(len(distances))
    seasoned(**{name: distances + 0.1 for name, distances in pairs.items()})
    seasoned.update()
    for row, distances in enumerate(pairs.values()):
        assert fresh.running[row].isnan().all() == (len(distances) == 0)
        assert torch.equal(seasoned.running[row], before[row]) == (len(distances) == 0)


def test_identical_crops_give_a_finite_gradient() -> None:
    x = torch.ones(6, 3, requires_grad=True)
    module = GlobalDistanceSeparation()
    loss(module, x, torch.arange(6) % 2).backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_equal_distances_have_the_spread_of_the_floor() -> None:
    positive = torch.full((3,), 0.5).double().requires_grad_()
    term = gds(kappa=2.0, floor=1e-4, weight=0.0)(positive, NEGATIVE)["gds_hard"]
    # softplus(0.5 - 1.3 + 2 (0.01 + 0.1))
    assert term.item() == pytest.approx(math.log1p(math.exp(-0.58)))
    assert torch.autograd.grad(term, positive)[0].isfinite().all()


def test_not_a_number_is_not_hidden() -> None:
    assert all(term.isnan() for term in gds()(POSITIVE * torch.nan, NEGATIVE).values())


def test_processes_commit_what_one_would_that_sees_all_their_pairs() -> None:
    x, labels = people(p=5, k=4)
    units = functional.normalize(x.detach(), dim=1)
    parts = [batch_pairs(units[part], labels[part]) for part in (slice(0, 8), slice(8, 20))]
    everything = [torch.cat(distances) for distances in zip(*parts, strict=True)]
    alone, shared = gds(variance="pooled"), gds(variance="pooled")
    for _ in range(2):
        alone(*everything)
        alone.update()
        shared(*parts[0])
        shared.update(torch.stack([pair_statistics(*part) for part in parts]))
        torch.testing.assert_close(shared.running, alone.running)


@pytest.mark.parametrize("batches", [0, 3])
def test_the_state_survives(batches: int) -> None:
    module, restored = gds(), gds()
    for seed in range(batches):
        loss(module, *people(seed=seed))
        module.update()
    assert set(module.state_dict()) == {"running"}
    restored.load_state_dict(module.state_dict())
    assert restored.gaussians() == pytest.approx(module.gaussians(), nan_ok=True)
    assert math.isnan(module.gaussians()["gds_pos_mean"]) == (batches == 0)
    assert loss(restored, *people(seed=9)).item() == loss(module, *people(seed=9)).item()


@pytest.mark.parametrize("start", ["first-batch", "all-pairs"])
@pytest.mark.parametrize("reset", [True, False])
def test_what_an_epoch_starts_with(start: str, reset: bool) -> None:
    module = gds(start=start, reset_each_epoch=reset)
    x, labels = people(p=5, k=6)
    units = functional.normalize(x.detach(), dim=1)
    labels[3] = -1
    exact = pair_statistics(*batch_pairs(units, labels))[:, 1:]
    unknown = torch.full((2, 2), torch.nan).double()
    first = exact if start == "all-pairs" else unknown

    module.start_epoch(units.float().numpy(), labels.numpy())
    torch.testing.assert_close(module.running, first, atol=1e-6, rtol=0, equal_nan=True)
    module(POSITIVE, NEGATIVE)
    module.update()
    trained = module.running.clone()
    module.start_epoch(units.float().numpy(), labels.numpy())
    expected = first if reset else trained
    torch.testing.assert_close(module.running, expected, atol=1e-6, rtol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": 1.0}, "beta = 1.0"),
        ({"beta": -0.1}, "beta = -0.1"),
        ({"beta": math.nan}, "beta = nan"),
        ({"kappa": -1.0}, "kappa = -1.0"),
        ({"sharpness": math.inf}, "sharpness = inf"),
        ({"weight": -1.0}, "weight = -1.0"),
        ({"hard_weight": math.nan}, "hard_weight = nan"),
        ({"floor": 0.0}, "floor = 0.0"),
        ({"variance": "exact"}, "variance = 'exact': use literal or pooled"),
        ({"gradient": "full"}, "gradient = 'full': use literal or rescaled"),
        ({"spread": "mad"}, "spread = 'mad': use variance or std"),
        ({"start": "zero"}, "start = 'zero': use first-batch or all-pairs"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ReidkitError, match=message):
        GlobalDistanceSeparationConfig(**options)


@pytest.mark.parametrize("only", ["weight", "hard_weight"])
def test_steps_pull_two_people_apart(only: str) -> None:
    """Two people, 24 crops each, around two centres that lie near each other."""
    noise, labels = people(p=2, k=24, dim=8)
    centre = functional.one_hot(labels, 8)
    x = (noise.detach() + centre).requires_grad_()
    module = gds(gradient="rescaled", **{"weight": 0.0, "hard_weight": 0.0} | {only: 1.0})

    def overlap() -> float:
        units = functional.normalize(x.detach(), dim=1).numpy()
        return separation(pair_distributions(units, labels.numpy(), never_positive=None)).overlap

    overlaps = [overlap()]
    for _ in range(4):
        (gradient,) = torch.autograd.grad(loss(module, x, labels), x)
        x = (x - 100 * gradient).detach().requires_grad_()
        module.update()
        overlaps.append(overlap())
    assert overlaps[0] > 0.7
    assert overlaps[1] < overlaps[0] - 0.05
    assert overlaps[-1] < 0.05
    assert sorted(overlaps, reverse=True) == overlaps
