"""Pictures on disk for the data tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Return a function that writes a picture of noise below tmp_path and returns its path."""

    def write(name: str, *, seed: int = 0, height: int = 32, width: int = 16) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(noise).save(path)
        return path

    return write


HEALTHY = [  # of a data set: name, pid, camid, split: people 1 and 2 to train on, 3 and 4 to be found
    ("a.png", 1, 1, "train"),
    ("b.png", 1, 2, "train"),
    ("c.png", 2, 1, "train"),
    ("d.png", 3, 1, "query"),
    ("e.png", 4, 2, "query"),
    ("f.png", 3, 2, "gallery"),
    ("g.png", 4, 1, "gallery"),
    ("h.png", 4, 2, "gallery"),
]


@pytest.fixture
def crops(draw: Draw) -> pd.DataFrame:
    """A healthy data set on disk, no two pictures alike."""
    table = pd.DataFrame(HEALTHY, columns=["path", "pid", "camid", "split"])
    table["path"] = [str(draw(name, seed=seed)) for seed, name in enumerate(table["path"])]
    return table.astype({"pid": "Int64", "camid": "Int64"})
