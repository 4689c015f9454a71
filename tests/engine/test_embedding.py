"""Features of a table of crops, against the network called by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from reidkit.data import open_crops
from reidkit.data.augment import MEAN, STD
from reidkit.data.images import read_tile
from reidkit.engine.embedding import embed_crops
from reidkit.models import build_model


def by_hand(model: torch.nn.Module, path: str) -> np.ndarray:
    """One crop through the network, alone."""
    tile = read_tile((path, None), height=model.height, width=model.width)
    image = (torch.from_numpy(np.array(tile)).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    with torch.no_grad():
        return model.eval()(image.permute(2, 0, 1)[None])["global"].unit[0].numpy()


def test_every_row_is_its_own_crop_in_the_tables_order(market: Path) -> None:
    crops = open_crops(market).sample(frac=1, random_state=0)  # an order and an index of its own
    model = build_model("tiny", init="random")
    features = embed_crops(model, crops, device="cpu", progress=False)["global"]
    assert features.shape == (len(crops), model.embedding_dim)
    assert features.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)
    for row in (0, 57, len(crops) - 1):
        np.testing.assert_allclose(features[row], by_hand(model, crops["path"].iloc[row]), atol=1e-4)


def test_the_network_is_left_in_its_mode(market: Path) -> None:
    model = build_model("tiny", init="random").train()
    embed_crops(model, open_crops(market).head(5), device="cpu", progress=False)
    assert model.training
