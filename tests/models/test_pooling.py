"""Pooling against numbers worked by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reidkit.errors import ReidkitError
from reidkit.models.pooling import AveragePool, GeM, make_pool


def test_gem_by_hand() -> None:
    feature_map = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    # (1 + 8 + 27 + 64) / 4 = 25
    assert GeM()(feature_map).item() == pytest.approx(25 ** (1 / 3), rel=1e-6)
    # the lower row alone: (27 + 64) / 2 = 45.5
    assert GeM()(feature_map, slice(1, 2)).item() == pytest.approx(45.5 ** (1 / 3), rel=1e-6)


def test_gem_goes_from_average_to_maximum_as_p_grows() -> None:
    feature_map = torch.rand(3, 5, 4, 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(GeM(p=1.0)(feature_map), AveragePool()(feature_map))
    torch.testing.assert_close(GeM(p=200.0)(feature_map), feature_map.amax(dim=(2, 3)), rtol=0.02, atol=1e-3)


def test_gem_gradients_agree_with_finite_differences() -> None:
    feature_map = torch.rand(2, 3, 4, 2, generator=torch.Generator().manual_seed(1)).double()
    gem = GeM().double()
    assert torch.autograd.gradcheck(gem, feature_map.requires_grad_())

    def sum_at(p: Tensor) -> Tensor:
        return torch.func.functional_call(gem, {"p": p}, feature_map.detach()).sum()

    assert torch.autograd.gradcheck(sum_at, gem.p)


def test_a_silent_channel_keeps_finite_gradients() -> None:
    feature_map = torch.zeros(1, 2, 3, 3, requires_grad=True)
    gem = GeM()
    pooled = gem(feature_map)
    pooled.sum().backward()
    assert pooled.detach().flatten().tolist() == pytest.approx([1e-6, 1e-6])
    assert feature_map.grad is not None
    assert torch.isfinite(feature_map.grad).all()
    assert gem.p.grad is not None
    assert torch.isfinite(gem.p.grad).all()


def test_unknown_pooling_names_the_choices() -> None:
    with pytest.raises(ReidkitError, match=r"pooling='max'.*gem, avg"):
        make_pool("max")
