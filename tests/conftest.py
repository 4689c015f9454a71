"""Shared by all tests: a cache of their own, and small sets of drawn figures in Market-1501's layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

PEOPLE, CAMERAS, SHOTS = 12, 3, 3
LAST = ("notebooks", "browser")  # folders of the slow tests: what is quickly seen to be wrong is told first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests last, the others stay in their order."""
    items.sort(key=lambda item: LAST.index(item.path.parent.name) if item.path.parent.name in LAST else -1)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep decoded crops out of the user's own cache; subprocesses inherit the variable."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REIDKIT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 people for training and 12 others for the test, under 3 cameras; 64x32 pixels each."""
    root = tmp_path_factory.mktemp("market")
    rng = np.random.default_rng(0)
    for person in range(1, PEOPLE + 1):
        for camera in range(1, CAMERAS + 1):
            for shot in range(SHOTS):
                draw_figure(root / "bounding_box_train", person, camera, shot, rng)
                draw_figure(root / "bounding_box_test", person + PEOPLE, camera, shot, rng)
        draw_figure(root / "query", person + PEOPLE, 1, SHOTS, rng)
    return root


def draw_figure(folder: Path, person: int, camera: int, shot: int, rng: np.random.Generator) -> None:
    """Draw a figure whose clothes belong to the person, and whose ground and light to the camera."""
    folder.mkdir(parents=True, exist_ok=True)
    shirt, legs = np.random.default_rng(person).integers(30, 226, (2, 3))
    light = 1.15 - 0.15 * camera
    image = Image.new("RGB", (32, 64), (40 * camera, 90, 160 - 30 * camera))
    canvas, shift = ImageDraw.Draw(image), int(rng.integers(-3, 4))
    canvas.ellipse((12 + shift, 3, 20 + shift, 13), fill=(200, 160, 130))
    canvas.rectangle((8 + shift, 14, 24 + shift, 36), fill=tuple((shirt * light).astype(int)))
    canvas.rectangle((10 + shift, 37, 22 + shift, 61), fill=tuple((legs * light).astype(int)))
    image.save(folder / f"{person:04d}_c{camera}s1_{shot:06d}_00.png")
