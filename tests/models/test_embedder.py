"""The embedder: which rows a view sees, what its three depths are, what it refuses."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reidkit.errors import ReidkitError
from reidkit.models import GeM, build_model
from reidkit.models.embedder import Embedder

HALVES = ("global", "upper", "lower")
STRIPES = ("global", *(f"stripe{i}" for i in range(1, 9)))


def crops(batch: int = 4, height: int = 128, width: int = 64) -> Tensor:
    return torch.randn(batch, 3, height, width, generator=torch.Generator().manual_seed(0))


class Signal(torch.nn.Module):
    """A backbone that answers with a map of zeros and one row of ones."""

    def __init__(self, height: int, row: int) -> None:
        super().__init__()
        self.height, self.row = height, row

    def forward(self, images: Tensor) -> Tensor:
        feature_map = torch.zeros(len(images), 256, self.height, 4)
        feature_map[:, :, self.row] = 1.0
        return feature_map


def views_that_see(row: int, *, height: int, views: tuple[str, ...]) -> set[str]:
    model = build_model("tiny", init="random", views=views, pooling="avg").eval()
    model.backbone = Signal(height, row)
    return {name for name, view in model(crops()).items() if view.pooled.max() > 0}


def test_halves_are_cut_in_the_middle() -> None:
    for row in range(8):
        half = "upper" if row < 4 else "lower"
        assert views_that_see(row, height=8, views=HALVES) == {"global", half}
    assert views_that_see(3, height=7, views=HALVES) == {"global", "lower"}  # 7 // 2 rows above


def test_each_stripe_has_its_own_rows() -> None:
    for row in range(16):
        expected = {"global", f"stripe{row // 2 + 1}"}
        assert views_that_see(row, height=16, views=STRIPES) == expected


def test_what_a_frozen_view_has_of_its_own_gets_no_gradient() -> None:
    projection = dict.fromkeys(HALVES, 8)
    model = build_model("tiny", init="random", views=HALVES, projection=projection, frozen=["upper"])
    frozen = {name for name, value in model.named_parameters() if not value.requires_grad}
    biases = {f"necks.{view}.bias" for view in HALVES}
    assert frozen == biases | {name for name, _ in model.named_parameters() if "upper" in name}
    assert {"pools.upper.p", "projections.upper.weight", "necks.upper.weight"} < frozen


@pytest.mark.parametrize("pooling", ["gem", "avg"])
def test_depths_of_a_view(pooling: str) -> None:
    model = build_model("tiny", init="random", views=HALVES, pooling=pooling)
    feature_map = model.backbone(crops())
    views = model(crops())
    assert tuple(views) == HALVES
    rows = {"global": feature_map, "upper": feature_map[:, :, :4], "lower": feature_map[:, :, 4:]}
    for name, view in views.items():
        by_hand = rows[name].mean((2, 3))
        if pooling == "gem":
            by_hand = (rows[name].clamp(1e-6) ** 3).mean((2, 3)) ** (1 / 3)
        torch.testing.assert_close(view.pooled, by_hand)
        spread = view.pooled.var(0, unbiased=False) + 1e-5
        normed = (view.pooled - view.pooled.mean(0)) / spread.sqrt()
        torch.testing.assert_close(view.normed, normed, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(view.unit.norm(dim=1), torch.ones(4))
        torch.testing.assert_close(view.unit * view.normed.norm(dim=1, keepdim=True), view.normed)


def test_each_view_has_its_own_pooling_and_neck_and_no_neck_learns_a_bias() -> None:
    model = build_model("tiny", init="random", views=HALVES)
    sum(view.unit[:, 0].sum() for view in model(crops()).values()).backward()
    assert len({id(model.pools[name].p) for name in HALVES}) == 3
    for name in HALVES:
        neck = model.necks[name]
        assert neck.weight.grad is not None
        assert neck.bias.grad is None
        assert not neck.bias.requires_grad
        assert neck.weight.eq(1).all()
        assert neck.bias.eq(0).all()
        assert isinstance(model.pools[name], GeM)
        assert model.pools[name].p.item() == 3


def test_scl_heads() -> None:
    projection = dict.fromkeys(STRIPES[1:], 32) | {"global": 64}
    model = Embedder("tiny", views=STRIPES, pooling="avg", projection=projection, neck_bias=True)
    assert model.dims == projection
    assert model.embedding_dim == 64
    views = model(crops())
    stripe = model.backbone(crops())[:, :, 2:3].mean((2, 3))
    torch.testing.assert_close(views["stripe3"].pooled, model.projections["stripe3"](stripe))
    assert all(view.unit.shape == (4, projection[name]) for name, view in views.items())
    assert all(neck.bias.requires_grad for neck in model.necks.values())


@pytest.mark.parametrize(
    ("views", "message"),
    [
        (("upper", "lower"), "'global' among them"),
        ("global", "'global' among them"),
        (("global", "middle"), "'middle' is not known"),
        (("global", "upper", "upper"), "twice"),
        (("global", "stripe1", "stripe3"), "'stripe1' to 'stripe2'"),
    ],
)
def test_views_that_make_no_sense(views: tuple[str, ...], message: str) -> None:
    with pytest.raises(ReidkitError, match=message):
        Embedder("tiny", views=views)


def test_stripes_that_do_not_divide_the_map() -> None:
    model = build_model("tiny", init="random", views=STRIPES[:4])
    with pytest.raises(ReidkitError, match=r"3 stripes do not divide the map's 8 rows"):
        model(crops())


def test_projection_of_a_view_that_is_not_there() -> None:
    with pytest.raises(ReidkitError, match="upper"):
        Embedder("tiny", projection={"upper": 8})
