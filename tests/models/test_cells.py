"""A feature taken apart by cells: the parts make the whole, whatever pools and follows."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from reidkit.models import POOLINGS, AveragePool, GeM, build_model, cell_vectors
from reidkit.models.embedder import Embedder


def trained(backbone: str, pooling: str, **network) -> Embedder:
    """A network whose batch norms have seen something, in eval mode."""
    model = build_model(backbone, init="random", pooling=pooling, **network)
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 2)
            module.bias.data.normal_(std=0.1)
    return model.eval()


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(
    ("backbone", "network"),
    [
        ("tiny", {"views": ("global", "upper", "lower")}),
        ("tiny", {"views": ("global", "stripe1", "stripe2"), "projection": {"global": 32, "stripe1": 8}}),
        ("osnet_x0_25", {"views": ("global", "lower")}),  # a head with a ReLU
    ],
)
def test_the_mean_of_the_cells_is_the_feature(pooling: str, backbone: str, network: dict) -> None:
    model = trained(backbone, pooling, **network)
    images = torch.randn(2, 3, 64, 32, generator=torch.Generator().manual_seed(1))
    cells = cell_vectors(model, images)
    with torch.no_grad():
        views = model(images)
    assert set(cells) == set(network["views"])
    for name, view in views.items():
        assert not cells[name].requires_grad
        torch.testing.assert_close(cells[name].mean(dim=(1, 2)), view.normed, rtol=1e-4, atol=1e-5)


def test_shares_of_gem_lie_between_those_of_the_average_and_of_the_maximum() -> None:
    feature_map = torch.rand(2, 5, 4, 3, generator=torch.Generator().manual_seed(0)) + 0.1
    average = AveragePool().shares(feature_map)
    torch.testing.assert_close(GeM(p=1.0).shares(feature_map), average)
    sharp = GeM(p=300.0).shares(feature_map).flatten(2)
    largest = feature_map.flatten(2).argmax(dim=2)
    mass = sharp / sharp.sum(dim=2, keepdim=True)
    won = functional.one_hot(largest, 12).bool()
    assert (mass[won] > 0.5).all()


def test_shares_of_gem_are_slope_times_value() -> None:
    feature_map = torch.rand(1, 3, 2, 2, generator=torch.Generator().manual_seed(0)) + 0.1
    feature_map.requires_grad_()
    gem = GeM(p=3.0)
    (slope,) = torch.autograd.grad(gem(feature_map).sum(), feature_map)
    torch.testing.assert_close(gem.shares(feature_map), 4 * slope * feature_map)
    torch.testing.assert_close(gem.shares(feature_map).mean(dim=(2, 3)), gem(feature_map))


def test_a_silent_channel_has_no_share_that_is_not_a_number() -> None:
    silent = torch.zeros(1, 2, 3, 3)
    assert torch.isfinite(GeM(p=6.0).shares(silent)).all()
