"""What each cell of the map gives to a crop's feature: the feature taken apart, exactly."""

from __future__ import annotations

import warnings
from typing import cast

import torch
from torch import Tensor

from reidkit.models.embedder import Embedder
from reidkit.models.pooling import AveragePool, GeM


@torch.no_grad()
def cell_vectors(model: Embedder, images: Tensor) -> dict[str, Tensor]:
    """Take the features of images apart by the cells of the map.

    Pooling is taken apart as its `shares` say. What follows (a linear layer, batch norm with its running
    statistics, OSNet's ReLU with the channels that are on) is a straight line around the pooled vector, so it
    can be applied to each cell's share: the derivative along the share, found by forward-mode
    differentiation. Nothing is approximated: the mean over the cells is the view's `normed` vector, up to
    rounding. What is a choice is how GeM's value is shared out; see `GeM.shares`.

    The idea is that of Zhu, Yang, Chen, "Visual explanation for deep metric learning", IEEE TIP 2021: to
    follow the two activations through the layers behind the map, cell by cell.

    Args:
        model: in eval mode; otherwise batch norm mixes the images.
        images: (B, 3, H, W) float32, normalised as ImageNet is.

    Returns:
        For each view (B, h, w, D) float32, h of its own rows.

    >>> from reidkit.models import build_model
    >>> model = build_model("tiny", init="random", views=("global", "upper")).eval()
    >>> {name: tuple(cells.shape) for name, cells in cell_vectors(model, torch.zeros(1, 3, 128, 64)).items()}
    {'global': (1, 8, 4, 256), 'upper': (1, 4, 4, 256)}
    """
    feature_map = model.backbone(images)
    return {name: _take_apart(model, name, feature_map) for name in model.views}


def _take_apart(model: Embedder, name: str, feature_map: Tensor) -> Tensor:
    rows = model.rows(name, feature_map.shape[2])
    pool = cast(AveragePool | GeM, model.pools[name])
    shares = pool.shares(feature_map, rows)
    count, channels, height, width = shares.shape
    shares = shares.permute(0, 2, 3, 1).reshape(-1, channels)
    pooled = pool(feature_map, rows).repeat_interleave(height * width, dim=0)
    with warnings.catch_warnings():  # torch loads its rules for this when first asked, and warns of itself
        warnings.simplefilter("ignore", FutureWarning)
        moved = torch.func.jvp(lambda x: model.behind_pool(name, x)[1], (pooled,), (shares - pooled,))
    whole, change = cast(tuple[Tensor, Tensor], moved)
    return (whole + change).float().reshape(count, height, width, -1)
