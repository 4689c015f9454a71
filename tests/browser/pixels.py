"""What a canvas shows, read off its pixels: WebGL keeps nothing that could be asked."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageColor
from playwright.sync_api import Locator
from scipy.ndimage import distance_transform_edt

NEAR = 40  # of 441: how far a colour may lie off, for what is blended or smoothed


def pixels(locator: Locator) -> np.ndarray:
    """(H, W, 3) int16: what an element looks like now."""
    return np.asarray(Image.open(BytesIO(locator.screenshot())).convert("RGB"), dtype=np.int16)


def colours(locator: Locator) -> set[tuple[int, ...]]:
    """The colours in an element; a blank one has one."""
    return {tuple(colour) for colour in np.unique(pixels(locator).reshape(-1, 3), axis=0)}


def find(locator: Locator, colour: str) -> tuple[float, float]:
    """Return page coordinates of the place that lies deepest in about this colour ("#rrggbb")."""
    near = np.linalg.norm(pixels(locator) - np.array(ImageColor.getrgb(colour)), axis=2) < NEAR
    assert near.any(), f"nothing in {colour}"
    y, x = np.unravel_index(distance_transform_edt(near).argmax(), near.shape)
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + float(x), box["y"] + float(y)
